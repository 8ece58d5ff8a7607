import { describe, expect, test } from "vitest";
import { countsOf, phaseOf, statusOf } from "../../controller/rollout/engine.ts";
import { later } from "../../protocol/time.ts";
import { device, NOON } from "../support/fleet-builders.ts";
import {
  aGate,
  aRollout,
  HOUR,
  kinds,
  MINUTE,
  offered,
  RolloutDriver,
  someDevices,
} from "../support/rollout-driver.ts";

/** Device 1 runs, 2 is offered, 3 is queued, 4 has just connected, 5 is away, 6 is silent. */
function underWay(): RolloutDriver {
  const gate = aGate({ sampleMin: { count: 6 }, failureShareMax: 1, deadlineMs: 24 * HOUR });
  const rollout = new RolloutDriver(
    aRollout({ budgets: { inFlightMax: 2, sites: [], roles: [] }, waves: [{ gate, devices: someDevices(1, 6) }] }),
  );
  rollout.connect(6);
  rollout.become("running", 6);
  rollout.become("silent", 6);
  rollout.connect(1, 3);
  rollout.become("queued", 3);
  rollout.become("running", 1);
  rollout.connect(2);
  rollout.pass(1);
  rollout.connect(4);
  return rollout;
}
const statuses = (rollout: RolloutDriver) => [1, 2, 3, 4, 5, 6].map((n) => statusOf(rollout.state, device(n)));

describe("pausing", () => {
  test("takes back what was not taken, lets running devices finish, and takes nobody new", () => {
    const rollout = underWay();
    expect(statuses(rollout)).toEqual(["running", "offered", "queued", "waiting", "waiting", "silent"]);
    expect(kinds(rollout.act("paused", "lunch"))).toEqual(["recall", "recall"]);
    expect(statuses(rollout)).toEqual(["running", "waiting", "waiting", "waiting", "waiting", "silent"]);
    expect(rollout.become("succeeded", 1)).toEqual([]);
    expect(rollout.connect(5)).toEqual([]);
    expect(rollout.decide().because).toBe("Paused at 2026-11-22T12:00:00Z by Dr. Ada: lunch");
  });

  test("ends with resuming: those who wait are offered again, each a new order", () => {
    const rollout = underWay();
    rollout.act("paused");
    const offers = rollout.act("resumed").filter((command) => command.kind === "offer");
    expect(offers).toEqual([{ kind: "offer", device: device(2), wave: 0, generation: 2 }]);
  });

  test("does not stop the clocks of devices at work", () => {
    const rollout = underWay();
    rollout.act("paused");
    expect(kinds(rollout.pass(3 * HOUR))).toEqual(["mark", "mark"]);
    expect(statuses(rollout)).toEqual(["timed-out", "waiting", "waiting", "waiting", "waiting", "timed-out"]);
  });
});

describe.each(["halted", "aborted"] as const)("when the rollout is %s", (phase) => {
  test("offers are taken back and everyone who may have begun is told to stop, once", () => {
    const rollout = underWay();
    const commands = rollout.act(phase);
    expect(kinds(commands).sort()).toEqual(["recall", "recall", "withdraw", "withdraw"]);
    expect(rollout.run()).toEqual([]);
    expect(rollout.pass(MINUTE)).toEqual([]);
    expect(offered(rollout.connect(5))).toEqual([]);
  });

  test("an offer that turns out to have been taken is withdrawn", () => {
    const rollout = underWay();
    rollout.event({ kind: phase, at: rollout.now, by: { kind: "person", name: "Ada" }, because: "smoke" });
    rollout.put(device(2), "running"); // the recall came too late
    const withdrawn = rollout.run().flatMap((command) => (command.kind === "withdraw" ? [command.device] : []));
    expect(withdrawn).toEqual([device(1), device(2), device(6)]);
  });

  test("a device is stopped only when it says so, and says where it stands in the counts", () => {
    const rollout = underWay();
    rollout.act(phase);
    expect(statusOf(rollout.state, device(1))).toBe("running");
    rollout.become("stopped", 1);
    expect(countsOf(rollout.state, 0)).toMatchObject({ stopped: 1, running: 0, waiting: 4, unreached: 1, silent: 1 });
    expect(countsOf(rollout.state)).toEqual(countsOf(rollout.state, 0));
  });

  test("a withdrawal that is not known to be stored is commanded again", () => {
    const rollout = underWay();
    rollout.event({ kind: phase, at: rollout.now, by: { kind: "person", name: "Ada" }, because: "smoke" });
    expect(rollout.decide().commands).toEqual(rollout.decide().commands);
    expect(kinds(rollout.decide().commands)).toContain("withdraw");
  });
});

