/** No machine stays in safe mode because of an order, and none is taken there for nothing. */
import { describe, expect, test } from "vitest";
import { FAULTY_FILE } from "../../support/content-machine.ts";
import type { FakeMachine } from "../../support/fake-machine.ts";
import { anInMemoryAgent } from "../../support/in-memory-agent.ts";
import { carryOut, receiptOf } from "../../support/order-runner.ts";
import { aQuarantine, aSignedOrder } from "../../support/signed-order.ts";
import { aFullMachine, differences, HEALTHY, REBOOT, SAFE_ONLY, treeOf } from "../../support/step-cases.ts";

const SAFE_MODE = { kind: "set-safe-mode", mode: "minimal" };
const FAILS = { kind: "set-service-start", service: "AcmeSensor", start: "manual" };
const BROKEN = { kind: "fault", fault: "unexpected", because: "bcdedit is broken" } as const;
const STEPS = [SAFE_MODE, REBOOT, aQuarantine("faulty"), REBOOT, HEALTHY];
const order = aSignedOrder({ steps: STEPS });

async function aMachine(): Promise<FakeMachine> {
  const machine = await aFullMachine();
  machine.sources = [SAFE_ONLY];
  return machine;
}
const isFaultyThere = (machine: FakeMachine): boolean => machine.files.has(FAULTY_FILE.toLowerCase());
const isNormal = ({ mode, parts }: FakeMachine): boolean => mode === "normal" && parts.next === undefined;

