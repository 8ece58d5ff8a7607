/** What the steps beyond files do, what they refuse, and what they say when a tool has told a lie. */
import { describe, expect, test } from "vitest";
import type { Fault } from "../../../agent/ports.ts";
import { RegistryValue } from "../../../protocol/registry.ts";
import { GOOD_FILE } from "../../support/content-machine.ts";
import type { FakeMachine } from "../../support/fake-machine.ts";
import { anInMemoryAgent } from "../../support/in-memory-agent.ts";
import { carryOut, receiptOf } from "../../support/order-runner.ts";
import { aHold } from "../../support/precautions.ts";
import { sha256Of } from "../../support/sha256-of.ts";
import { aQuarantine, aSignedOrder, NOON, planIdOf, SOURCE } from "../../support/signed-order.ts";
import { aFullMachine, differences, REBOOT, SAFE_ONLY, STEP_CASES, treeOf } from "../../support/step-cases.ts";

const fault = (name: Fault["fault"], because = "a test"): Fault => ({ kind: "fault", fault: name, because });
const FAILS = { kind: "set-service-start", service: "NotThere", start: "manual" };

async function run(machine: FakeMachine, steps: readonly unknown[], seed = "an order") {
  const before = treeOf(machine);
  const order = aSignedOrder({ steps, seed, plan: planIdOf(seed) });
  await carryOut(machine, order);
  return { ...receiptOf(machine, order.orderId), changed: differences(before, treeOf(machine)) };
}

describe("a tool that says it has done something and has not", () => {
  const LIES = {
    "set-registry-value": "registry.write",
    "remove-update": "updates.remove",
    "block-update": "updates.block",
    "install-update": "updates.install",
    "revert-definitions": "defender.revertDefinitions",
    "restore-from-quarantine": "defender.restoreFromQuarantine",
    "set-safe-mode": "safeModes.setOnce",
  };
  test.each(Object.entries(LIES))("%s: is not believed", async (kind, method) => {
    const stepCase = STEP_CASES.find((each) => each.kind === kind);
    const machine = await stepCase?.prepare();
    if (stepCase === undefined || machine === undefined) throw new Error(`no case of ${kind}`);
    machine.parts.lies.add(method);
    const { outcome, steps, changed } = await run(machine, stepCase.steps);
    expect([outcome, steps[0]?.fault, changed]).toEqual(["failed", "verify-failed", []]);
  });
});

describe("remove-update", () => {
  const update = "KB5034441";
  const steps = [{ kind: "remove-update", update, withinMs: 600_000 }, { kind: "block-update", update }, REBOOT];

  test("removes nothing that Windows would not let go, and says why", async () => {
    const machine = await aFullMachine();
    const permanentBecause = "it is part of the servicing stack";
    machine.parts.updates.set(update, { update, packages: [], state: "installed", permanentBecause });
    const { steps: told, changed } = await run(machine, steps);
    expect(told[0]).toMatchObject({ outcome: "failed", fault: "permission-denied" });
    expect([told[0]?.because?.includes(permanentBecause), changed, machine.restartsAsked]).toEqual([true, [], []]);
  });
  test("removes nothing where it could not be blocked afterwards", async () => {
    const machine = await aFullMachine();
    machine.parts.faults.set("updates.isBlocked", fault("unexpected"));
    expect(await run(machine, steps)).toMatchObject({ outcome: "failed", changed: [] });
  });
  test("blocks it also where it is not installed, and restarts nothing for that", async () => {
    const machine = await aFullMachine();
    machine.parts.updates.delete(update);
    const { outcome, changed } = await run(machine, steps);
    expect([outcome, changed, machine.boots]).toEqual(["succeeded", [`blocked ${update.toLowerCase()}`], 1]);
  });
  test("says that it is off for good when its order fails afterwards", async () => {
    const machine = await aFullMachine();
    machine.parts.faults.set("updates.block", fault("permission-denied"));
    const { steps: told } = await run(machine, steps);
    expect(told.map(({ outcome }) => outcome)).toEqual(["undo-failed", "failed", "not-begun"]);
    expect(told[0]?.because).toContain("nothing on this machine could install it again");
  });
});

