/**
 * AT-18: the agent is killed, the power is cut and the disk is full at every effect of every kind of step. What a step is
 * about is whole afterwards, as it was or as the plan wants it, and the journal knows which; nothing else has changed.
 */
import { describe, expect, test } from "vitest";
import { Step } from "../../protocol/playbook.ts";
import { FakeMachine } from "../support/fake-machine.ts";
import { carryOut, receiptOf, stepReceiptsOf } from "../support/order-runner.ts";
import { aSignedOrder } from "../support/signed-order.ts";
import { differences, named, STEP_CASES, type StepCase, treeOf } from "../support/step-cases.ts";

test("AT-18 covers every kind of step", () => {
  const covered = new Set(STEP_CASES.map(({ kind }) => kind));
  expect([...covered].sort()).toEqual(Step.options.map(({ shape }) => shape.kind.value).sort());
});

const FAILS = { kind: "set-service-start", service: "NotThere", start: "manual" };

describe.each(STEP_CASES)("AT-18 $kind: $name", async (stepCase) => {
  const { steps, prepare, changes, leaves = [] } = stepCase;
  const order = aSignedOrder({ steps });
  const before = treeOf(await prepare());
  const whole = await runWhole(stepCase);
  const receipt = receiptOf(whole, order.orderId);
  const after = treeOf(whole);
  const effects = whole.effects.map((what, effect) => ({ what, effect }));

  test("does what it is for, and nothing else on the machine changes", () => {
    expect(receipt.outcome).toBe("succeeded");
    expect(differences(before, after)).toEqual(named(changes));
  });

  test.each(["before", "after"] as const)("ends the same when power is lost %s any of its effects", async (when) => {
    for (const { effect, what } of effects) {
      const machine = await prepare();
      machine.cutAt = { effect, when };
      await carryOut(machine, order);
      expect({ what, ...outcomeOf(machine) }).toEqual({ what, ...outcomeOf(whole) });
    }
  });

  test.each(["before", "after"] as const)("ends the same when the agent is killed %s any of them", async (when) => {
    for (const { effect, what } of effects) {
      const machine = await prepare();
      machine.cutAt = { effect, when };
      await carryOut(machine, order, "process");
      expect({ what, ...outcomeOf(machine) }).toEqual({ what, ...outcomeOf(whole) });
    }
  });

  test("is whole when the disk is full at any of them: done, or put back and said so", async () => {
    for (const { effect, what } of effects) {
      const machine = await prepare();
      machine.cutAt = { effect, when: "full" };
      // What had no room in the outbox is told by a later process.
      for (let processes = 0; processes < 4; processes++) await carryOut(machine, order);
      const { outcome, steps: told } = receiptOf(machine, order.orderId);
      const isDone = outcome === "succeeded";
      expect({ what, isSaid: isDone || told.some(({ fault }) => fault === "disk-full") }).toEqual({
        what,
        isSaid: true,
      });
      const left = differences(isDone ? after : before, treeOf(machine));
      expect({ what, left: left.filter((name) => isDone || !named(leaves).includes(name)) }).toEqual({
        what,
        left: [],
      });
    }
  });

  test("is put back when a later step of its order fails, as far as anything could put it back", async () => {
    const machine = await prepare();
    const failing = aSignedOrder({ steps: [...steps, FAILS] });
    await carryOut(machine, failing);
    expect(receiptOf(machine, failing.orderId).outcome).toBe("failed");
    expect(differences(before, treeOf(machine))).toEqual(named(leaves));
  });

  function outcomeOf(machine: FakeMachine) {
    return {
      tree: differences(after, treeOf(machine)),
      receipt: receiptOf(machine, order.orderId),
      steps: stepReceiptsOf(machine, order.orderId),
    };
  }

  async function runWhole({ prepare: make }: StepCase): Promise<FakeMachine> {
    const machine = await make();
    await carryOut(machine, order);
    return machine;
  }
});
