/** What each step does, and what it leaves alone when something is in its way. */
import { describe, expect, test } from "vitest";
import type { Fault } from "../../../agent/ports.ts";
import type { StepFault } from "../../../protocol/progress.ts";
import { later } from "../../../protocol/time.ts";
import { aContentMachine, FAULTY_FILE, GOOD_FILE, OTHER_FAULTY_FILE } from "../../support/content-machine.ts";
import { type FakeMachine, sha256Of } from "../../support/fake-machine.ts";
import { carryOut, receiptOf } from "../../support/order-runner.ts";
import { aQuarantine, aSignedOrder, planIdOf } from "../../support/signed-order.ts";
import { SAFE_ONLY } from "../../support/step-cases.ts";

const PLAN = planIdOf("a plan");
const REBOOT = { kind: "reboot", noticeMs: 0 };
const fault = (name: StepFault): Fault => ({ kind: "fault", fault: name, because: "a test" });
const has = (machine: FakeMachine, path: string): boolean => machine.files.has(path.toLowerCase());

async function run(machine: FakeMachine, steps: readonly unknown[], plan = PLAN, seed = "an order") {
  const order = aSignedOrder({ steps, plan, seed });
  await carryOut(machine, order);
  return receiptOf(machine, order.orderId);
}

describe("quarantine-file", () => {
  test("touches nothing if more match than was expected", async () => {
    const machine = aContentMachine();
    const receipt = await run(machine, [aQuarantine("faulty", { filesMax: 1 })]);
    expect(receipt).toMatchObject({ outcome: "failed", steps: [{ fault: "too-many-matches" }] });
    expect(machine.files.size).toBe(3);
  });

  const at = aContentMachine().now;
  const sha256 = [sha256Of("faulty")];
  test.each([
    { name: "other contents", where: { sha256: [sha256Of("other")] } },
    { name: "another beginning", where: { sha256, header: "aaaaaaaa" } },
    { name: "an earlier date", where: { sha256, modifiedFrom: later(at, 1) } },
    { name: "a later date: the end is not included", where: { sha256, modifiedBefore: at } },
  ])("leaves files with $name alone", async ({ where }) => {
    const machine = aContentMachine();
    expect(await run(machine, [aQuarantine("faulty", { where })])).toMatchObject({ outcome: "not-applicable" });
    expect(machine.files.size).toBe(3);
  });

  test("takes files that meet every condition, and only these", async () => {
    const machine = aContentMachine();
    const where = { sha256, header: "6661", modifiedFrom: at, modifiedBefore: later(at, 1) };
    expect(await run(machine, [aQuarantine("faulty", { where })])).toMatchObject({ outcome: "succeeded" });
    expect([FAULTY_FILE, OTHER_FAULTY_FILE, GOOD_FILE].map((path) => has(machine, path))).toEqual([false, false, true]);
  });

  test("is done if this plan holds the file already", async () => {
    const machine = aContentMachine();
    await run(machine, [aQuarantine("faulty")], PLAN, "first");
    const again = await run(machine, [aQuarantine("faulty"), REBOOT], PLAN, "second");
    expect(again).toMatchObject({ outcome: "succeeded", steps: [{ outcome: "done" }, { outcome: "done" }] });
    expect(machine.restartsAsked).toHaveLength(1);
  });

  test("when its order fails, gives back only what this order took", async () => {
    const machine = aContentMachine();
    await run(machine, [aQuarantine("faulty")], PLAN, "first");
    const missing = { kind: "set-service-start", service: "NoSuch", start: "manual" };
    expect(await run(machine, [aQuarantine("faulty"), missing], PLAN, "second")).toMatchObject({ outcome: "failed" });
    expect(has(machine, FAULTY_FILE)).toBe(false);
  });
});

