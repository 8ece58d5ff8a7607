/**
 * Whose failing counts as an event of a signal. The same is asked of the machine that failed and of those it is compared
 * with: a comparison with machines whose silence would never have counted is none, and whatever such machines have more
 * of than the others would look faulty or good for nothing.
 */
import { KNOWN_DAYS, MOBILE, NIGHTS_MIN, OFFICE } from "./classes.ts";
import { DAY_MS, MINUTE_MS } from "./clock.ts";
import { DECLARED_SERVER, HAS_GAPS } from "./columns.ts";
import type { State } from "./state.ts";
import { BUGCHECK, RESTART } from "./version.ts";

const OFFICE_UP_MS = 30 * MINUTE_MS;
/** Two long gaps without a word in so many days, and a machine is one that does so: its next is no event. */
const GAP_DAYS = 30;

export const dayOf = (state: State, at: number): number => Math.floor((at - state.clock.startMs) / DAY_MS) + 1;

/**
 * Of a machine that was up since `since` and is not heard any more from `at` on, is that unusual?
 * Asked as of `at`, which is when it was last heard. Times in milliseconds.
 */
export function isSteady(state: State, slot: number, since: number, at: number): boolean {
  const { columns } = state;
  if (!state.has("silence-window")) return true;
  const kind = columns.class.get(slot);
  if (kind === MOBILE || isUsedToGaps(state, slot, at)) return false;
  if (kind !== OFFICE) return true;
  return at - since >= OFFICE_UP_MS && state.coreHours.isCore(columns.site.get(slot), at);
}

/** @param now when the event is looked at: what a machine's life shows is known as of then */
export function countsAs(state: State, signal: number, slot: number, since: number, at: number, now: number): boolean {
  if (signal === BUGCHECK) return true;
  const days = daysKnown(state, slot, now);
  // An inventory does not know which office machines are never switched off. Those take no version that comes at the next
  // start, so mixed with the others their exposure and the others' restarts go together, and innocents are convicted.
  if (days < NIGHTS_MIN && !isDeclaredServer(state, slot)) return false;
  if (signal === RESTART || !state.has("silence-window")) return true;
  // Until its week is known, nobody can tell an office machine that is switched off at the plug from one that never is.
  if (days < KNOWN_DAYS && state.columns.class.get(slot) === OFFICE) return false;
  return isSteady(state, slot, since, at);
}

const isDeclaredServer = (state: State, slot: number): boolean => state.columns.has(slot, DECLARED_SERVER);

function daysKnown(state: State, slot: number, now: number): number {
  const since = state.columns.knownSinceDay.get(slot);
  return since === 0 ? 0 : dayOf(state, now) - since;
}

/** It was gone for long without a word, and is back. */
export function noteGap(state: State, slot: number, at: number): void {
  const { columns } = state;
  const before = columns.gapDay.get(slot);
  columns.gapDayBefore.set(slot, before);
  columns.gapDay.set(slot, dayOf(state, at));
  if (before > 0) columns.raise(slot, HAS_GAPS);
}

function isUsedToGaps(state: State, slot: number, at: number): boolean {
  const { columns } = state;
  return columns.has(slot, HAS_GAPS) && dayOf(state, at) - columns.gapDayBefore.get(slot) <= GAP_DAYS;
}
