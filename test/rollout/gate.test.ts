import { describe, expect, test } from "vitest";
import { gateOf, phaseOf, waveStateOf } from "../../controller/rollout/engine.ts";
import type { GateDecision } from "../../protocol/rollout.ts";
import { later } from "../../protocol/time.ts";
import { NOON } from "../support/fleet-builders.ts";
import { aGate, aRollout, HOUR, kinds, MINUTE, RolloutDriver, someDevices } from "../support/rollout-driver.ts";

/** A rollout whose first wave holds ten running devices, 1 to 10, and whose second holds 11 and 12. */
function tenRunning(gate: Parameters<typeof aGate>[0], running = 10): RolloutDriver {
  const rollout = new RolloutDriver(
    aRollout({ waves: [{ gate: aGate(gate), devices: someDevices(1, 10) }, { devices: someDevices(11, 12) }] }),
  );
  const numbers = Array.from({ length: running }, (_, i) => i + 1);
  rollout.connect(...numbers);
  rollout.become("running", ...numbers);
  return rollout;
}
/** How a `settle-gate` looks that leads there on these grounds. */
const settling = (then: "proceed" | "halt" | "pause", decision: Partial<GateDecision>) =>
  Object.fromEntries(Object.entries({ kind: "settle-gate", decision }).concat([["then", then]]));
const look = (rollout: RolloutDriver, wave = 0) => gateOf(rollout.state, wave, rollout.now);

describe("a gate waits", () => {
  test("before its wave has opened", () => {
    expect(look(tenRunning({}), 1)).toMatchObject({ verdict: "wait", rule: "not-open", deadline: null });
  });

  test("for its minimum sample, and says how many answered and who did not", () => {
    const rollout = tenRunning({ sampleMin: { count: 3 } }, 6);
    rollout.become("succeeded", 1, 2);
    const { verdict, rule, sample, sampleMin, because } = look(rollout);
    expect({ verdict, rule, sample, sampleMin }).toEqual({
      verdict: "wait",
      rule: "minimum-sample",
      sample: 2,
      sampleMin: 3,
    });
    expect(because).toBe("2 answered, at least 3 needed; 4 running, 4 not reached.");
  });

  test("for its share of successes, and shows the numbers that it compares", () => {
    const rollout = tenRunning({ successShareMin: 0.9, failureShareMax: 1 });
    rollout.become("failed", 1);
    rollout.become("succeeded", 2, 3);
    expect(look(rollout)).toMatchObject({ verdict: "wait", rule: "success-share", sample: 3, heldSince: null });
    expect(look(rollout).because).toBe("2 of 3 that answered succeeded (66.7 %), 90 % needed; 7 running.");
  });

  test("and does not call silence an answer", () => {
    const rollout = tenRunning({ successShareMin: 0.9 });
    rollout.become("silent", 1);
    rollout.become("succeeded", 2, 3);
    expect(look(rollout).because).toContain("2 of 3 that answered or fell silent succeeded (66.7 %)");
  });

  test("for its bake time, counted from the change that made it hold", () => {
    const rollout = tenRunning({ bakeMs: 20 * MINUTE });
    rollout.pass(MINUTE);
    rollout.become("succeeded", 1);
    rollout.pass(MINUTE);
    rollout.become("succeeded", 2);
    expect(look(rollout)).toMatchObject({ verdict: "wait", rule: "bake-time", heldSince: later(NOON, MINUTE) });
    expect(rollout.decide().wakeAt).toBe(later(NOON, 21 * MINUTE));
    expect(kinds(rollout.pass(20 * MINUTE))).toEqual(["settle-gate", "open-wave"]);
  });

  test("anew for its whole bake time after it broke", () => {
    const rollout = tenRunning({ successShareMin: 0.6, failureShareMax: 1, bakeMs: 20 * MINUTE });
    rollout.become("succeeded", 1);
    rollout.pass(MINUTE);
    rollout.become("failed", 2);
    expect(look(rollout)).toMatchObject({ rule: "success-share", heldSince: null });
    rollout.pass(MINUTE);
    rollout.become("succeeded", 3);
    expect(look(rollout)).toMatchObject({ rule: "bake-time", heldSince: later(NOON, 2 * MINUTE) });
    expect(rollout.pass(19 * MINUTE)).toEqual([]);
    expect(kinds(rollout.pass(MINUTE))).toContain("open-wave");
  });

  test.each([
    [{ count: 50 }, 10],
    [{ share: 0.1 }, 1],
    [{ share: 0.11 }, 2],
    [{ share: 0.7 }, 7],
    [{ share: 0 }, 1],
  ])("with a minimum sample of %j for at least %i of ten devices", (sampleMin, least) => {
    expect(look(tenRunning({ sampleMin })).sampleMin).toBe(least);
  });

  test("for fewer devices when the plan does not apply to some", () => {
    const rollout = tenRunning({ sampleMin: { share: 0.5 } });
    rollout.become("not-applicable", 1, 2, 3, 4);
    expect(look(rollout)).toMatchObject({ sampleMin: 3, sample: 0, verdict: "wait" });
  });
});

