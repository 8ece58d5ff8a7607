/** What a person may do to a rollout in which phase. A table: what is not in it is refused, with what to do instead. */
import type { RolloutAction } from "../../protocol/api.ts";
import type { Actor, RolloutEvent, RolloutPhase } from "../../protocol/rollout.ts";
import type { Instant } from "../../protocol/time.ts";
import { Refused } from "../ports.ts";
import { countsOf, phaseOf, type RolloutState } from "../rollout/engine.ts";
import { takesDevices } from "../rollout/phases.ts";

const EVENT_OF = { pause: "paused", resume: "resumed", halt: "halted", abort: "aborted" } as const satisfies Record<
  RolloutAction,
  RolloutEvent["kind"]
>;

const ALLOWED: Record<RolloutPhase, readonly RolloutAction[]> = {
  running: ["pause", "halt", "abort"],
  paused: ["resume", "halt", "abort"],
  halted: ["resume", "abort"],
  completed: ["halt", "abort"], // devices that come late still join; stopping must always be possible
  aborted: [],
};

/** Might a device that has no order yet get one, without anybody doing anything? A completed rollout waits for latecomers. */
export function mayStillTake(state: RolloutState, now: Instant): boolean {
  if (phaseOf(state) === "running") return true;
  const { waiting, offered, queued } = countsOf(state);
  return takesDevices(state.phase) && now < state.definition.validUntil && waiting + offered + queued > 0;
}

/** @throws Refused if the phase does not allow it. */
export function eventFor(
  action: RolloutAction,
  phase: RolloutPhase,
  facts: { readonly at: Instant; readonly by: Actor; readonly because: string },
): RolloutEvent {
  if (ALLOWED[phase].includes(action)) return { kind: EVENT_OF[action], ...facts };
  const possible = ALLOWED[phase];
  const instead =
    possible.length > 0
      ? `What can be done now: ${possible.join(", ")}.`
      : "An aborted rollout is over; make a new plan.";
  throw new Refused("wrong-state", `The rollout is ${phase}, so it cannot ${action}. Nothing was changed. ${instead}`);
}