describe("an order through safe mode", () => {
  test("puts files away there that cannot be put away in normal mode, and comes back", async () => {
    const machine = await aMachine();
    await carryOut(machine, order);
    expect(receiptOf(machine, order.orderId).steps.map(({ outcome }) => outcome)).toEqual(Array(5).fill("done"));
    expect([isFaultyThere(machine), isNormal(machine), machine.boots]).toEqual([false, true, 3]);
  });

  test("without safe mode in it fails, says where it is possible, and touches nothing", async () => {
    const machine = await aMachine();
    const before = treeOf(machine);
    const inNormalMode = aSignedOrder({ steps: [aQuarantine("faulty"), REBOOT] });
    await carryOut(machine, inNormalMode);
    const [step] = receiptOf(machine, inNormalMode.orderId).steps;
    expect(step).toMatchObject({ outcome: "failed", fault: "permission-denied" });
    expect(step?.because).toContain("possible in safe mode");
    expect([differences(before, treeOf(machine)), machine.restartsAsked]).toEqual([[], []]);
  });

  test("never restarts a machine on which no later step has anything to do", async () => {
    const machine = await aMachine();
    const healthy = aSignedOrder({ steps: [SAFE_MODE, REBOOT, aQuarantine("never seen"), REBOOT, HEALTHY] });
    const before = treeOf(machine);
    await carryOut(machine, healthy);
    const { outcome, steps } = receiptOf(machine, healthy.orderId);
    expect([outcome, ...steps.map((step) => step.outcome)]).toEqual(Array(6).fill("not-applicable"));
    expect([machine.boots, differences(before, treeOf(machine))]).toEqual([1, []]);
  });

  test("is not taken for a step that belongs into normal mode", async () => {
    const machine = await aMachine();
    const block = { kind: "block-update", update: "KB5034441" };
    const later = aSignedOrder({ steps: [SAFE_MODE, REBOOT, aQuarantine("never seen"), REBOOT, block] });
    await carryOut(machine, later);
    expect(receiptOf(machine, later.orderId).steps.map(({ outcome }) => outcome)).toEqual([
      ...Array<string>(4).fill("not-applicable"),
      "done",
    ]);
    expect([machine.boots, [...machine.parts.blocked]]).toEqual([1, ["KB5034441"]]);
  });

  test("does not go there for a step that would fail there, too", async () => {
    const machine = await aMachine();
    const tooMany = aSignedOrder({ steps: [SAFE_MODE, REBOOT, aQuarantine("faulty", { filesMax: 1 }), REBOOT] });
    await carryOut(machine, tooMany);
    expect(receiptOf(machine, tooMany.orderId).steps[0]).toMatchObject({
      outcome: "failed",
      fault: "too-many-matches",
    });
    expect(machine.boots).toBe(1);
  });

  test("does not go there where the machine is never to, nor where the source permits nothing there", async () => {
    const controller = await aMachine();
    controller.parts.noSafeModeBecause = "it is a domain controller";
    await carryOut(controller, order);
    expect(receiptOf(controller, order.orderId).steps[0]?.because).toContain("domain controller");
    const strict = await aMachine();
    strict.sources = [{ ...SAFE_ONLY, permits: { normal: [], safe: [], offline: [] } }];
    await carryOut(strict, order);
    expect(receiptOf(strict, order.orderId).steps[0]).toMatchObject({ fault: "permission-denied" });
    expect([controller.boots, strict.boots]).toEqual([1, 1]);
  });

  test("leaves a machine alone that a person has put into safe mode", async () => {
    const machine = await aMachine();
    machine.mode = "safe-network";
    await carryOut(machine, order);
    expect(receiptOf(machine, order.orderId).steps[0]).toMatchObject({ outcome: "failed", fault: "unexpected" });
    expect([machine.mode, machine.restartsAsked]).toEqual(["safe-network", []]);
  });

  test("that fails there puts back what it did there, and brings the machine out", async () => {
    const machine = await aMachine();
    const failing = aSignedOrder({ steps: [SAFE_MODE, REBOOT, aQuarantine("faulty"), FAILS, REBOOT] });
    const before = treeOf(machine);
    const denied = { kind: "fault", fault: "permission-denied", because: "a test" } as const;
    machine.faults.set("setServiceStart", denied);
    await carryOut(machine, failing);
    const { outcome, steps } = receiptOf(machine, failing.orderId);
    expect([outcome, ...steps.map((step) => step.outcome)]).toEqual([
      "failed",
      "undone",
      "done",
      "undone",
      "failed",
      "not-begun",
    ]);
    expect([differences(before, treeOf(machine)), isNormal(machine)]).toEqual([[], true]);
    for (let effect = 0; effect < machine.effects.length; effect++) {
      const cut = await aMachine();
      cut.faults.set("setServiceStart", denied);
      cut.cutAt = { effect, when: "after" };
      await carryOut(cut, failing);
      expect({ effect, left: differences(before, treeOf(cut)) }).toEqual({ effect, left: [] });
    }
  });

  test("ends in normal mode whenever it is withdrawn, also when power is lost around that", async () => {
    const whole = await aMachine();
    await carryOut(whole, order);
    const after = treeOf(whole);
    const before = treeOf(await aMachine());
    for (let effects = 0; effects < whole.effects.length; effects++) {
      for (const lost of [undefined, effects + 1, effects + 4]) {
        const machine = await aMachine();
        machine.withdrawnAfterEffects = effects;
        if (lost !== undefined) machine.cutAt = { effect: lost, when: "after" };
        await carryOut(machine, order);
        const tree = treeOf(machine);
        const isWhole = differences(before, tree).length === 0 || differences(after, tree).length === 0;
        expect({ effects, lost, isWhole, isNormal: isNormal(machine) }).toEqual({
          effects,
          lost,
          isWhole: true,
          isNormal: true,
        });
      }
    }
  });

  test("does not restart a machine again and again whose firmware does not take it there", async () => {
    const machine = await aMachine();
    const before = treeOf(machine);
    machine.parts.isIgnored = true;
    await carryOut(machine, order);
    const { outcome, steps } = receiptOf(machine, order.orderId);
    expect([outcome, steps[1]?.fault, isNormal(machine)]).toEqual(["failed", "restarts-exhausted", true]);
    expect(differences(before, treeOf(machine))).toEqual([]);
    expect(machine.boots).toBeLessThan(10);
  });

  test("comes back, and undoes nothing, where what it has set cannot be cleared and is used up", async () => {
    const machine = await aMachine();
    machine.parts.faults.set("safeModes.clear", BROKEN);
    await carryOut(machine, order);
    expect(receiptOf(machine, order.orderId).outcome).toBe("succeeded");
    expect([isFaultyThere(machine), machine.mode, machine.boots]).toEqual([false, "normal", 3]);
  });

  test("ends at last on a machine that cannot be brought out, and says what it did", async () => {
    const machine = await aMachine();
    machine.parts.faults.set("safeModes.clear", BROKEN);
    machine.parts.isNeverUsedUp = true;
    await carryOut(machine, order);
    expect(receiptOf(machine, order.orderId).outcome).toBe("failed");
    expect(machine.boots).toBeLessThan(40);
  });
});

