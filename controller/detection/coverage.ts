/**
 * Does the version explain what happens? If there are clearly more events than usual and many of them are on machines
 * that never ran it, the cause is something else that it merely travels with, whatever the numbers say.
 */
import { DAY_MS, MINUTE_MS } from "./clock.ts";
import type { State } from "./state.ts";
import { BUGCHECK, RESTART, type Version } from "./version.ts";

const MINUTES_MAX = 60;
/** Fewer events than this beyond the usual say nothing. */
const EXCESS_MIN = 10;
export const COVERED_SHARE = 0.8;

interface Covered {
  /** Events since it appeared, at most an hour back, that ran it. */
  readonly own: number;
  /** The share of what is beyond the usual; null: too few to say. */
  readonly share: number | null;
}

function usualADay(state: State, signal: number): number {
  if (signal === BUGCHECK) return state.rates.bugchecksPerDeviceDay.value * state.online;
  if (signal === RESTART) return state.rates.restartsPerDeviceDay.value * state.online;
  return state.rates.silencesPerDeviceDay.value * state.steadyOnline;
}

/** By the signal that says most: silent machines cannot tell what they ran, so signals are not mixed. */
export function coverageOf(state: State, version: Version, signal: number, now: number): Covered {
  const minutes = Math.min(MINUTES_MAX, Math.max(1, Math.ceil((now - version.firstSeenAt) / MINUTE_MS)));
  const own = version.recent[signal]?.sum(now, minutes) ?? 0;
  const all = state.recent[signal]?.sum(now, minutes) ?? 0;
  const excess = all - (usualADay(state, signal) * minutes * MINUTE_MS) / DAY_MS;
  return { own, share: excess < EXCESS_MIN ? null : Math.min(1, own / excess) };
}