describe("resuming after a halt", () => {
  test("makes stopped devices wait again, for a new order", () => {
    const rollout = underWay();
    rollout.act("halted");
    rollout.become("stopped", 1);
    rollout.pass(MINUTE);
    rollout.act("resumed");
    rollout.become("running", 2);
    expect(statusOf(rollout.state, device(1))).toBe("waiting");
    rollout.become("not-applicable", 2);
    rollout.become("not-applicable", 4);
    expect(rollout.row(device(1))).toMatchObject({ status: "offered", generation: 2 });
  });

  test("and a second halt tell a device to stop that has taken its next order since", () => {
    const rollout = underWay();
    rollout.act("halted");
    rollout.become("stopped", 1);
    rollout.act("resumed");
    rollout.become("not-applicable", 2, 4, 3);
    rollout.become("running", 1);
    expect(rollout.row(device(1)).generation).toBe(2);
    const { order } = rollout.row(device(1));
    expect(rollout.act("halted")).toContainEqual({ kind: "withdraw", device: device(1), order });
  });

  test("also those that answer the withdrawal only after it", () => {
    const rollout = underWay();
    rollout.act("halted");
    rollout.pass(MINUTE);
    rollout.act("resumed");
    rollout.become("stopped", 1);
    expect(statusOf(rollout.state, device(1))).toBe("waiting");
  });

  test("is not possible after an abort", () => {
    const rollout = underWay();
    rollout.act("aborted");
    rollout.become("stopped", 1);
    expect(rollout.act("resumed")).toEqual([]);
    expect(phaseOf(rollout.state)).toBe("aborted");
    expect(statusOf(rollout.state, device(1))).toBe("stopped");
  });

  test("of a rollout that had completed completes it again, and goes on taking late devices", () => {
    const rollout = new RolloutDriver(aRollout());
    rollout.connect(1);
    rollout.become("running", 1);
    rollout.become("succeeded", 1);
    rollout.act("halted");
    expect(offered(rollout.connect(2))).toEqual([]);
    expect(kinds(rollout.act("resumed"))).toEqual(["complete", "offer"]);
    expect(phaseOf(rollout.state)).toBe("completed");
  });
});

describe("completing", () => {
  test("names those who are left and until when the order waits for them", () => {
    const rollout = new RolloutDriver(aRollout({ waves: [{ devices: someDevices(1, 5) }] }));
    rollout.connect(1, 2);
    rollout.become("running", 1, 2);
    const [, complete] = rollout.become("succeeded", 1);
    expect(complete).toEqual({
      kind: "complete",
      because:
        "Every wave has passed its gate. 3 were never reached; the order waits for them until 2026-11-23T12:00:00Z; 1 is still running.",
    });
  });

  test("comes after the last wave only", () => {
    const rollout = new RolloutDriver(aRollout({ waves: [{}, {}] }));
    rollout.connect(1);
    rollout.become("running", 1);
    expect(kinds(rollout.become("succeeded", 1))).not.toContain("complete");
  });
});

test("at the end of validity an offer that was not taken is taken back, so that nobody refuses it as expired", () => {
  const rollout = new RolloutDriver(aRollout({ validUntil: later(NOON, MINUTE) }));
  rollout.connect(1);
  expect(rollout.decide().wakeAt).toBe(later(NOON, MINUTE));
  expect(kinds(rollout.pass(MINUTE))).toEqual(["recall"]);
});
