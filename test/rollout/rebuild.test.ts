/** What a restart of the controller keeps, and what it must not make up. The property beside this covers the rest. */
import { describe, expect, test } from "vitest";
import { begin, decide, evolve, gateOf, type RolloutState, statusOf } from "../../controller/rollout/engine.ts";
import { later } from "../../protocol/time.ts";
import { device, NOON } from "../support/fleet-builders.ts";
import { aGate, aRollout, HOUR, kinds, MINUTE, RolloutDriver, someDevices } from "../support/rollout-driver.ts";

/** The state that a controller has right after it has read its store, the last rows first. */
function restarted({ definition, events, rows }: RolloutDriver): RolloutState {
  const state = begin(definition);
  for (const event of events) evolve(state, { kind: "event", event });
  for (const row of [...rows.values()].reverse()) evolve(state, { kind: "device", ...row });
  return state;
}

function underWay(): RolloutDriver {
  const gate = aGate({ sampleMin: { count: 2 }, successShareMin: 0.6, bakeMs: 2 * HOUR, deadlineMs: 24 * HOUR });
  const rollout = new RolloutDriver(aRollout({ waves: [{ gate, devices: someDevices(1, 6) }] }));
  rollout.connect(1, 2, 3, 4);
  rollout.become("running", 1, 2, 3, 4);
  for (const [n, outcome] of [
    [1, "failed"],
    [2, "succeeded"],
    [3, "succeeded"],
  ] as const) {
    rollout.pass(10 * MINUTE);
    rollout.become(outcome, n);
  }
  return rollout;
}

describe("a controller that starts again", () => {
  test("makes nobody silent: the silence of a running device counts from the first word about it", () => {
    const rollout = underWay();
    const state = restarted(rollout);
    const now = later(NOON, HOUR);
    expect(decide(state, now).commands).toEqual([]);
    evolve(state, { kind: "presence", device: device(4), connected: false, at: now });
    expect(decide(state, later(now, 30 * MINUTE - 1)).commands).toEqual([]);
    expect(decide(state, later(now, 30 * MINUTE)).commands).toMatchObject([{ kind: "mark", status: "silent" }]);
  });

  test("lets an order time out by when it was taken", () => {
    const state = restarted(underWay());
    expect(decide(state, later(NOON, 2 * HOUR)).commands).toMatchObject([{ kind: "mark", status: "timed-out" }]);
  });

  test("goes on baking from when the gate began to hold, although rows come in any order", () => {
    const rollout = underWay();
    const since = later(NOON, 30 * MINUTE); // 1 of 2 had succeeded before, which is too few
    expect(gateOf(rollout.state, 0, rollout.now).heldSince).toBe(since);
    expect(gateOf(restarted(rollout), 0, rollout.now).heldSince).toBe(since);
  });

  test("offers nothing twice: an offer that stands is known by its row", () => {
    const rollout = underWay();
    rollout.connect(5);
    const state = restarted(rollout);
    for (const n of [4, 5]) evolve(state, { kind: "presence", device: device(n), connected: true, at: rollout.now });
    expect(statusOf(state, device(5))).toBe("offered");
    expect(decide(state, rollout.now).commands).toEqual([]);
  });

  test("remembers what a person accepted, and accepts nothing that came later", () => {
    const rollout = underWay();
    rollout.act("halted");
    rollout.pass(MINUTE);
    rollout.act("resumed");
    expect(gateOf(restarted(rollout), 0, rollout.now)).toMatchObject({ sample: 2, observed: 1 });
    rollout.pass(MINUTE);
    rollout.become("failed", 4);
    expect(gateOf(restarted(rollout), 0, rollout.now)).toMatchObject({ sample: 3, counts: { failed: 2 } });
  });

  test("tells stopped devices to stop again, which does no harm, and forgets no stop", () => {
    const rollout = underWay();
    rollout.act("halted");
    expect(kinds(decide(restarted(rollout), rollout.now).commands)).toEqual(["withdraw"]);
    rollout.become("stopped", 4);
    rollout.act("aborted");
    expect(statusOf(restarted(rollout), device(4))).toBe("stopped");
  });
});