describe("restart-service", () => {
  const order = aSignedOrder({ steps: [{ kind: "restart-service", service: "AcmeSensor", withinMs: 60_000 }] });
  async function aMachine(): Promise<FakeMachine> {
    const machine = await aFullMachine();
    for (const name of ["AcmeUi", "AcmeReports"]) machine.services.set(name, { start: "manual", running: true });
    machine.services.set("AcmeOff", { start: "manual", running: false });
    machine.parts.needs.set("AcmeSensor", ["AcmeUi", "AcmeReports", "AcmeOff"]);
    return machine;
  }

  test("leaves running what ran, wherever its process is killed, and starts nothing that did not", async () => {
    const whole = await aMachine();
    await carryOut(whole, order);
    for (let effect = 0; effect < whole.effects.length; effect++) {
      for (const when of ["before", "after"] as const) {
        const machine = await aMachine();
        machine.cutAt = { effect, when };
        await carryOut(machine, order, "process");
        const running = [...machine.services].filter((each) => each[1].running).map(([name]) => name);
        expect({ effect, when, running: running.sort() }).toEqual({
          effect,
          when,
          running: ["AcmeReports", "AcmeSensor", "AcmeUi", "Dnscache"],
        });
      }
    }
  });
});

describe("install-update", () => {
  const install = (over: object) => ({
    kind: "install-update",
    update: "KB5052077",
    file: "C:\\ProgramData\\Fixes\\fix.msu",
    sha256: sha256Of("the fix"),
    withinMs: 600_000,
    ...over,
  });
  test.each([
    [{ sha256: sha256Of("another fix") }, "file-changed"],
    [{ file: "C:\\ProgramData\\Fixes\\not-there.msu" }, "not-found"],
  ])("installs nothing but the approved file: %j", async (over, name) => {
    const machine = await aFullMachine();
    const { steps, changed } = await run(machine, [install(over)]);
    expect([steps[0]?.fault, changed]).toEqual([name, []]);
  });
});

describe("revert-definitions", () => {
  const revert = (...versions: string[]) => ({ kind: "revert-definitions", versions, withinMs: 60_000 });
  test("says that tamper protection stands in its way", async () => {
    const machine = await aFullMachine();
    machine.parts.defender = { definitions: "1.2.3.4", engine: "1", platform: "4", tamperProtected: true };
    const { steps, changed } = await run(machine, [revert("1.2.3.4")]);
    expect(steps[0]?.fault).toBe("permission-denied");
    expect(steps[0]?.because).toContain("tamper protection");
    expect(changed).toEqual([]);
  });
  test("leaves other definitions alone, and machines without Defender", async () => {
    const machine = await aFullMachine();
    expect(await run(machine, [revert("1.2.3.4")], "one")).toMatchObject({ outcome: "not-applicable", changed: [] });
    machine.parts.defender = undefined;
    expect(await run(machine, [revert("1.2.3.4")], "two")).toMatchObject({ outcome: "not-applicable", changed: [] });
  });
});

describe("set-registry-value", () => {
  const key = "HKLM\\SOFTWARE\\Policies\\Acme";
  const set = (value: unknown) => ({ kind: "set-registry-value", key, name: "AutoUpdate", value });
  test("has nothing to do where it is so already", async () => {
    expect(await run(await aFullMachine(), [set({ kind: "dword", number: 1 })])).toMatchObject({
      outcome: "not-applicable",
      changed: [],
    });
  });
  test("leaves what somebody else has set since when it is undone, and says so", async () => {
    const machine = await aFullMachine();
    const place = `${key}\\autoupdate`.toLowerCase();
    const mine = RegistryValue.parse({ kind: "dword", number: 0 });
    const theirs = RegistryValue.parse({ kind: "dword", number: 9 });
    machine.parts.answers.push("later");
    const steps = [set(mine), { ...REBOOT, deferMs: 60_000 }, FAILS];
    const order = aSignedOrder({ steps });
    const asked = machine.parts.answers;
    // While the restart is put off, a person sets another value.
    Object.defineProperty(asked, "shift", {
      value: () => {
        machine.parts.registry.set(place, theirs);
        return "now";
      },
    });
    await carryOut(machine, order);
    expect(receiptOf(machine, order.orderId).steps[0]).toMatchObject({ outcome: "undo-failed" });
    expect(machine.parts.registry.get(place)).toEqual(theirs);
  });
});

