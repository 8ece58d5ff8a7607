import { describe, expect, test } from "vitest";
import { gateOf, statusOf } from "../../controller/rollout/engine.ts";
import { later } from "../../protocol/time.ts";
import { device, NOON } from "../support/fleet-builders.ts";
import { aGate, aRollout, HOUR, kinds, MINUTE, RolloutDriver } from "../support/rollout-driver.ts";

/** Device 1 took its order at noon. An offer is patient for ten minutes, silence begins after thirty, an order may take two hours. */
function oneRunning(): RolloutDriver {
  const rollout = new RolloutDriver(
    aRollout({ waves: [{ gate: aGate({ failureShareMax: 1, sampleMin: { count: 3 }, deadlineMs: 24 * HOUR }) }] }),
  );
  rollout.connect(1);
  rollout.become("running", 1);
  return rollout;
}
const status = (rollout: RolloutDriver) => statusOf(rollout.state, device(1));

describe("an offer", () => {
  test("that nobody took is taken back when patience is over, and made again when the device comes back", () => {
    const rollout = new RolloutDriver(aRollout());
    rollout.connect(1);
    rollout.disconnect(1);
    expect(rollout.decide().wakeAt).toBe(later(NOON, 10 * MINUTE));
    expect(rollout.pass(10 * MINUTE - 1)).toEqual([]);
    expect(kinds(rollout.pass(1))).toEqual(["recall"]);
    expect(kinds(rollout.connect(1))).toEqual(["offer"]);
  });
});

describe("a device that took its order", () => {
  test("and is gone is silent after its time, counted from when it was last there", () => {
    const rollout = oneRunning();
    rollout.pass(5 * MINUTE);
    rollout.disconnect(1);
    expect(rollout.pass(30 * MINUTE - 1)).toEqual([]);
    expect(rollout.pass(1)).toEqual([
      {
        kind: "mark",
        device: device(1),
        status: "silent",
        because:
          "Took its order at 2026-11-22T12:00:00Z and was last heard at 2026-11-22T12:05:00Z, more than 30 min ago.",
      },
    ]);
    expect(gateOf(rollout.state, 0, rollout.now)).toMatchObject({ sample: 1, observed: 0, counts: { silent: 1 } });
  });

  test("is not silent while it is heard", () => {
    const rollout = oneRunning();
    rollout.disconnect(1);
    for (let minute = 0; minute < 100; minute += 20) {
      expect(rollout.pass(20 * MINUTE)).toEqual([]);
      rollout.heard(1);
    }
    expect(status(rollout)).toBe("running");
  });

  test("is not silent while it is connected, however long a step takes: it may time out", () => {
    const rollout = oneRunning();
    expect(rollout.pass(2 * HOUR - 1)).toEqual([]);
    expect(rollout.pass(1)).toMatchObject([{ kind: "mark", status: "timed-out" }]);
  });

  test.each(["heard", "connect"] as const)("runs again when it was silent and is there again (%s)", (sign) => {
    const rollout = oneRunning();
    rollout.disconnect(1);
    rollout.pass(HOUR);
    expect(status(rollout)).toBe("silent");
    rollout[sign](1);
    expect(status(rollout)).toBe("running");
    expect(gateOf(rollout.state, 0, rollout.now).sample).toBe(0);
  });

  test("has no more time for its order because it was silent in between", () => {
    const rollout = oneRunning();
    rollout.disconnect(1);
    rollout.pass(HOUR);
    rollout.connect(1);
    rollout.become("running", 1);
    expect(rollout.decide().wakeAt).toBe(later(NOON, 2 * HOUR));
    expect(rollout.pass(HOUR)).toMatchObject([{ kind: "mark", status: "timed-out" }]);
  });

  test("goes from silent to timed out", () => {
    const rollout = oneRunning();
    rollout.disconnect(1);
    expect(rollout.pass(HOUR)).toMatchObject([{ kind: "mark", status: "silent" }]);
    expect(rollout.pass(HOUR)).toMatchObject([
      {
        kind: "mark",
        status: "timed-out",
        because: "Took its order at 2026-11-22T12:00:00Z and has not finished it after 2 h.",
      },
    ]);
    expect(rollout.pass(10 * HOUR)).toEqual([]);
  });

  test.each(["succeeded", "failed", "not-applicable"] as const)(
    "has the last word with its receipt: timed out, then %s",
    (outcome) => {
      const rollout = oneRunning();
      rollout.pass(2 * HOUR);
      expect(status(rollout)).toBe("timed-out");
      rollout.become(outcome, 1);
      expect(status(rollout)).toBe(outcome);
      expect(gateOf(rollout.state, 0, rollout.now).counts.timedOut).toBe(0);
    },
  );

  test("is not judged by what an older order of it says", () => {
    const rollout = new RolloutDriver(aRollout());
    rollout.connect(1);
    const old = rollout.row(device(1));
    rollout.pass(10 * MINUTE);
    rollout.connect(1);
    expect(rollout.row(device(1)).generation).toBe(2);
    rollout.tell({ kind: "device", ...old, status: "failed" });
    expect(status(rollout)).toBe("offered");
  });
});

test("what is overdue is told before a gate passes: a silent device is not overlooked at the end of the bake time", () => {
  const gate = aGate({ successShareMin: 1, failureShareMax: 1, bakeMs: 30 * MINUTE });
  const rollout = new RolloutDriver(aRollout({ waves: [{ gate }, {}] }));
  rollout.connect(1, 2);
  rollout.become("running", 1, 2);
  rollout.disconnect(2);
  rollout.become("succeeded", 1);
  expect(rollout.pass(30 * MINUTE)).toMatchObject([{ kind: "mark", device: device(2), status: "silent" }]);
  expect(gateOf(rollout.state, 0, rollout.now)).toMatchObject({ verdict: "wait", rule: "success-share" });
});
