/**
 * Writing the detector down and reading it back, so that a restart rebuilds the same numbers. Who was online until then
 * is kept, because crashes of before are still to be reported; from then on nobody is at risk until told again, and what
 * happened meanwhile is the caller's to call deaf.
 */
import { learnLeaving } from "./classes.ts";
import { DAY_MS, NEVER, ONGOING } from "./clock.ts";
import { DROPPED, DROPPED_BEFORE, EVENT_IS_SILENCE, HAS_GAPS, SILENCE_OPEN } from "./columns.ts";
import { LAYOUT, type SavedDetector } from "./saved.ts";
import type { State } from "./state.ts";
import type { DetectorMemory, DeviceMemory } from "./types.ts";

const KEPT_FLAGS = DROPPED | DROPPED_BEFORE | SILENCE_OPEN | EVENT_IS_SILENCE | HAS_GAPS;

/** Of a device that came after the memory was written. */
const NO_BLOCK = 0xff_ff_ff_ff;

export function writeDown(state: State): DetectorMemory {
  const saved: SavedDetector | null = Number.isNaN(state.doneUntil)
    ? null
    : {
        layout: LAYOUT,
        clockStartMs: state.clock.startMs,
        doneUntil: state.doneUntil,
        builtBlocks: state.blocks.built,
        nextVersion: state.nextVersion,
        due: state.due.save(),
        outages: state.outages.save(),
        clusters: state.clusters.save(),
        rates: state.rates.save(),
        recentBugchecks: state.recentBugchecks.save(),
        coreHours: state.coreHours.save(),
        mass: state.mass.save(),
        budget: state.budget.save(),
        versions: [...state.versions.values()].map((version) => version.save()),
        retired: [...state.retired.values()],
        recent: state.recent.map((ring) => ring.save()),
        ripening: state.ripening,
      };
  return JSON.stringify(saved);
}

/** @returns undefined where there is nothing to go on from */
export function readBack(memory: DetectorMemory | undefined): SavedDetector | undefined {
  if (memory === undefined) return undefined;
  const saved = JSON.parse(memory) as SavedDetector | null;
  return saved?.layout === LAYOUT ? saved : undefined;
}

export function deviceMemory({ columns, clock }: Pick<State, "columns" | "clock">, device: number): DeviceMemory {
  const slot = columns.slotOf[device] as number;
  const msOf = (tenths: number | undefined): number =>
    tenths === undefined || tenths === NEVER || tenths === ONGOING ? 0 : clock.ms(tenths);
  return [
    msOf(columns.event.get(slot)),
    msOf(columns.eventBefore.get(slot)),
    msOf(columns.since.get(slot)),
    msOf(columns.end.get(slot)),
    msOf(columns.sinceBefore.get(slot)),
    msOf(columns.endBefore.get(slot)),
    columns.flags(slot) & KEPT_FLAGS,
    columns.class.get(slot),
    columns.block.get(slot),
    columns.gateway.get(slot),
    dayNumber(columns.knownSinceDay.get(slot), clock.startMs),
    columns.onlineShare.get(slot),
    columns.sleepShare.get(slot),
    columns.comings.get(slot),
    dayNumber(columns.gapDay.get(slot), clock.startMs),
    dayNumber(columns.gapDayBefore.get(slot), clock.startMs),
  ];
}

/** Days count from where the clock begins, 0: never; in storage they count from 1970. */
const dayNumber = (day: number, startMs: number): number => (day === 0 ? 0 : Math.floor(startMs / DAY_MS) + day);
const dayFrom = (number: number, startMs: number): number => Math.max(0, number - Math.floor(startMs / DAY_MS));

/** @returns the block that the device stood in */
export function rememberDevice(state: State, slot: number, memory: DeviceMemory | undefined): number {
  const { columns, clock } = state;
  if (memory === undefined || !clock.hasBegun) return NO_BLOCK;
  const tenthsOf = (place: number): number => {
    const ms = memory[place] ?? 0;
    return ms === 0 ? NEVER : clock.tenths(ms);
  };
  columns.event.set(slot, tenthsOf(0));
  columns.eventBefore.set(slot, tenthsOf(1));
  columns.since.set(slot, tenthsOf(2));
  columns.end.set(slot, tenthsOf(3));
  columns.sinceBefore.set(slot, tenthsOf(4));
  columns.endBefore.set(slot, tenthsOf(5));
  columns.raise(slot, (memory[6] ?? 0) & KEPT_FLAGS);
  columns.class.set(slot, memory[7] ?? columns.class.get(slot));
  columns.gateway.set(slot, memory[9] ?? 0);
  columns.knownSinceDay.set(slot, dayFrom(memory[10] ?? 0, clock.startMs));
  columns.onlineShare.set(slot, memory[11] ?? 0);
  columns.sleepShare.set(slot, memory[12] ?? 0);
  columns.comings.set(slot, memory[13] ?? 0);
  columns.gapDay.set(slot, dayFrom(memory[14] ?? 0, clock.startMs));
  columns.gapDayBefore.set(slot, dayFrom(memory[15] ?? 0, clock.startMs));
  // Whoever was online was so until the memory was written; of the time after that nobody knows anything.
  if (columns.since.get(slot) !== NEVER && columns.end.get(slot) === NEVER) {
    const since = columns.since.get(slot);
    const end = Math.max(since, clock.tenths(state.doneUntil));
    columns.end.set(slot, end);
    learnLeaving(columns, slot, end - since, false);
  }
  return memory[8] ?? NO_BLOCK;
}
