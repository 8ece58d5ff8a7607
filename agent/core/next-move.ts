/**
 * What an order under way needs next. Pure: the runner asks after every record, carries the answer out, asks again.
 *
 * Invariants: a machine on which nothing was changed is not restarted; a withdrawn order takes no new step; after a
 * failed change only undoing happens; a step is not tried for ever.
 *
 * When every change stands and only its proof fails (no restart, no good boot), nothing is undone: putting a convicted
 * file back onto a machine that lives would bring the crash back. Whether to undo is for people, by a plan of its own.
 */
import type { OrderOutcome, StepFault } from "../../protocol/progress.ts";
import { isToUndo, type OrderState, type StepState } from "./journal.ts";
import { leadsTo, wayInOf } from "./safe-mode.ts";
import { isPurpose, traitsOf } from "./step-traits.ts";

/**
 * Processes that may take up an order without a step coming to an end. A machine in a boot loop restarts about once a
 * minute; vendors in July 2024 asked for up to 15 restarts until the network came up in time.
 */
export const RESTARTS_MAX = 20;
/**
 * The same for a step that takes the machine into safe mode, or belongs there: firmware that does not start what was chosen,
 * or a safe mode that crashes too, will not be another one the next time, and each try restarts the machine.
 */
const SAFE_MODE_RESTARTS_MAX = 6;

export type Move =
  | { readonly kind: "carry-out"; readonly step: number }
  | { readonly kind: "skip"; readonly step: number; readonly because: string }
  | { readonly kind: "give-up"; readonly step: number; readonly fault: StepFault; readonly because: string }
  | { readonly kind: "abandon"; readonly step: number; readonly because: string }
  | { readonly kind: "undo"; readonly step: number }
  | { readonly kind: "leave-undone"; readonly step: number; readonly fault: StepFault; readonly because: string }
  | { readonly kind: "end"; readonly outcome: OrderOutcome };

export function nextMove(order: OrderState): Move {
  const failed = order.steps.find(({ failure }) => failure !== undefined);
  if (failed !== undefined)
    return traitsOf(failed.step.kind).changes ? undoNext(order) : { kind: "end", outcome: "failed" };
  const step = order.steps.findIndex(({ status }) => status !== "done" && status !== "not-applicable");
  const state = order.steps[step];
  if (state === undefined) return { kind: "end", outcome: outcomeOf(order.steps) };
  if (state.status === "abandoned") return { kind: "end", outcome: "stopped" };
  if (order.withdrawn && state.status === "not-begun") return { kind: "end", outcome: "stopped" };
  if (order.withdrawn && traitsOf(state.step.kind).waits)
    return { kind: "abandon", step, because: "the order was withdrawn while this step waited" };
  if (order.restarts > restartsMax(order.steps, step))
    return { kind: "give-up", step, fault: "restarts-exhausted", because: exhausted(order.restarts) };
  const before = order.steps.slice(0, step).filter(({ step: { kind } }) => !traitsOf(kind).isQuiet);
  if (traitsOf(state.step.kind).follows && before.length > 0 && before.every(isNotApplicable))
    return { kind: "skip", step, because: "nothing was changed on this machine, so it needs no restart" };
  return { kind: "carry-out", step };
}

function undoNext(order: OrderState): Move {
  const step = order.steps.findLastIndex(isToUndo);
  if (step < 0) return { kind: "end", outcome: "failed" };
  if (order.restarts > restartsMax(order.steps, step))
    return { kind: "leave-undone", step, fault: "restarts-exhausted", because: exhausted(order.restarts) };
  return { kind: "undo", step };
}

function restartsMax(steps: readonly StepState[], index: number): number {
  const leadsIn = steps[index]?.step.kind === "reboot" && leadsTo(steps, index) !== undefined;
  return leadsIn || wayInOf(steps, index) !== undefined ? SAFE_MODE_RESTARTS_MAX : RESTARTS_MAX;
}

const isNotApplicable = ({ status }: StepState): boolean => status === "not-applicable";
const exhausted = (restarts: number): string =>
  `the agent was started ${restarts} times without coming further in this order`;

function outcomeOf(steps: readonly StepState[]): OrderOutcome {
  const changing = steps.filter(({ step }) => isPurpose(step.kind));
  return changing.length > 0 && changing.every(isNotApplicable) ? "not-applicable" : "succeeded";
}
