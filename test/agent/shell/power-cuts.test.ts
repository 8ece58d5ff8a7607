/** Power is cut around every effect of every step: after the restart the end is the same as without it. */
import { describe, expect, test } from "vitest";
import { type FakeMachine, sha256Of } from "../../support/fake-machine.ts";
import { aContentMachine, FAULTY_FILE, OTHER_FAULTY_FILE } from "../../support/content-machine.ts";
import { carryOut, heardOf, receiptOf, stepReceiptsOf } from "../../support/order-runner.ts";
import { aQuarantine, aSignedOrder, planIdOf } from "../../support/signed-order.ts";

const REBOOT = { kind: "reboot", noticeMs: 0 };
const healthy = (withinMs: number, ...services: string[]) => ({
  kind: "await-healthy",
  services,
  settleMs: 5_000,
  withinMs,
});
const SERVICE = { kind: "set-service-start", service: "AcmeSensor", start: "manual" };

const PLAN = planIdOf("a plan");
const CASES = [
  {
    name: "a rollback that succeeds",
    steps: [aQuarantine("faulty"), SERVICE, REBOOT, healthy(600_000, "Dnscache")],
    prepare: () => aContentMachine(),
    outcome: "succeeded",
  },
  {
    name: "a rollback whose proof fails at the end",
    steps: [aQuarantine("faulty"), SERVICE, REBOOT, healthy(60_000, "NotThere")],
    prepare: () => aContentMachine(),
    outcome: "failed",
  },
  {
    name: "a rollback whose last change fails and which is undone",
    steps: [aQuarantine("faulty"), SERVICE, REBOOT, { ...SERVICE, service: "NotThere" }],
    prepare: () => aContentMachine(),
    outcome: "failed",
  },
  {
    name: "a machine without the file",
    steps: [aQuarantine("never seen"), REBOOT, healthy(60_000)],
    prepare: () => aContentMachine(),
    outcome: "not-applicable",
  },
  {
    name: "an undo that brings the files back",
    steps: [
      { kind: "restore-file", files: FAULTY_FILE, sha256: sha256Of("faulty"), from: { quarantineOf: PLAN } },
      { kind: "restore-file", files: OTHER_FAULTY_FILE, sha256: sha256Of("faulty"), from: { quarantineOf: PLAN } },
      REBOOT,
    ],
    prepare: async () => {
      const machine = aContentMachine();
      await carryOut(machine, aSignedOrder({ steps: [aQuarantine("faulty")], plan: PLAN, seed: "the first" }));
      machine.effects.length = 0;
      return machine;
    },
    outcome: "succeeded",
  },
];

describe.each(CASES)("$name", async ({ steps, prepare, outcome }) => {
  const order = aSignedOrder({ steps, plan: planIdOf(outcome === "succeeded" ? "a plan" : outcome) });
  const whole = await prepare();
  await carryOut(whole, order);
  const outcomeOf = (machine: FakeMachine) => receiptOf(machine, order.orderId);
  const receipt = outcomeOf(whole);
  const cuts = whole.effects.flatMap((what, effect) =>
    (["before", "after"] as const).map((when) => ({ effect, when, what })),
  );

  test(`ends ${outcome} without a cut`, () => {
    expect(receipt.outcome).toBe(outcome);
    const ends = heardOf(whole).filter((said) => /^\d (?:done|not-applicable|failed|undone|undo-failed)$/.test(said));
    expect(stepReceiptsOf(whole, order.orderId).length).toBeGreaterThan(0);
    expect(ends.join()).toContain(
      stepReceiptsOf(whole, order.orderId)
        .map((said) => said.replace(/ \S*$/, ""))
        .join(),
    );
    expect(cuts.length).toBeGreaterThan(10);
  });

  test.each(cuts)("is the same after power is lost $when effect $effect: $what", async ({ effect, when }) => {
    const machine = await prepare();
    machine.cutAt = { effect, when };
    await carryOut(machine, order);
    expect(machine.state).toEqual(whole.state);
    expect(outcomeOf(machine)).toEqual(receipt);
    expect(heardOf(machine)).toEqual(heardOf(whole));
    expect(stepReceiptsOf(machine, order.orderId)).toEqual(stepReceiptsOf(whole, order.orderId));
  });

  test("is the same when power is lost again and again", async () => {
    const machine = await prepare();
    machine.cutEvery(7);
    await carryOut(machine, order);
    expect(machine.boots).toBeGreaterThan(whole.boots);
    expect(machine.state).toEqual(whole.state);
    expect(outcomeOf(machine)).toEqual(receipt);
  });
});

describe("a machine that never lives long enough", () => {
  const order = aSignedOrder({ steps: [aQuarantine("faulty"), REBOOT], plan: PLAN });

  test("gives up after a bound, says why, and puts back what it had begun", async () => {
    const machine = aContentMachine();
    const before = machine.state;
    machine.cutEvery(3);
    await carryOut(machine, order);
    const [step] = receiptOf(machine, order.orderId).steps;
    expect(step).toMatchObject({ fault: "restarts-exhausted" });
    expect(machine.boots).toBeLessThan(100);
    expect(machine.state).toEqual(before);
  });
});
