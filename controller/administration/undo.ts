/** The plan that undoes what a rollout did: a plan like any other, that needs its own approval. Pure. */
import type { PlanId } from "../../protocol/ids.ts";
import type { Plan } from "../../protocol/plan.ts";
import { Playbook, type Step } from "../../protocol/playbook.ts";
import type { Strategy } from "../../protocol/strategy.ts";
import type { Instant } from "../../protocol/time.ts";
import { Refused, type RolloutDeviceRow } from "../ports.ts";

/**
 * The plan that puts back what a rollout did, on the devices it may have touched, in the same waves behind the same gates.
 *
 * @throws Refused if there is nothing to undo, or a step whose former state only the device knows.
 */
export function makeUndoPlan(
  plan: Plan,
  rows: readonly RolloutDeviceRow[],
  made: { readonly id: PlanId; readonly at: Instant },
): Plan {
  const touched = new Set(
    rows
      .filter(({ order, status }) => order !== null && status !== "refused" && status !== "not-applicable")
      .map(({ device }) => device),
  );
  const waves = plan.waves
    .map((wave, index) => ({ name: wave.name, index, devices: wave.devices.filter((device) => touched.has(device)) }))
    .filter(({ devices }) => devices.length > 0);
  if (waves.length === 0)
    throw new Refused(
      "wrong-state",
      "This rollout has touched no device yet, so there is nothing to undo. Abort it instead.",
    );
  const strategy: Strategy = {
    ...plan.strategy,
    waves: waves.map(({ name, index, devices }) => ({
      ...gateOfWave(plan.strategy, index),
      name,
      take: { count: devices.length },
    })),
  };
  return {
    id: made.id,
    title: shortened(`Undo: ${plan.title}`, 200),
    createdAt: made.at,
    playbook: undoPlaybook(plan),
    strategy,
    incident: plan.incident,
    undoes: plan.id,
    supplements: null,
    waves: waves.map(({ name, devices }) => ({ name, devices })),
  };
}

function gateOfWave(strategy: Strategy, index: number): Strategy["waves"][number] {
  const wave = strategy.waves[index];
  if (wave === undefined) throw new RangeError(`the plan has a wave ${index} that its strategy does not know`);
  return wave;
}

function undoPlaybook({ id, playbook }: Plan): Playbook {
  const steps = playbook.steps.toReversed().flatMap((step): Step[] => {
    switch (step.kind) {
      case "quarantine-file":
        return step.where.sha256.map((sha256) => ({
          kind: "restore-file",
          files: step.files,
          sha256,
          from: { quarantineOf: id },
        }));
      case "restore-file":
        throw new Refused(
          "wrong-state",
          "This plan put files back; to take them away again, declare their version and plan a rollback of it.",
        );
      case "set-service-start":
        throw new Refused(
          "wrong-state",
          `Only the devices know how ${step.service} was started before. Plan a set-service-start step with the value you want.`,
        );
      case "reboot":
      case "await-healthy":
        return []; // added again below, in their own order
    }
  });
  const proof = playbook.steps.filter(({ kind }) => kind === "reboot" || kind === "await-healthy");
  const undo = Playbook.safeParse({
    ...playbook,
    name: `undo-${playbook.name}`.slice(0, 63).replace(/-+$/, ""),
    title: shortened(`Undo: ${playbook.title}`, 120),
    steps: [...steps, ...proof],
  });
  if (undo.success) return undo.data;
  throw new Refused(
    "wrong-state",
    `Undoing this takes ${steps.length + proof.length} steps, one for each version of a file, and a playbook holds 20. Plan restore-file steps in two plans.`,
  );
}

/** Never half a character: what is cut in two cannot be hashed. */
const shortened = (text: string, max: number): string =>
  text
    .slice(0, max)
    .toWellFormed()
    .replace(/\ufffd$/, "");
