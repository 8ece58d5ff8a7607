/**
 * The rollout engine: a fold and a decision.
 *
 * `begin` makes a state, `evolve` folds one change into it, `decide` says what to do at a time and why. The engine owns
 * the state and reads no clock, so that the same changes give the same decisions in production, in a test, in the
 * simulator and in replay. Its promises, each held by a property in the tests:
 *
 * - no offer that would put more in flight (offered or running) than the rollout allows;
 * - no offer to a device that is up where its site's or role's budget has no room; taken, queued and silent ones count;
 * - no wave before the gate of the one before it proceeded, and silence never lets a gate proceed;
 * - one offer at a time for a device, each with a higher generation than the last;
 * - paused, halted or aborted means: no offer, and those that were not taken are taken back;
 * - a state rebuilt from what was stored decides as the one that lived through it. Only the clocks of silence begin
 *   again, and a break of a gate that had healed is forgotten.
 */
import type { DeviceId } from "../../protocol/ids.ts";
import type { DeviceStatus, RolloutPhase } from "../../protocol/rollout.ts";
import type { Instant } from "../../protocol/time.ts";
import { statusAtSlot } from "./slots.ts";
import type { RolloutState } from "./state.ts";

export { decide } from "./decide.ts";
export { evolve } from "./evolve.ts";
export { gateOf } from "./gate.ts";
export { begin, countsOf, type RolloutState } from "./state.ts";

export const phaseOf = ({ phase }: RolloutState): RolloutPhase => phase;

/** @throws RangeError if there is no such wave */
export function waveStateOf(
  { waves }: RolloutState,
  wave: number,
): { readonly state: "not-open" | "open" | "passed"; readonly openedAt: Instant | null } {
  const found = waves[wave];
  if (found === undefined) throw new RangeError(`there is no wave ${wave}`);
  const { openedAt, passed } = found;
  return { state: passed !== null ? "passed" : openedAt !== null ? "open" : "not-open", openedAt };
}

/** Undefined for a device that is not in the rollout. */
export function statusOf({ slots }: RolloutState, device: DeviceId): DeviceStatus | undefined {
  const slot = slots.slotOf.get(device);
  return slot === undefined ? undefined : statusAtSlot(slots, slot);
}