describe("a fault of the machine", () => {
  test.each(["disk-full", "file-locked", "file-changed", "permission-denied"] as const)(
    "%s fails the step and is named in the receipt",
    async (name) => {
      const machine = aContentMachine();
      const before = machine.state;
      machine.faults.set("quarantine", fault(name));
      const receipt = await run(machine, [aQuarantine("faulty"), REBOOT]);
      expect(receipt).toMatchObject({
        outcome: "failed",
        steps: [{ outcome: "failed", fault: name, because: "a test" }, { outcome: "not-begun" }],
      });
      expect(machine.state).toEqual(before);
      expect(machine.restartsAsked).toEqual([]);
    },
  );

  test("in the middle of an order puts back what was done before", async () => {
    const machine = aContentMachine();
    const before = machine.state;
    machine.faults.set("setServiceStart", fault("permission-denied"));
    const disable = { kind: "set-service-start", service: "AcmeSensor", start: "disabled" };
    const receipt = await run(machine, [aQuarantine("faulty"), disable]);
    expect(receipt.steps.map(({ outcome }) => outcome)).toEqual(["undone", "failed"]);
    expect(machine.state).toEqual(before);
  });

  test("while undoing is said, and the rest is undone all the same", async () => {
    const machine = aContentMachine();
    machine.faults.set("restore", fault("file-changed"));
    const missing = { kind: "set-service-start", service: "NoSuch", start: "manual" };
    const disable = { kind: "set-service-start", service: "AcmeSensor", start: "disabled" };
    const receipt = await run(machine, [disable, aQuarantine("faulty"), missing]);
    expect(receipt.steps.map(({ outcome }) => outcome)).toEqual(["undone", "undo-failed", "failed"]);
    expect(machine.services.get("AcmeSensor")?.start).toBe("automatic");
  });
});

describe("set-service-start", () => {
  test("has nothing to do where the service starts so already", async () => {
    const machine = aContentMachine();
    const already = { kind: "set-service-start", service: "AcmeSensor", start: "automatic" };
    expect(await run(machine, [already, REBOOT])).toMatchObject({ outcome: "not-applicable" });
    expect(machine.restartsAsked).toEqual([]);
  });
});

describe("restore-file", () => {
  const restore = {
    kind: "restore-file",
    files: FAULTY_FILE,
    sha256: sha256Of("faulty"),
    from: { quarantineOf: PLAN },
  };

  test("has nothing to do where that plan took nothing", async () => {
    const machine = aContentMachine();
    expect(await run(machine, [restore, REBOOT], planIdOf("undo"))).toMatchObject({ outcome: "not-applicable" });
  });
  test("does not overwrite what has come since", async () => {
    const machine = aContentMachine();
    await run(machine, [aQuarantine("faulty")]);
    machine.put(FAULTY_FILE, "the vendor's repair");
    const receipt = await run(machine, [restore], planIdOf("undo"), "undo");
    expect(receipt).toMatchObject({ outcome: "failed", steps: [{ fault: "file-changed" }] });
    expect(machine.files.get(FAULTY_FILE.toLowerCase())?.contents).toBe("the vendor's repair");
  });
  test("goes back into the quarantine it came from when its order fails", async () => {
    const machine = aContentMachine();
    await run(machine, [aQuarantine("faulty")]);
    const before = machine.state;
    const missing = { kind: "set-service-start", service: "NoSuch", start: "manual" };
    await run(machine, [restore, missing], planIdOf("undo"), "undo");
    expect(machine.state).toEqual(before);
  });
});

describe("reboot", () => {
  test("is satisfied by a crash since the last change", async () => {
    const machine = aContentMachine();
    const done = await effectsUntil((what) => what.startsWith("journal") && what.includes('"event":"done"'));
    machine.cutAt = { effect: done, when: "after" };
    expect(await run(machine, [aQuarantine("faulty"), REBOOT])).toMatchObject({ outcome: "succeeded" });
    expect(machine.restartsAsked).toEqual([]);
    expect(machine.boots).toBe(2);
  });
  test("restarts a machine that has not restarted since the last change", async () => {
    const machine = aContentMachine();
    await run(machine, [aQuarantine("faulty"), REBOOT]);
    expect(machine.restartsAsked).toHaveLength(1);
  });

  async function effectsUntil(test: (what: string) => boolean): Promise<number> {
    const machine = aContentMachine();
    await run(machine, [aQuarantine("faulty"), REBOOT]);
    return machine.effects.findIndex(test);
  }
});