describe("a gate proceeds", () => {
  test("once enough succeeded, and the next wave opens with its own deadline", () => {
    const rollout = tenRunning({});
    const commands = rollout.become("succeeded", 1);
    expect(commands[0]).toMatchObject(settling("proceed", { rule: "passed", observed: 1 }));
    expect(commands[1]).toEqual({ kind: "open-wave", wave: 1, deadline: later(NOON, HOUR) });
    expect(waveStateOf(rollout.state, 0).state).toBe("passed");
    expect(look(rollout).because).toContain("Passed at 2026-11-22T12:00:00Z: 1 of 1 that answered succeeded (100 %)");
  });

  test("at exactly the share that it needs, whatever binary fractions make of it", () => {
    const rollout = tenRunning({ successShareMin: 0.7, failureShareMax: 0.3, sampleMin: { count: 10 } });
    rollout.become("failed", 1, 2, 3);
    expect(kinds(rollout.become("succeeded", 4, 5, 6, 7, 8, 9, 10))).toContain("open-wave");
  });

  test.each(["failed", "refused", "silent", "timed-out"] as const)("never on %s devices alone", (status) => {
    const rollout = tenRunning({ successShareMin: 0.01, failureShareMax: 1 });
    rollout.become(status, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
    expect(look(rollout)).toMatchObject({ verdict: "wait", rule: "success-share", observed: 0, sample: 10 });
  });

  test("not on devices that were stopped at our word: they are not in the sample", () => {
    const rollout = tenRunning({});
    rollout.act("halted");
    rollout.become("stopped", 1, 2, 3);
    expect(look(rollout)).toMatchObject({ sample: 0, observed: null, counts: { stopped: 3 } });
  });

  test("past its deadline when it holds and still bakes", () => {
    const rollout = tenRunning({ bakeMs: 30 * MINUTE, deadlineMs: HOUR });
    rollout.pass(50 * MINUTE);
    rollout.become("succeeded", 1);
    expect(rollout.pass(10 * MINUTE)).toEqual([]);
    expect(look(rollout).because).toContain("past the deadline because it holds");
    expect(kinds(rollout.pass(20 * MINUTE))).toContain("open-wave");
  });

  test("at the instant at which bake time and deadline end together", () => {
    const rollout = tenRunning({ bakeMs: HOUR, deadlineMs: HOUR });
    rollout.become("succeeded", 1);
    expect(kinds(rollout.pass(HOUR))).toEqual(["settle-gate", "open-wave"]);
    expect(phaseOf(rollout.state)).toBe("running");
  });
});

describe("a gate stops", () => {
  test("as soon as more than the allowed share of the minimum sample failed, without waiting for the others", () => {
    const rollout = tenRunning({ failureShareMax: 0.2, sampleMin: { count: 10 } });
    expect(rollout.become("failed", 1, 2)).toEqual([]);
    const [stop, ...rest] = rollout.become("failed", 3);
    expect(stop).toMatchObject(settling("halt", { verdict: "stop", rule: "failure-share" }));
    expect(kinds(rest)).toEqual(Array(7).fill("withdraw"));
    expect(rollout.decide().because).toBe(
      "Halted at 2026-11-22T12:00:00Z by the engine: 3 of 10 of the minimum sample did not succeed (30 %); at most 20 % may.",
    );
  });

  test.each(["failed", "refused", "silent", "timed-out"] as const)("on %s devices", (status) => {
    const rollout = tenRunning({ failureShareMax: 0 });
    rollout.become(status, 1);
    expect(phaseOf(rollout.state)).toBe("halted");
  });

  test("for failures that come after its wave has passed", () => {
    const rollout = tenRunning({ failureShareMax: 0.4 });
    rollout.become("succeeded", 1);
    expect(waveStateOf(rollout.state, 0).state).toBe("passed");
    rollout.become("failed", 2);
    expect(phaseOf(rollout.state)).toBe("halted");
    expect(look(rollout)).toMatchObject({ verdict: "stop", rule: "failure-share" });
  });

  test("while the rollout is paused, and after it has completed", () => {
    const paused = tenRunning({ failureShareMax: 0 });
    paused.act("paused");
    paused.become("failed", 1);
    expect(phaseOf(paused.state)).toBe("halted");

    const completed = new RolloutDriver(aRollout({ waves: [{ gate: aGate({ failureShareMax: 0 }) }] }));
    completed.connect(1, 2);
    completed.become("running", 1, 2);
    completed.become("succeeded", 1);
    expect(phaseOf(completed.state)).toBe("completed");
    completed.become("failed", 2);
    expect(phaseOf(completed.state)).toBe("halted");
  });

  test("before anything else: no offer leaves with the decision to halt", () => {
    const rollout = tenRunning({ failureShareMax: 0 }, 5);
    rollout.tell({ kind: "presence", device: someDevices(6, 6)[0]!.id, connected: true, at: rollout.now }); // one was asked for
    rollout.put(someDevices(1, 1)[0]!.id, "failed"); // as above
    expect(kinds(rollout.decide().commands)).toEqual(["settle-gate"]);
  });
});

describe("at the deadline", () => {
  test("an undecided gate pauses the rollout for a person, and says what was missing", () => {
    const rollout = tenRunning({ sampleMin: { count: 2 } }, 1);
    expect(rollout.pass(HOUR - 1)).toEqual([]);
    const [settle] = rollout.pass(1);
    expect(settle).toMatchObject(settling("pause", { verdict: "wait", rule: "deadline" }));
    expect(phaseOf(rollout.state)).toBe("paused");
    expect(rollout.decide().because).toContain("0 answered, at least 2 needed; 1 running, 9 not reached.");
    expect(waveStateOf(rollout.state, 0).state).toBe("open");
  });

  test("resuming gives the wave its whole time again", () => {
    const rollout = tenRunning({}, 1);
    rollout.pass(2 * HOUR);
    rollout.act("resumed");
    expect(look(rollout).deadline).toBe(later(NOON, 3 * HOUR));
    expect(phaseOf(rollout.state)).toBe("running");
  });

  test("nothing happens while the rollout is paused: its gates are not settled", () => {
    const rollout = tenRunning({ deadlineMs: HOUR });
    rollout.act("paused");
    rollout.become("succeeded", 1);
    expect(waveStateOf(rollout.state, 0).state).toBe("open");
    rollout.pass(HOUR);
    expect(phaseOf(rollout.state)).toBe("paused");
    rollout.act("resumed");
    expect(waveStateOf(rollout.state, 0).state).toBe("passed");
  });
});

describe("a wave to which nothing applies", () => {
  const threeWaves = () => new RolloutDriver(aRollout({ waves: [{}, {}, { devices: [] }] }));

  test("proves nothing: as the first wave it waits until its deadline", () => {
    const rollout = threeWaves();
    rollout.connect(1, 2, 3);
    rollout.become("running", 1, 2, 3);
    rollout.become("not-applicable", 1, 2, 3);
    expect(look(rollout)).toMatchObject({ verdict: "wait", rule: "nothing-applicable", observed: null });
    rollout.pass(HOUR);
    expect(phaseOf(rollout.state)).toBe("paused");
  });

  test("is passed over when a person resumes after its deadline: that nothing applies has been seen", () => {
    const rollout = threeWaves();
    rollout.connect(1, 2, 3);
    rollout.become("running", 1, 2, 3);
    rollout.become("not-applicable", 1, 2, 3);
    rollout.pass(HOUR);
    rollout.act("resumed");
    expect(look(rollout)).toMatchObject({ verdict: "proceed", rule: "nothing-applicable" });
    expect(look(rollout, 1)).toMatchObject({ rule: "minimum-sample" });
  });

  test("is not passed over when a person resumed for another reason before its deadline", () => {
    const rollout = threeWaves();
    rollout.connect(1, 2, 3);
    rollout.become("running", 1, 2, 3);
    rollout.become("not-applicable", 1, 2, 3);
    rollout.act("paused");
    rollout.act("resumed");
    expect(look(rollout)).toMatchObject({ verdict: "wait", rule: "nothing-applicable" });
  });

  test("lets the next wave begin when a wave before it has passed on a real sample", () => {
    const rollout = threeWaves();
    rollout.connect(1, 4, 5, 6);
    rollout.become("running", 1);
    rollout.become("succeeded", 1);
    rollout.become("running", 4, 5, 6);
    rollout.become("not-applicable", 4, 5, 6);
    expect(look(rollout, 1)).toMatchObject({ verdict: "proceed", rule: "nothing-applicable" });
    expect(look(rollout, 2)).toMatchObject({ verdict: "proceed", rule: "nothing-applicable" }); // the empty one
    expect(phaseOf(rollout.state)).toBe("completed");
  });
});

describe("what a person accepted by resuming", () => {
  test("has left the sample, and only what comes after it counts", () => {
    const rollout = tenRunning({ failureShareMax: 0.2, sampleMin: { count: 5 } });
    rollout.become("failed", 1, 2);
    expect(phaseOf(rollout.state)).toBe("halted");
    rollout.act("resumed");
    expect(look(rollout)).toMatchObject({ verdict: "wait", sample: 0, counts: { failed: 2 } });
    rollout.become("failed", 3);
    expect(phaseOf(rollout.state)).toBe("running");
    rollout.become("failed", 4);
    expect(phaseOf(rollout.state)).toBe("halted");
  });

  test("does not hide a later failure of another device when an accepted one succeeds after all", () => {
    const rollout = tenRunning({ failureShareMax: 0, successShareMin: 0.1, sampleMin: { count: 5 } });
    rollout.become("silent", 1);
    rollout.act("resumed");
    rollout.become("succeeded", 1);
    expect(look(rollout)).toMatchObject({ sample: 1, observed: 1 });
    rollout.become("failed", 2);
    expect(phaseOf(rollout.state)).toBe("halted");
  });

  test("is not held against the wave again: an accepted silent device does not time out on top", () => {
    const rollout = tenRunning({ failureShareMax: 0, deadlineMs: 24 * HOUR }, 1);
    rollout.disconnect(1);
    rollout.pass(30 * MINUTE);
    expect(phaseOf(rollout.state)).toBe("halted");
    rollout.act("resumed");
    expect(rollout.pass(3 * HOUR)).toEqual([]);
    expect(phaseOf(rollout.state)).toBe("running");
  });
});
