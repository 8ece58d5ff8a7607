/**
 * Since when a gate has held without a break: the start of its bake time.
 *
 * Live, that is the time of the change that made the gate hold. When a state is rebuilt, rows come in any order, and
 * here they are put back into theirs: each answer counts from the time of its row, and what a person accepted leaves
 * the sample at the time of the resuming. A break that had healed before the restart (a device that was silent for a
 * while) left no row and is forgotten.
 */
import type { Gate } from "../../protocol/strategy.ts";
import type { Instant } from "../../protocol/time.ts";
import { holds, isBad, sampleOf } from "./sample.ts";
import { statusAtSlot } from "./slots.ts";
import { type RolloutState, sampleOfWave, type WaveState } from "./state.ts";

/** Null while the gate does not hold, and before the wave has opened. */
export function heldSince(state: RolloutState, wave: number): Instant | null {
  const [current, gate] = [state.waves[wave], state.definition.waves[wave]?.gate];
  if (current === undefined || gate === undefined || current.openedAt === null) return null;
  if (!holds(sampleOfWave(current, gate), gate)) return null;
  if (current.heldIsStale) {
    // Worked out once and kept: the next look would find the same.
    current.heldSince = replayed(state, current, gate, current.openedAt);
    current.heldIsStale = false;
  }
  return current.heldSince;
}

/** Tells a wave that its counts changed at this time. */
export function noteHeld(current: WaveState, gate: Gate, at: Instant): void {
  if (current.openedAt === null || current.passed !== null) return;
  if (!holds(sampleOfWave(current, gate), gate)) current.heldSince = null;
  else current.heldSince ??= Math.max(at, current.openedAt) as Instant;
}

interface Answer {
  readonly at: number;
  readonly succeeded: 0 | 1;
  readonly bad: 0 | 1 | -1;
  readonly applicable: 0 | -1;
}

function replayed({ slots, resumedAt }: RolloutState, wave: WaveState, gate: Gate, openedAt: Instant): Instant | null {
  const answers: Answer[] = [];
  for (let slot = wave.firstSlot; slot < wave.firstSlot + wave.planned; slot += 1) {
    const [status, at] = [statusAtSlot(slots, slot), slots.statusAt[slot] ?? 0];
    if (status === "succeeded") answers.push({ at, succeeded: 1, bad: 0, applicable: 0 });
    if (status === "not-applicable") answers.push({ at, succeeded: 0, bad: 0, applicable: -1 });
    if (!isBad(status)) continue;
    answers.push({ at, succeeded: 0, bad: 1, applicable: 0 });
    if (slots.accepted[slot] === 1) {
      const acceptedAt = resumedAt.find((resumed) => resumed >= at) ?? at;
      answers.push({ at: acceptedAt, succeeded: 0, bad: -1, applicable: 0 });
    }
  }
  answers.sort((a, b) => a.at - b.at || b.bad - a.bad); // at the same time the bad first: rather too long than too short

  let [succeeded, bad, applicable] = [0, 0, wave.planned];
  let since: Instant | null = null;
  for (const answer of answers) {
    succeeded += answer.succeeded;
    bad += answer.bad;
    applicable += answer.applicable;
    if (!holds(sampleOf(succeeded, bad, applicable, gate), gate)) since = null;
    else since ??= Math.max(answer.at, openedAt) as Instant;
  }
  return since;
}
