/**
 * In which mode of the machine a step belongs, and whether an order still has to bring the machine out of safe mode.
 *
 * Pure. Invariant: an order that has set safe mode does not end before the setting is cleared and the machine is in
 * normal mode, whatever became of its steps; only a machine that refuses to leave again and again ends it all the same.
 */
import type { BootReport } from "../../protocol/boot.ts";
import type { StepOf } from "../../protocol/playbook.ts";
import type { Journal, OrderState, StepState } from "./journal.ts";

export type BootMode = BootReport["mode"];
export type SafeMode = StepOf<"set-safe-mode">["mode"];

/** Restarts out of safe mode that one order asks for. */
const LEAVES_MAX = 5;

export const isSafe = (mode: BootMode): boolean => mode === "safe-minimal" || mode === "safe-network";
export const bootModeOf = (mode: SafeMode): BootMode => (mode === "minimal" ? "safe-minimal" : "safe-network");

/** The mode that the reboot at `index` leads to, as far as the steps before it are done. */
export function leadsTo(steps: readonly StepState[], index: number): SafeMode | undefined {
  for (const { step, status } of steps.slice(0, index).toReversed()) {
    if (status !== "done") continue;
    if (step.kind === "reboot") return undefined;
    if (step.kind === "set-safe-mode") return step.mode;
  }
  return undefined;
}

/** The steps that are to be carried out in the mode that `set-safe-mode` at `index` sets: between two restarts. */
export function stayAfter(steps: readonly StepState[], index: number): readonly StepState[] {
  const isReboot = ({ step }: StepState): boolean => step.kind === "reboot";
  const wayIn = steps.findIndex((state, i) => i > index && isReboot(state));
  if (wayIn < 0) return [];
  const wayOut = steps.findIndex((state, i) => i > wayIn && isReboot(state));
  return steps.slice(wayIn + 1, wayOut < 0 ? undefined : wayOut);
}

/** How the machine was brought into safe mode. */
export interface WayIn {
  readonly mode: SafeMode;
  readonly reboot: StepOf<"reboot">;
  readonly at: number;
}

/** The last restart before a step, if it was one into safe mode: the step belongs there. */
export function wayInOf(steps: readonly StepState[], index: number): WayIn | undefined {
  const at = steps.findLastIndex(({ step, status }, i) => i < index && step.kind === "reboot" && status === "done");
  const reboot = steps[at]?.step;
  const mode = leadsTo(steps, at);
  return reboot?.kind !== "reboot" || mode === undefined ? undefined : { mode, reboot, at };
}

/** Was it done in the same stay in safe mode in which the order failed? Then it is put back there, too. */
export function isUndoneInSafeMode(steps: readonly StepState[], index: number): boolean {
  const failed = steps.findIndex(({ failure }) => failure !== undefined);
  const wayIn = wayInOf(steps, index);
  return wayIn !== undefined && failed >= 0 && wayInOf(steps, failed)?.at === wayIn.at;
}

/** May the next start, or this one, be in safe mode because of this order? It has promised to set it, at least. */
export const hasSetSafeMode = ({ steps }: OrderState): boolean =>
  steps.some(({ step, memo }) => step.kind === "set-safe-mode" && memo.kind === "changed");

/** @param isCleared is it known that the next start is normal? */
export const mustLeave = (order: OrderState, mode: BootMode, isCleared: boolean): boolean =>
  hasSetSafeMode(order) && (isSafe(mode) || !isCleared) && order.leaves < LEAVES_MAX;

/** Might a setting be there that an order of this journal has made and nobody has cleared? */
export const mayHaveLeftSafeMode = ({ orders }: Journal): boolean => [...orders.values()].some(hasSetSafeMode);