describe("a restart that may be put off", () => {
  const steps = [aQuarantine("faulty"), { ...REBOOT, deferMs: 600_000 }];
  const waitedMs = async (answers: FakeMachine["parts"]["answers"], over: object = {}) => {
    const machine = await aFullMachine();
    machine.parts.answers.push(...answers);
    const { now } = machine;
    const { outcome } = await run(machine, [steps[0], { ...steps[1], ...over }]);
    expect([outcome, machine.restartsAsked.length]).toEqual(["succeeded", 1]);
    return machine.now - now;
  };
  test("comes at once where nobody is there, and when the person says so", async () => {
    expect(await waitedMs([])).toBe(0);
    expect(await waitedMs(["asked", "asked", "now"])).toBe(2_000);
  });
  test("comes all the same when the time is over, whatever the person says", async () => {
    expect(await waitedMs(Array<"later">(10_000).fill("later"))).toBe(600_000);
    expect(await waitedMs(Array<"later">(10_000).fill("later"), { deferMs: 1 })).toBe(1);
  });
});

describe("restore-from-quarantine", () => {
  const file = "C:\\Program Files\\Acme\\till.exe";
  const restore = (sha256: string) => ({
    kind: "restore-from-quarantine",
    threat: "Trojan:Win32/Wacatac.B!ml",
    file,
    sha256,
  });
  test("does not let another file stand than the one that was approved", async () => {
    const machine = await aFullMachine();
    const { steps } = await run(machine, [restore(sha256Of("another till"))]);
    expect(steps[0]?.fault).toBe("verify-failed");
    expect(steps[0]?.because).toContain("another file");
    expect(machine.files.has(file.toLowerCase())).toBe(false);
  });
  test("has nothing to do where Defender took nothing away, or the file is in its place", async () => {
    const machine = await aFullMachine();
    machine.parts.takenByDefender.length = 0;
    expect(await run(machine, [restore(sha256Of("till"))], "a")).toMatchObject({
      outcome: "not-applicable",
      changed: [],
    });
    machine.put(file, "till");
    expect(await run(machine, [restore(sha256Of("till"))], "b")).toMatchObject({
      outcome: "not-applicable",
      changed: [],
    });
  });
  test("overwrites nothing that stands there now", async () => {
    const machine = await aFullMachine();
    machine.put(file, "installed again since");
    expect(await run(machine, [restore(sha256Of("till"))])).toMatchObject({
      outcome: "failed",
      steps: [{ fault: "file-changed" }],
      changed: [],
    });
  });
});

describe("a known-good copy", () => {
  const back = { kind: "restore-file", files: GOOD_FILE, sha256: sha256Of("the last good"), from: { knownGood: true } };
  test("is put nowhere on a machine on which the plan has changed nothing", async () => {
    const machine = await aFullMachine();
    machine.files.delete(GOOD_FILE.toLowerCase());
    machine.sources = [{ ...SAFE_ONLY, permits: undefined, isRestorable: true }];
    expect(await run(machine, [aQuarantine("never seen"), back])).toMatchObject({
      outcome: "not-applicable",
      changed: [],
    });
  });
  test("is not put back where its vendor does not document that it may be", async () => {
    const machine = await aFullMachine();
    const there = { ...back, files: [...machine.files.values()][0]?.path };
    const { steps, changed } = await run(machine, [aQuarantine("faulty"), there]);
    expect(steps[1]).toMatchObject({ outcome: "failed", fault: "permission-denied" });
    expect(changed).toEqual([]);
  });
});

describe("a source that an order holds", () => {
  const order = (kind: string, seed: string, generation: number) =>
    aSignedOrder({ steps: [{ kind, source: SOURCE }], seed, plan: planIdOf(seed), statement: { generation } });
  const config = { sources: [SAFE_ONLY] };

  test("stays held over boots and when a person's own hold of it ends, until an order releases it", async () => {
    const machine = await aFullMachine();
    await anInMemoryAgent(machine, [order("hold-content", "one", 1)], config);
    await machine.advance(5_000);
    expect([...machine.held]).toEqual([SOURCE]);
    machine.held.clear(); // as if its hold did not outlive a boot
    machine.boot({ kind: "power-loss" });
    const second = await anInMemoryAgent(machine, [], config);
    await machine.advance(5_000);
    second.send({ type: "hold", hold: aHold({ from: NOON, hours: 1 }), released: false });
    await machine.advance(2 * 3_600_000);
    expect(second.said).toContain("hold-changed");
    expect([...machine.held]).toEqual([SOURCE]);
    second.controller.mailbox = [order("release-content", "two", 2)];
    second.send({ type: "nudge" });
    await machine.advance(5_000);
    expect([[...machine.held], second.errors]).toEqual([[], []]);
  });
});
