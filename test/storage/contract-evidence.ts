/** What a rollout left behind: every order that was posted for it and every receipt, for somebody who wants proof. */
import { beforeEach, describe, expect, test } from "vitest";
import type { ReportBody } from "../../protocol/frames.ts";
import { later } from "../../protocol/time.ts";
import { device, NOON, stream } from "../support/fleet-builders.ts";
import {
  anAppend,
  anEnvelope,
  aPost,
  aRegistration,
  aReport,
  bootBegan,
  order,
  planId,
  rolloutId,
} from "../support/record-builders.ts";
import { startedRollout } from "../support/started-rollout.ts";
import type { Given } from "./given.ts";

const stepped = (n: number, signed?: string): ReportBody => ({
  kind: "step-progress",
  progress: {
    orderId: order(n),
    step: 0,
    event: "done",
    ...(signed === undefined ? {} : { receipt: anEnvelope(signed) }),
  },
});
const ended = (n: number, signed: string): ReportBody => ({
  kind: "order-ended",
  orderId: order(n),
  receipt: anEnvelope(signed),
});

export const evidenceContract = (given: Given): void => {
  describe("what a rollout left behind", () => {
    beforeEach(async () => {
      for (const n of [1, 2, 3]) await given.one.registerDevice(stream(9), aRegistration(n), NOON);
      await startedRollout(given.one, 1, [1, 2, 3]);
      await startedRollout(given.one, 2, [1]);
    });
    const post = (n: number, expectedVersion: number, posts: ReturnType<typeof aPost>[]) =>
      given.one.appendRollout(
        anAppend({
          rollout: rolloutId(n),
          expectedVersion,
          posts,
          events: [{ kind: "completed", at: NOON, because: "a test" }],
        }),
      );
    const tell = (on: 1 | 2, n: number, sequence: number, body: ReportBody, at = NOON) =>
      given.alternate(on).ingest(stream(on), [aReport(n, sequence, { body, at })], []);
    const traces = async (after: number | null, limit: number) =>
      given.other.rolloutTracesAfter(rolloutId(1), after === null ? null : device(after), limit);

    test("every order of it with its receipts, device by device, and none of another rollout's orders", async () => {
      await post(1, 1, [aPost(1, 1), aPost(2, 2)]);
      await post(2, 1, [aPost(1, 9, planId(2))]);
      await post(1, 2, [aPost(1, 3)]); // what was not taken in time is made anew
      await tell(1, 1, 1, bootBegan());
      await tell(1, 1, 2, stepped(1, "step"));
      await tell(1, 1, 3, stepped(1));
      await tell(2, 1, 4, ended(1, "last"), later(NOON, 1));
      await tell(2, 2, 1, ended(2, "other device"));

      const [first, second, third, ...more] = await traces(null, 9);
      expect(more).toEqual([]);
      expect(first).toMatchObject({ device: device(1), name: "PC-1", registeredAt: NOON, group: null });
      expect(first?.publicKey).toBe(aRegistration(1).publicKey);
      expect(first?.orders).toEqual([anEnvelope("order 1"), anEnvelope("order 3")]);
      expect(first?.receipts).toMatchObject([
        { of: "step", stream: stream(1), receipt: anEnvelope("step") },
        { of: "order", stream: stream(2), receipt: anEnvelope("last") },
      ]);
      expect(second).toMatchObject({ device: device(2), orders: [anEnvelope("order 2")] });
      expect(second?.receipts.map(({ receipt }) => receipt)).toEqual([anEnvelope("other device")]);
      expect(third).toMatchObject({ device: device(3), orders: [], receipts: [] });
    });

    test("says of each receipt where in the feed it stands", async () => {
      const before = (await given.one.feedEnd())[stream(1)] ?? 0;
      await tell(1, 1, 1, stepped(1, "one"));
      await tell(1, 1, 2, ended(1, "two"));
      const [trace] = await traces(null, 1);
      expect(trace?.receipts.map(({ sequence }) => sequence)).toEqual([before + 1, before + 2]);
    });

    test("a page at a time; nothing of a rollout that is not there", async () => {
      const pages = [await traces(null, 2), await traces(2, 2), await traces(3, 2)];
      expect(pages.map((page) => page.map((trace) => trace.device))).toEqual([[device(1), device(2)], [device(3)], []]);
      expect(await given.one.rolloutTracesAfter(rolloutId(7), null, 9)).toEqual([]);
    });

    test("a word of a device that only looks like a receipt is none", async () => {
      const because = '"receipt":{"payload":""}';
      await tell(1, 1, 1, { kind: "order-refused", orderId: order(1), rule: "expired", because });
      await tell(1, 1, 2, stepped(1, "real"));
      expect((await traces(null, 1))[0]?.receipts.map(({ receipt }) => receipt)).toEqual([anEnvelope("real")]);
    });
  });
};