describe("await-healthy", () => {
  const wait = (over: object) => ({ kind: "await-healthy", services: [], settleMs: 5_000, withinMs: 60_000, ...over });

  test("waits until the machine has been up for long enough", async () => {
    const machine = aContentMachine();
    const { now } = machine;
    expect(await run(machine, [aQuarantine("faulty"), REBOOT, wait({})])).toMatchObject({ outcome: "succeeded" });
    expect(machine.now - now).toBeGreaterThanOrEqual(5_000);
  });
  test("fails when its time is over, and says what was lacking", async () => {
    const machine = aContentMachine();
    const receipt = await run(machine, [REBOOT, wait({ services: ["NoSuch"] })]);
    expect(receipt.steps[1]).toMatchObject({ outcome: "failed", fault: "timed-out" });
    expect(receipt.steps[1]?.because).toContain("NoSuch");
  });
  test("that fails leaves the changes: a convicted file is not put back onto a machine that lives", async () => {
    const machine = aContentMachine();
    const receipt = await run(machine, [aQuarantine("faulty"), REBOOT, wait({ services: ["NoSuch"] })]);
    expect(receipt).toMatchObject({ outcome: "failed", steps: [{ outcome: "done" }, { outcome: "done" }, {}] });
    expect(has(machine, FAULTY_FILE)).toBe(false);
  });
  test("does not take the boot before the change for a good one", async () => {
    const machine = aContentMachine();
    await machine.advance(10_000);
    const receipt = await run(machine, [aQuarantine("faulty"), wait({})]);
    expect(receipt.steps[1]).toMatchObject({ fault: "timed-out" });
  });
  test("adds up its time over boots that crash", async () => {
    const machine = aContentMachine();
    machine.cutEvery(9);
    const receipt = await run(machine, [REBOOT, wait({ services: ["NoSuch"], withinMs: 600_000 })]);
    expect(receipt.outcome).toBe("failed");
    expect(["timed-out", "restarts-exhausted"]).toContain(receipt.steps[1]?.fault);
  });
});

describe("a file that something holds open", () => {
  const locked = () => {
    const machine = aContentMachine();
    machine.faults.set("quarantine", fault("file-locked"));
    machine.sources = [{ ...SAFE_ONLY, permits: undefined, readBy: "service" }];
    return machine;
  };

  test("is moved as Windows starts, by the restart that the plan asks for", async () => {
    const machine = locked();
    const receipt = await run(machine, [aQuarantine("faulty"), REBOOT]);
    expect([receipt.outcome, has(machine, FAULTY_FILE), has(machine, OTHER_FAULTY_FILE)]).toEqual([
      "succeeded",
      false,
      false,
    ]);
    expect(receipt.steps[0]?.files.map(({ effect }) => effect)).toEqual(["quarantined", "quarantined"]);
  });
  test("is not said to be gone when Windows did not move it", async () => {
    const machine = locked();
    machine.makesMoves = false;
    const receipt = await run(machine, [aQuarantine("faulty"), REBOOT]);
    expect([receipt.outcome, receipt.steps[1]?.fault]).toEqual(["failed", "verify-failed"]);
  });
  test("stays where it is when the order fails before the restart", async () => {
    const machine = locked();
    const before = machine.state;
    const missing = { kind: "set-service-start", service: "NoSuch", start: "manual" };
    await run(machine, [aQuarantine("faulty"), missing, REBOOT]);
    machine.boot({ kind: "clean" });
    expect(machine.state).toEqual(before);
  });
  test("is not moved any more after another plan has put it back, whenever the first one was withdrawn", async () => {
    const whole = locked();
    await run(whole, [aQuarantine("faulty"), REBOOT]);
    const back = [FAULTY_FILE, OTHER_FAULTY_FILE].map((files) => ({
      kind: "restore-file",
      files,
      sha256: sha256Of("faulty"),
      from: { quarantineOf: PLAN },
    }));
    for (let effects = 1; effects < whole.effects.length; effects++) {
      const machine = locked();
      machine.withdrawnAfterEffects = effects;
      await run(machine, [aQuarantine("faulty"), REBOOT]);
      machine.withdrawnAfterEffects = Infinity;
      await run(machine, back, planIdOf("undo"), "undo");
      machine.boot({ kind: "clean" });
      expect({ effects, there: [FAULTY_FILE, OTHER_FAULTY_FILE].map((path) => has(machine, path)) }).toEqual({
        effects,
        there: [true, true],
      });
    }
  });
  test.each(["boot-start-driver", "system-start-driver", undefined] as const)(
    "is never left to the restart where it is read by a %s",
    async (readBy) => {
      const machine = locked();
      machine.sources = [{ ...SAFE_ONLY, permits: undefined, readBy }];
      const receipt = await run(machine, [aQuarantine("faulty"), REBOOT]);
      expect(receipt.steps[0]).toMatchObject({ outcome: "failed", fault: "file-locked" });
      expect(machine.restartsAsked).toEqual([]);
    },
  );
  test("is not left to a restart that the plan does not ask for", async () => {
    expect((await run(locked(), [aQuarantine("faulty")])).steps[0]).toMatchObject({ fault: "file-locked" });
  });
});
