/** What a person may do to a rollout in which phase. A table: what is not in it is refused, with what to do instead. */
import type { RolloutAction } from "../../protocol/api.ts";
import type { Actor, RolloutEvent, RolloutPhase } from "../../protocol/rollout.ts";
import type { Instant } from "../../protocol/time.ts";
import { Refused } from "../ports/refused.ts";

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
