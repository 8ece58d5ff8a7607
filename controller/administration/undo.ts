/** The plan that undoes what a rollout did: a plan like any other, that needs its own approval. Pure. */
import { assertNever } from "../../protocol/exhaustive.ts";
import type { PlanId } from "../../protocol/ids.ts";
import type { Plan } from "../../protocol/plan.ts";
import { Playbook, type Step } from "../../protocol/playbook.ts";
import type { Strategy } from "../../protocol/strategy.ts";
import type { Instant } from "../../protocol/time.ts";
import { Refused } from "../ports/refused.ts";
import type { RolloutDeviceRow } from "../store/rollouts.ts";

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

function undoPlaybook(plan: Plan): Playbook {
  const { playbook } = plan;
  const steps = [
    ...wayIn(playbook.steps),
    ...playbook.steps.toReversed().flatMap((step) => undoStep(step, plan.id)),
    ...proofOf(playbook.steps), // in their own order
  ];
  const undo = Playbook.safeParse({
    ...playbook,
    name: `undo-${playbook.name}`.slice(0, 63).replace(/-+$/, ""),
    title: shortened(`Undo: ${playbook.title}`, 120),
    steps,
  });
  if (undo.success) return undo.data;
  throw new Refused(
    "wrong-state",
    `Undoing this takes ${steps.length} steps, one for each version of a file, and a playbook holds 20. Plan restore-file steps in two plans.`,
  );
}

const isProof = ({ kind }: Step): boolean => kind === "reboot" || kind === "await-healthy";

/** What was put away in safe mode is brought back there, too. */
function wayIn(steps: readonly Step[]): Step[] {
  const safeMode = steps.find(({ kind }) => kind === "set-safe-mode");
  const reboot = steps.find(({ kind }) => kind === "reboot");
  return safeMode === undefined || reboot === undefined ? [] : [safeMode, reboot];
}

/** The restart that makes the change effective, and the wait for a good boot. Restarts into safe mode are no proof. */
function proofOf(steps: readonly Step[]): Step[] {
  let leadsIn = false;
  return steps.filter((step) => {
    if (step.kind === "set-safe-mode") leadsIn = true;
    if (!isProof(step)) return false;
    const isWayIn = leadsIn && step.kind === "reboot";
    leadsIn = leadsIn && !isWayIn;
    return !isWayIn;
  });
}

/** @throws Refused where only the devices know what was there before */
function undoStep(step: Step, undoes: PlanId): Step[] {
  switch (step.kind) {
    case "quarantine-file":
      return step.where.sha256.map((sha256) => ({
        kind: "restore-file",
        files: step.files,
        sha256,
        from: { quarantineOf: undoes },
      }));
    case "hold-content":
      return [{ kind: "release-content", source: step.source }];
    case "reboot":
    case "await-healthy":
    case "set-safe-mode":
      return []; // added in their own order
    case "restart-service":
    case "collect-diagnostics":
      return []; // nothing of it is left that could be undone
    case "restore-file":
    case "restore-from-quarantine":
      throw new Refused(
        "wrong-state",
        "This plan put files back; to take them away again, declare their version and plan a rollback of it.",
      );
    case "set-service-start":
      throw new Refused(
        "wrong-state",
        `Only the devices know how ${step.service} was started before. Plan a set-service-start step with the value you want.`,
      );
    case "set-registry-value":
      throw new Refused(
        "wrong-state",
        `Only the devices know what stood in ${step.key} before. Plan a set-registry-value step with the value you want.`,
      );
    case "remove-update":
    case "block-update":
      throw new Refused(
        "wrong-state",
        `Only the devices know whether ${step.update} was installed, and offered, before. Approve it again where you manage updates, or plan an install-update step.`,
      );
    case "install-update":
      throw new Refused(
        "wrong-state",
        `Only the devices know whether ${step.update} was installed before. Plan remove-update and block-update steps for those that you mean.`,
      );
    case "revert-definitions":
      throw new Refused(
        "wrong-state",
        "Microsoft Defender fetches its newest definitions by itself; there is nothing that a plan could put back.",
      );
    case "remove-driver":
      throw new Refused(
        "wrong-state",
        `A copy of the package of ${step.original} lies on each device, and no step installs drivers. Deploy the version that you want as you deploy drivers.`,
      );
    case "release-content":
      throw new Refused(
        "wrong-state",
        `Only the devices know whether ${step.source} was held before. Plan a hold-content step if you want it held.`,
      );
    default:
      return assertNever(step);
  }
}

/** Never half a character: what is cut in two cannot be hashed. */
const shortened = (text: string, max: number): string =>
  text
    .slice(0, max)
    .toWellFormed()
    .replace(/\ufffd$/, "");
