/**
 * Writing the detector down and reading it back, so that a restart rebuilds the same numbers. Who is online is not
 * written: after a restart nobody is at risk until told again, and what happened meanwhile is the caller's to call deaf.
 */
import { DAY_MS, NEVER } from "./clock.ts";
import { EVENT_IS_SILENCE } from "./columns.ts";
import { LAYOUT, type SavedDetector } from "./saved.ts";
import type { State } from "./state.ts";
import type { DetectorMemory, DeviceMemory } from "./types.ts";

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

export function deviceMemory(state: State, device: number): DeviceMemory {
  const { columns, clock } = state;
  const slot = columns.slotOf[device] as number;
  const msOf = (tenths: number): number => (tenths === NEVER ? 0 : clock.ms(tenths));
  return [
    msOf(columns.event[slot] as number),
    msOf(columns.eventBefore[slot] as number),
    (columns.flags[slot] as number) & EVENT_IS_SILENCE,
    columns.class[slot] as number,
    columns.block[slot] as number,
    Math.floor(clock.startMs / DAY_MS) + (columns.knownSinceDay[slot] as number),
    columns.onlineShare[slot] as number,
    columns.sleepShare[slot] as number,
    columns.comings[slot] as number,
  ];
}

/** @returns the block that the device stood in */
export function rememberDevice(state: State, slot: number, memory: DeviceMemory | undefined): number {
  const { columns, clock } = state;
  if (memory === undefined || !clock.hasBegun) return NO_BLOCK;
  const [event = 0, eventBefore = 0, flags = 0, kind, block = NO_BLOCK, since = 0, online = 0, sleep = 0, comings = 0] =
    memory;
  const tenthsOf = (ms: number): number => (ms === 0 ? NEVER : clock.tenths(ms));
  columns.event[slot] = tenthsOf(event);
  columns.eventBefore[slot] = tenthsOf(eventBefore);
  columns.flags[slot] = (columns.flags[slot] as number) | flags;
  columns.class[slot] = kind ?? (columns.class[slot] as number);
  columns.knownSinceDay[slot] = Math.max(0, since - Math.floor(clock.startMs / DAY_MS));
  columns.onlineShare[slot] = online;
  columns.sleepShare[slot] = sleep;
  columns.comings[slot] = comings;
  return block;
}