describe("the agent itself", () => {
  const config = { sources: [SAFE_ONLY], pollEveryMs: 1_000 };
  const start = (machine: FakeMachine, mailbox = [order]) => anInMemoryAgent(machine, mailbox, config);
  const restart = async (machine: FakeMachine, mailbox?: (typeof order)[]) => {
    machine.boot({ kind: "planned-restart" });
    return start(machine, mailbox);
  };

  async function inSafeMode(): Promise<FakeMachine> {
    const machine = await aMachine();
    await start(machine);
    await machine.advance(5_000);
    machine.boot({ kind: "planned-restart" });
    expect(machine.mode).toBe("safe-minimal");
    return machine;
  }

  test("goes on in safe mode without a network, and answers when it is back", async () => {
    const machine = await inSafeMode();
    machine.hasNetwork = false;
    const offline = await start(machine);
    await machine.advance(5_000);
    expect([isFaultyThere(machine), machine.restartsAsked.length, offline.said]).toEqual([false, 2, []]);
    machine.hasNetwork = true;
    const online = await restart(machine);
    await machine.advance(60_000);
    expect([isNormal(machine), online.said.includes("order-ended")]).toEqual([true, true]);
  });

  test("clears the setting before it writes anything down", async () => {
    const machine = await inSafeMode();
    const { length } = machine.effects;
    machine.cutAt = { effect: length + 12, when: "after" };
    await start(machine).catch(() => undefined);
    await machine.advance(1).catch(() => undefined);
    const since = machine.effects.slice(length);
    expect(since.findIndex((what) => what === "clear safe mode")).toBeLessThan(
      since.findIndex((what) => what.startsWith("journal")),
    );
    expect(since).toContain("clear safe mode");
  });

  test("does not wait there for room on the disk", async () => {
    const machine = await inSafeMode();
    machine.fullLogs.add("journal");
    await start(machine);
    await machine.advance(5_000);
    expect(machine.restartsAsked).toHaveLength(2);
    const agent = await restart(machine);
    await machine.advance(60_000);
    expect([isNormal(machine), isFaultyThere(machine), machine.restartsAsked.length]).toEqual([true, true, 2]);
    machine.fullLogs.clear();
    await machine.advance(60_000);
    expect([agent.errors, machine.restartsAsked.length]).toEqual([[], 3]); // now it goes back there
  });

  test("comes to a safe point when everything is stopped while it is there", async () => {
    const machine = await inSafeMode();
    const agent = await start(machine, [{ ...order, withdrawn: true }]);
    await machine.advance(5_000);
    expect(machine.restartsAsked.length).toBe(2);
    const back = await restart(machine, []);
    await machine.advance(60_000);
    expect([isNormal(machine), back.said.includes("order-ended"), agent.errors]).toEqual([true, true, []]);
  });

  test("takes no order where the disk forgets at each start: it would come again, and restart the machine for ever", async () => {
    const machine = await aMachine();
    machine.forgetsBecause = "the write filter is on";
    const agent = await start(machine);
    await machine.advance(60_000);
    expect([agent.said.includes("order-refused"), machine.restartsAsked, isFaultyThere(machine)]).toEqual([
      true,
      [],
      true,
    ]);
  });

  test.each([
    ["is lost, as on a disk that is reset at each start", []],
    ["is damaged", ['{"event":"done"}']],
  ])("leaves when its journal %s", async (_, journal) => {
    const machine = await inSafeMode();
    machine.logs.journal = journal;
    await start(machine, []);
    await machine.advance(5_000);
    expect(machine.restartsAsked).toHaveLength(2);
    await restart(machine, []);
    await machine.advance(60_000);
    expect([isNormal(machine), machine.restartsAsked.length]).toEqual([true, 2]);
  });

  test("without a journal stays where a person has brought the machine, and where a restart would lead back", async () => {
    const byPerson = await aMachine();
    byPerson.mode = "safe-network";
    const back = await inSafeMode();
    back.logs.journal = [];
    back.parts.next = "minimal";
    back.parts.faults.set("safeModes.clear", BROKEN);
    for (const machine of [byPerson, back]) {
      const asked = machine.restartsAsked.length;
      await start(machine, []);
      await machine.advance(60_000);
      expect(machine.restartsAsked).toHaveLength(asked);
    }
  });

  test("clears a setting that an order which has ended left behind", async () => {
    const machine = await aMachine();
    await carryOut(machine, order);
    machine.parts.next = "minimal";
    await start(machine, []);
    await machine.advance(1_000);
    expect(machine.parts.next).toBeUndefined();
  });

  test("leaves a setting alone that no order has made", async () => {
    const machine = await aMachine();
    machine.parts.next = "network";
    await start(machine, []);
    await machine.advance(1_000);
    expect(machine.parts.next).toBe("network");
  });
});
