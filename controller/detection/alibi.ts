/**
 * What a machine says against what the controller heard of it meanwhile. Words cost nothing, so whoever lies at random
 * does it from the connection that he holds; but a machine whose connection outlives its crash has not crashed, and one
 * that went on reporting after a write without a word of it has not just remembered it in a crash report.
 */
import { NEVER, ONGOING, TENTHS_A_MINUTE } from "./clock.ts";
import type { Columns } from "./columns.ts";
import { UNHEARD_TENTHS } from "./risk-set.ts";

/** Within so long after a write whoever is connected says so. */
const TOLD_TENTHS = 15 * TENTHS_A_MINUTE;

/** @param crashedAt tenths @returns whether it was connected when it says that it died, and for long after that */
export function wasAlive(columns: Columns, slot: number, crashedAt: number): boolean {
  const since = columns.since.get(slot);
  if (since !== NEVER && since < crashedAt) {
    const end = columns.end.get(slot);
    return end === ONGOING || end - crashedAt > UNHEARD_TENTHS;
  }
  const before = columns.sinceBefore.get(slot);
  return before !== NEVER && before < crashedAt && columns.endBefore.get(slot) - crashedAt > UNHEARD_TENTHS;
}

/** @param writtenAt tenths @returns whether an earlier connection went on for long after the write and told nothing of it */
export function wasSilentAbout(columns: Columns, slot: number, writtenAt: number): boolean {
  const since = columns.since.get(slot);
  if (since === NEVER || since <= writtenAt) return false;
  const before = columns.sinceBefore.get(slot);
  return before !== NEVER && before <= writtenAt && columns.endBefore.get(slot) - writtenAt > TOLD_TENTHS;
}
