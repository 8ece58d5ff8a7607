/**
 * Where each boot stands in the picture. Pure.
 *
 * Time does not run evenly here: a boot loop of seconds and three weeks of work have to fit side by side. So widths grow
 * with the logarithm of time, and every boot is wide enough to be hit with a finger. Invariant: slots stand in the order
 * they were given, without overlapping, and fill at least the width that is there.
 */
export interface TimelineBoot {
  readonly key: string;
  readonly startedAt: number;
  /** Up to when it is known to have run. */
  readonly until: number;
  /** What stands below its mark, if it must be shown. */
  readonly label: string | null;
  /** Points in time inside it. */
  readonly ticks: readonly number[];
}

export interface Slot {
  readonly key: string;
  readonly x: number;
  readonly width: number;
  readonly barWidth: number;
  /** Off or silent afterwards, for long enough to show it. */
  readonly hasGap: boolean;
  readonly ticks: readonly number[];
}

export interface Layout {
  readonly width: number;
  readonly slots: readonly Slot[];
}

/** WCAG 2.5.8: a target is at least 24 px wide. */
const SLOT_MIN = 26;
const BAR_MIN = 12;
const BETWEEN = 4;
const CHARACTER = 6.6;
const UNIT_MS = 300_000;
/** A restart takes as long; it is no gap. */
const GAP_MIN_MS = 180_000;

const weight = (ms: number): number => Math.log2(1 + Math.max(0, ms) / UNIT_MS);

/**
 * @param boots oldest first
 * @param end where the picture ends: now
 * @param room how wide it may be without scrolling
 */
export function layOutTimeline(boots: readonly TimelineBoot[], end: number, room: number): Layout {
  const measured = boots.map((boot, i) => {
    const next = boots[i + 1]?.startedAt ?? Math.max(end, boot.until);
    const until = Math.min(Math.max(boot.until, boot.startedAt), Math.max(next, boot.startedAt));
    const gapMs = next - until;
    const up = 0.5 + weight(until - boot.startedAt);
    const gap = gapMs >= GAP_MIN_MS ? weight(gapMs) / 2 : 0;
    const least = Math.max(SLOT_MIN, boot.label === null ? 0 : boot.label.length * CHARACTER + BETWEEN);
    return { boot, until, up, gap, least };
  });
  const least = sum(measured.map((one) => one.least));
  const weights = sum(measured.map(({ up, gap }) => up + gap));
  const spare = Math.max(0, room - least);
  let x = 0;
  const slots = measured.map(({ boot, until, up, gap, least: own }): Slot => {
    const width = own + (spare * (up + gap)) / weights;
    const inner = width - BETWEEN;
    const barWidth = Math.max(BAR_MIN, gap === 0 ? inner : (inner * up) / (up + gap));
    const ticks = boot.ticks.map((tick) => barWidth * shareOf(tick, boot.startedAt, until));
    const slot = { key: boot.key, x, width, barWidth, hasGap: gap > 0, ticks };
    x += width;
    return slot;
  });
  return { width: Math.max(room, x), slots };
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

function shareOf(instant: number, from: number, to: number): number {
  const all = weight(to - from);
  return all === 0 ? 0 : Math.min(1, weight(Math.min(instant, to) - from) / all);
}

/** At which slots a date fits, so that no two run into each other: the first, and each that begins a new day. */
export function dateMarks(slots: readonly Slot[], days: readonly string[], wide: number): readonly number[] {
  const marks: number[] = [];
  let free = 0;
  for (const [i, slot] of slots.entries()) {
    if (slot.x < free || (i > 0 && days[i] === days[i - 1])) continue;
    marks.push(i);
    free = slot.x + wide;
  }
  return marks;
}
