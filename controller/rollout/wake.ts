/**
 * When time alone may change the answer. Every time that `decide` compares with `now` appears here: a wake-up too many
 * costs a look, one too few would leave a rollout standing until the next change.
 */
import type { Instant } from "../../protocol/time.ts";
import { heldSince } from "./held.ts";
import { takesDevices } from "./phases.ts";
import { currentWave, type RolloutState } from "./state.ts";
import type { DispatchAnswer } from "./windows.ts";

/** Null if only a change can make a difference. What lay before `now` has been acted on in this very decision. */
export function wakeAt(state: RolloutState, dispatch: DispatchAnswer, now: Instant): Instant | null {
  const times = [...dueTimes(state), ...gateTimes(state, dispatch), ...dispatchTimes(state, dispatch)];
  const next = Math.min(...times.filter((time) => time > now));
  return Number.isFinite(next) ? (next as Instant) : null;
}

function dueTimes({ due, slots }: RolloutState): readonly number[] {
  return due.first === undefined ? [] : [slots.dueAt[due.first] ?? 0];
}

/** The open wave's bake time or deadline, or the time at which the next wave may open. */
function gateTimes(state: RolloutState, dispatch: DispatchAnswer): readonly number[] {
  const wave = currentWave(state);
  const planned = wave === undefined ? undefined : state.definition.waves[wave];
  if (state.phase !== "running" || wave === undefined || planned === undefined) return [];
  const { openedAt = null, deadline = null } = state.waves[wave] ?? {};
  if (openedAt === null) return [planned.notBefore, ...(dispatch.allowed ? [] : [dispatch.opensAt ?? Infinity])];
  const since = heldSince(state, wave);
  if (since !== null) return [since + planned.gate.bakeMs];
  return deadline === null ? [] : [deadline];
}

/** Windows, freezes and the end of validity matter while somebody could still be taken, or an offer stands. */
function dispatchTimes(
  { phase, outstanding, waves, definition }: RolloutState,
  dispatch: DispatchAnswer,
): readonly number[] {
  const somebodyIsLeft = outstanding.size > 0 || waves.some(({ counts }) => counts.waiting > 0);
  if (!takesDevices(phase) || !somebodyIsLeft) return [];
  const changes = dispatch.allowed ? dispatch.until : dispatch.opensAt;
  return [definition.validUntil, ...(changes === null ? [] : [changes])];
}
