/** Might a rollout change another device, without anybody doing anything? Pure. */
import type { Instant } from "../../protocol/time.ts";
import { takesDevices } from "./phases.ts";
import { countsOf, type RolloutState } from "./state.ts";

/** A device that has no order yet might get one: a completed rollout waits for latecomers. */
export function mayStillTake(state: RolloutState, now: Instant): boolean {
  if (state.phase === "running") return true;
  const { waiting, offered, queued } = countsOf(state);
  return takesDevices(state.phase) && now < state.definition.validUntil && waiting + offered + queued > 0;
}
