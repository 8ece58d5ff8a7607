/** Mailboxes: what an agent may have, in which order, and when it is over. */
import { beforeEach, describe, expect, test } from "vitest";
import type { RolloutAppend } from "../../controller/store/rollouts.ts";
import type { ReportBody } from "../../protocol/frames.ts";
import { device, NOON, stream } from "../support/fleet-builders.ts";
import {
  anAppend,
  anEnvelope,
  aPost,
  aRegistration,
  aReport,
  order,
  planId,
  rolloutId,
} from "../support/record-builders.ts";
import { startedRollout } from "../support/started-rollout.ts";
import type { Given } from "./given.ts";

export const mailboxContract = (given: Given): void => {
  describe("mailbox", () => {
    let versions: Record<string, number>;
    let sequence: number;
    beforeEach(async () => {
      versions = {};
      sequence = 0;
      for (const n of [1, 2]) await given.one.registerDevice(stream(9), aRegistration(n), NOON);
      for (const n of [1, 2]) await startedRollout(given.one, n, [1, 2]);
    });

    /** Appends one event to rollout `n`. */
    async function append(n: number, over: Partial<RolloutAppend>) {
      const expectedVersion = versions[n] ?? 1;
      versions[n] = expectedVersion + 1;
      const events = [{ kind: "completed", at: NOON, because: "a test" } as const];
      const answer = await given.one.appendRollout(
        anAppend({ rollout: rolloutId(n), expectedVersion, events, ...over }),
      );
      if (answer.kind !== "appended") throw new Error(`expected an append, got ${answer.kind}`);
      return answer;
    }
    const post = (...orders: number[]) => append(1, { posts: orders.map((n) => aPost(1, n)) });
    const withdraw = (n: number) => append(1, { withdrawals: [{ device: device(1), order: order(n) }] });
    const take = async (n = 1) =>
      (await given.other.takeMailbox(device(n), NOON)).map(({ orderId, withdrawn }) => [orderId, withdrawn]);
    const say = (n: number, body: ReportBody) => given.other.ingest(stream(1), [aReport(n, ++sequence, { body })], []);
    const ended = (n: number): ReportBody => ({ kind: "order-ended", orderId: order(n), receipt: anEnvelope("done") });
    const refused = (n: number): ReportBody => ({
      kind: "order-refused",
      orderId: order(n),
      rule: "expired",
      because: "late",
    });

    test("is empty for a device without orders, and for one that nobody knows", async () => {
      expect(await take()).toEqual([]);
      expect(await take(99)).toEqual([]);
    });

    test("an order comes with its own envelope and the statement of its plan, as often as it is asked for", async () => {
      await post(1);
      const expected = {
        orderId: order(1),
        withdrawn: false,
        order: anEnvelope("order 1"),
        statement: anEnvelope("plan 1"),
      };
      expect(await given.one.takeMailbox(device(1), NOON)).toEqual([expected]);
      expect(await given.other.takeMailbox(device(1), NOON)).toEqual([expected]);
      expect(await take(2)).toEqual([]);
    });

    test("every order stays readable after it has ended, newest first, a page at a time", async () => {
      expect(await given.one.ordersOf(device(1), 9)).toEqual([]);
      await post(1);
      await append(2, { posts: [aPost(1, 2, planId(2)), aPost(2, 9, planId(2))] });
      await post(3);
      await take();
      await say(1, ended(1));
      await withdraw(3);
      const first = { order: order(1), position: 1, plan: planId(1), rollout: rolloutId(1), withdrawn: false };
      const envelopes = { envelope: anEnvelope("order 1"), statement: anEnvelope("plan 1") };
      const all = await given.other.ordersOf(device(1), 9);
      expect(all[2]).toEqual({ ...first, ...envelopes, status: "ended", handedAt: NOON });
      expect(all[1]).toMatchObject({ order: order(2), plan: planId(2), status: "waiting", handedAt: null });
      expect(all[0]).toMatchObject({ order: order(3), status: "ended", withdrawn: true, handedAt: null });
      expect(await given.one.ordersOf(device(1), 2)).toEqual(all.slice(0, 2));
      expect(await given.one.ordersOf(device(1), 2, 2)).toEqual(all.slice(2));
      expect(await given.one.ordersOf(device(1), 2, 1)).toEqual([]);
    });

    test("of two orders the agent gets the older one, until it has ended", async () => {
      await post(1);
      await append(2, { posts: [aPost(1, 2, planId(2))] });
      expect(await take()).toEqual([[order(1), false]]);
      await say(1, ended(1));
      expect(await take()).toEqual([[order(2), false]]);
      await say(1, refused(2));
      expect(await take()).toEqual([]);
    });

    test("an order with an older id does not overtake the one that was handed", async () => {
      await post(5);
      await take();
      await append(2, { posts: [aPost(1, 2, planId(2))] });
      expect(await take()).toEqual([[order(5), false]]);
    });

    test("an order does not end by the report of another device", async () => {
      await post(1);
      await say(2, ended(1));
      await say(2, refused(1));
      expect(await take()).toEqual([[order(1), false]]);
    });

    test("an order does not end by progress, and not by a report that is a conflict", async () => {
      await post(1);
      await say(1, { kind: "order-accepted", orderId: order(1) });
      await given.one.ingest(stream(1), [aReport(1, sequence, { body: ended(1), said: "forged" })], []);
      expect(await take()).toEqual([[order(1), false]]);
    });

    test("withdrawn before it was handed, it is gone", async () => {
      await post(1);
      await withdraw(1);
      expect(await take()).toEqual([]);
    });

    test("withdrawn after it was handed, the agent is told until it says that it has ended", async () => {
      await post(1);
      await take();
      await withdraw(1);
      expect(await take()).toEqual([[order(1), true]]);
      expect(await take()).toEqual([[order(1), true]]);
      await say(1, ended(1));
      expect(await take()).toEqual([]);
    });

    test("the next order comes together with what was last withdrawn, four in all", async () => {
      for (const n of [1, 2, 3, 4]) {
        await post(n);
        await take();
        await withdraw(n);
      }
      await post(5);
      const orders = await take();
      expect(orders[0]).toEqual([order(5), false]);
      expect(orders.slice(1)).toEqual([order(2), order(3), order(4)].map((id) => [id, true]));
    });

    test("withdrawn after its end, it stays ended", async () => {
      await post(1);
      await take();
      await say(1, ended(1));
      await withdraw(1);
      expect(await take()).toEqual([]);
    });

    test("asked for by two gateways at once, both give the same order", async () => {
      await post(1);
      const answers = await Promise.all([0, 1, 2, 3].map((i) => given.alternate(i).takeMailbox(device(1), NOON)));
      expect(answers.map((orders) => orders.map(({ orderId }) => orderId))).toEqual(Array(4).fill([order(1)]));
    });

    test("recalled and taken at the same moment, either the agent has it or the recall counts", async () => {
      for (let n = 1; n <= 12; n++) {
        await post(n);
        const [taken, { tooLate }] = await Promise.all([
          given.other.takeMailbox(device(1), NOON),
          append(1, { recalls: [{ device: device(1), order: order(n) }] }),
        ]);
        expect(tooLate).toEqual(taken.map(({ orderId }) => orderId));
        await say(1, ended(n));
      }
    });
  });
};
