/** Rollouts: all of an append or nothing of it, from the leader of now, on the version it was decided on. */
import { beforeEach, describe, expect, test } from "vitest";
import type { RolloutAppend, RolloutDeviceRow } from "../../controller/store/rollouts.ts";
import type { RolloutEvent } from "../../protocol/rollout.ts";
import { later } from "../../protocol/time.ts";
import { device, NOON, stream } from "../support/fleet-builders.ts";
import {
  anAppend,
  aPlanRow,
  aPost,
  aStatement,
  aRegistration,
  aRolloutDevice,
  aRolloutRow,
  order,
  planId,
  rolloutId,
  statementDigest,
} from "../support/record-builders.ts";
import { LEADER, startedRollout } from "../support/started-rollout.ts";
import { countOf, type Given } from "./given.ts";

const STARTED: RolloutEvent = { kind: "started", at: NOON, by: { kind: "person", name: "Ada" } };
const paused = (because: string): RolloutEvent => ({
  kind: "paused",
  at: NOON,
  by: { kind: "engine", rule: "deadline" },
  because,
});
const offered = (n: number, orderNumber: number): RolloutDeviceRow =>
  aRolloutDevice(n, { status: "offered", generation: 1, order: order(orderNumber) });

export const rolloutsContract = (given: Given): void => {
  describe("starting a rollout", () => {
    test("keeps the plan, the first event and all devices", async () => {
      await given.one.addPlan(aPlanRow(1));
      const rows = [3, 1, 2].map((n) => aRolloutDevice(n, { wave: n, detail: n === 2 ? "a word" : null }));
      expect(await given.one.createRollout(aRolloutRow(1), rows, STARTED, statementDigest(1))).toBe(true);
      expect(await given.other.rollouts()).toEqual([aRolloutRow(1)]);
      expect(await given.other.rolloutEvents(rolloutId(1))).toEqual([STARTED]);
      expect((await given.other.plan(planId(1)))?.rollout).toBe(rolloutId(1));
      const sorted = rows.toSorted((a, b) => a.wave - b.wave);
      expect(await given.other.rolloutDevicesAfter(rolloutId(1), null, 2)).toEqual(sorted.slice(0, 2));
      expect(await given.other.rolloutDevicesAfter(rolloutId(1), device(2), 2)).toEqual(sorted.slice(2));
    });

    test("happens once a plan, however many ask at once", async () => {
      await given.one.addPlan(aPlanRow(1));
      const rows = Array.from({ length: 6 }, (_, i) => ({ ...aRolloutRow(1), id: rolloutId(i + 1) }));
      const answers = await Promise.all(
        rows.map((row, i) => given.alternate(i).createRollout(row, [aRolloutDevice(1)], STARTED, statementDigest(1))),
      );
      expect(countOf(answers, true)).toBe(1);
      expect(await given.one.rollouts()).toHaveLength(1);
    });

    test("does not happen for a text that was replaced meanwhile", async () => {
      await given.one.addPlan(aPlanRow(1));
      await given.other.replacePlan({ ...aPlanRow(1), statement: aStatement(2), generation: 2 });
      expect(await given.one.createRollout(aRolloutRow(1), [], STARTED, statementDigest(1))).toBe(false);
      expect(await given.one.rollouts()).toEqual([]);
      expect((await given.one.plan(planId(1)))?.rollout).toBeNull();
    });

    test("of a plan that is not there is an error and leaves nothing", async () => {
      await expect(given.one.createRollout(aRolloutRow(1), [], STARTED, statementDigest(1))).rejects.toThrow(/no plan/);
      expect(await given.other.rollouts()).toEqual([]);
    });

    test("a large fleet is stored whole", async () => {
      await given.one.addPlan(aPlanRow(1));
      const rows = Array.from({ length: 12_000 }, (_, i) => aRolloutDevice(i));
      await given.one.createRollout(aRolloutRow(1), rows, STARTED, statementDigest(1));
      expect(await given.other.rolloutDevicesAfter(rolloutId(1), null, 100_000)).toHaveLength(12_000);
    });
  });

  describe("appending to a rollout", () => {
    beforeEach(async () => {
      for (const n of [1, 2, 3]) await given.one.registerDevice(stream(9), aRegistration(n), NOON);
      await startedRollout(given.one, 1, [1, 2, 3]);
      await startedRollout(given.one, 2, [1, 2, 3]);
    });
    const append = (over: Partial<RolloutAppend>, i = 0) => given.alternate(i).appendRollout(anAppend(over));
    const devicesOf = async (n: number) => {
      const rows = await given.other.rolloutDevicesAfter(rolloutId(n), null, 10);
      return Object.fromEntries(rows.map((row) => [row.device, row]));
    };

    test("keeps events, rows, orders and cursor together", async () => {
      const events = [paused("a"), paused("b")];
      const cursor = { [stream(1)]: 7 };
      const answer = await append({ events, rows: [offered(1, 1)], posts: [aPost(1, 1)], cursor });
      expect(answer).toEqual({ kind: "appended", version: 3, queued: [], tooLate: [] });
      expect(await given.other.rolloutEvents(rolloutId(1))).toEqual([STARTED, ...events]);
      expect(await devicesOf(1)).toMatchObject({ [device(1)]: offered(1, 1), [device(2)]: { status: "waiting" } });
      expect((await given.other.rollouts())[0]).toEqual({ ...aRolloutRow(1), version: 3, cursor });
      expect(await given.other.takeMailbox(device(1), NOON)).toHaveLength(1);
    });

    test("on another version than expected changes nothing and says which it is", async () => {
      await append({ events: [paused("a")] });
      const late = await append({ events: [paused("b")], rows: [offered(1, 1)], posts: [aPost(1, 1)] }, 1);
      expect(late).toEqual({ kind: "stale-version", version: 2 });
      expect(await devicesOf(1)).toMatchObject({ [device(1)]: { status: "waiting" } });
      expect(await given.one.takeMailbox(device(1), NOON)).toEqual([]);
    });

    test("of many on the same version exactly one counts", async () => {
      for (let version = 1; version <= 5; version++) {
        const answers = await Promise.all(
          Array.from({ length: 6 }, (_, i) => append({ expectedVersion: version, events: [paused(`${i}`)] }, i)),
        );
        expect(
          countOf(
            answers.map(({ kind }) => kind),
            "appended",
          ),
        ).toBe(1);
        expect(
          countOf(
            answers.map(({ kind }) => kind),
            "stale-version",
          ),
        ).toBe(5);
      }
      expect(await given.one.rolloutEvents(rolloutId(1))).toHaveLength(6);
    });

    test("a leader that was replaced is refused, and so is one that never led", async () => {
      await given.other.lead(stream(501), later(NOON, 60_000), 1_000);
      const stale = { kind: "stale-leader", leaderEpoch: 2 };
      expect(await append({ leaderEpoch: 1, events: [paused("a")], posts: [aPost(1, 1)] })).toEqual(stale);
      expect(await append({ leaderEpoch: 3, events: [paused("a")] })).toEqual(stale);
      expect(await given.one.takeMailbox(device(1), NOON)).toEqual([]);
      expect(await append({ leaderEpoch: 2, events: [paused("a")] })).toMatchObject({ kind: "appended" });
    });

    test("a leader that is replaced while he appends has either appended before or not at all", async () => {
      let now = NOON;
      let version = 1;
      for (let round = 1; round <= 10; round++) {
        now = later(now, 100_000);
        const [{ epoch }, answer] = await Promise.all([
          given.other.lead(round % 2 === 0 ? LEADER : stream(501), now, 1_000),
          append({ expectedVersion: version, leaderEpoch: round, events: [paused(`${round}`)] }),
        ]);
        expect(epoch).toBe(round + 1);
        expect(["appended", "stale-leader"]).toContain(answer.kind);
        if (answer.kind === "appended") version++;
      }
      expect(await given.one.rolloutEvents(rolloutId(1))).toHaveLength(version);
    });

    test("an order behind another open one is queued, and its row says so", async () => {
      await append({ events: [paused("a")], rows: [offered(1, 1)], posts: [aPost(1, 1)] });
      const rows = [offered(1, 2), offered(2, 3)];
      const posts = [aPost(1, 2, planId(2)), aPost(2, 3, planId(2))];
      const answer = await append({ rollout: rolloutId(2), events: [paused("b")], rows, posts });
      expect(answer).toMatchObject({ kind: "appended", queued: [order(2)] });
      expect(await devicesOf(2)).toMatchObject({
        [device(1)]: { ...offered(1, 2), status: "queued" },
        [device(2)]: offered(2, 3),
      });
    });

    test("two rollouts that want one device at the same moment: one order is offered, the other queued", async () => {
      const answers = await Promise.all(
        [1, 2].map((n) => append({ rollout: rolloutId(n), rows: [offered(1, n)], posts: [aPost(1, n, planId(n))] }, n)),
      );
      const queued = answers.flatMap((answer) => (answer.kind === "appended" ? answer.queued : []));
      expect(queued).toHaveLength(1);
      const statuses = [await devicesOf(1), await devicesOf(2)].map((rows) => rows[device(1)]?.status);
      expect([countOf(statuses, "offered"), countOf(statuses, "queued")]).toEqual([1, 1]);
    });

    test("an order that nobody was handed is recalled: it is gone and does not queue the next", async () => {
      await append({ events: [paused("a")], rows: [offered(1, 1)], posts: [aPost(1, 1)] });
      const answer = await append({
        expectedVersion: 2,
        rows: [aRolloutDevice(1, { generation: 1 })],
        recalls: [{ device: device(1), order: order(1) }],
      });
      expect(answer).toMatchObject({ kind: "appended", tooLate: [] });
      expect(await given.other.takeMailbox(device(1), NOON)).toEqual([]);
      const next = await append({ expectedVersion: 2, rows: [offered(1, 2)], posts: [aPost(1, 2)] });
      expect(next).toMatchObject({ queued: [] });
    });

    test("a recall that comes too late leaves its device's row alone and keeps the rest", async () => {
      const rows = [offered(1, 1), offered(2, 2)];
      await append({ events: [paused("a")], rows, posts: [aPost(1, 1), aPost(2, 2)] });
      await given.other.takeMailbox(device(1), NOON);
      const answer = await append({
        expectedVersion: 2,
        events: [paused("b")],
        rows: [aRolloutDevice(1, { generation: 1 }), aRolloutDevice(2, { generation: 1 })],
        recalls: [1, 2].map((n) => ({ device: device(n), order: order(n) })),
      });
      expect(answer).toEqual({ kind: "appended", version: 3, queued: [], tooLate: [order(1)] });
      expect(await devicesOf(1)).toMatchObject({ [device(1)]: offered(1, 1), [device(2)]: { status: "waiting" } });
      expect(await given.other.takeMailbox(device(1), NOON)).toMatchObject([{ orderId: order(1), withdrawn: false }]);
    });

    test("an order behind one that was withdrawn is not queued: the agent is told to stop and goes on with it", async () => {
      await append({ events: [paused("a")], rows: [offered(1, 1)], posts: [aPost(1, 1)] });
      await given.one.takeMailbox(device(1), NOON);
      await append({ expectedVersion: 2, withdrawals: [{ device: device(1), order: order(1) }] });
      const next = await append({ rollout: rolloutId(2), rows: [offered(1, 2)], posts: [aPost(1, 2, planId(2))] });
      expect(next).toMatchObject({ queued: [] });
    });

    test("the last of several rows for one device counts", async () => {
      await append({ rows: [offered(1, 1), aRolloutDevice(1, { status: "silent" })] });
      expect(await devicesOf(1)).toMatchObject({ [device(1)]: { status: "silent" } });
    });

    test("an order for a device that nobody registered is an error, and nothing of its append is kept", async () => {
      await expect(
        append({ events: [paused("a")], rows: [offered(1, 1)], posts: [aPost(1, 1), aPost(99, 2)] }),
      ).rejects.toThrow(/constraint/i);
      expect(await given.other.rolloutEvents(rolloutId(1))).toEqual([STARTED]);
      expect(await devicesOf(1)).toMatchObject({ [device(1)]: { status: "waiting" } });
      expect(await given.other.takeMailbox(device(1), NOON)).toEqual([]);
      expect(await append({ events: [paused("a")] })).toMatchObject({ kind: "appended", version: 2 });
    });
  });
};
