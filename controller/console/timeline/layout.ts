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
  /** What stands below its mark where there is room, and whether room has to be made for it. */
  readonly words: string;
  readonly mustShow: boolean;
  /** Points in time inside it. */
  readonly ticks: readonly number[];
}

export interface Slot {
  readonly key: string;
  readonly x: number;
  readonly width: number;
  readonly barWidth: number;
  /** The middle of the mark of its end: at the end of the bar, with room for what stands below it. */
  readonly markX: number;
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
/** Of the 11 px letters of the picture, on average. */
export const CHARACTER = 7;
const UNIT_MS = 300_000;
/** A restart takes as long; it is no gap. */
const GAP_MIN_MS = 180_000;
/** A picture of two boots need not be as wide as the page. */
const SLOT_MAX = 300;
const MARK_HALF = 11;

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
    const least = Math.max(SLOT_MIN, boot.mustShow ? boot.words.length * CHARACTER + 2 : 0);
    return { boot, until, up, gap, least };
  });
  const least = sum(measured.map((one) => one.least));
  const weights = sum(measured.map(({ up, gap }) => up + gap));
  const spare = Math.max(0, Math.min(room, boots.length * SLOT_MAX) - least);
  let x = 0;
  const slots = measured.map(({ boot, until, up, gap, least: own }): Slot => {
    const width = own + (spare * (up + gap)) / weights;
    const inner = width - BETWEEN;
    const barWidth = Math.max(BAR_MIN, gap === 0 ? inner : (inner * up) / (up + gap));
    const ticks = boot.ticks.map((tick) => barWidth * shareOf(tick, boot.startedAt, until));
    const half = Math.min(width / 2, Math.max(MARK_HALF, (boot.words.length * CHARACTER) / 2 + 3));
    const markX = x + Math.min(Math.max(barWidth, half), width - half);
    const slot = { key: boot.key, x, width, barWidth, markX, hasGap: gap > 0, ticks };
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

interface TimeMark {
  readonly index: number;
  readonly text: string;
  readonly x: number;
}

/**
 * When boots began, as far as there is room: the day where it is a new one, then times. None runs into another, nor over
 * the right edge.
 */
export function timeMarks(
  { slots, width }: Layout,
  begins: readonly { readonly day: string; readonly time: string }[],
): readonly TimeMark[] {
  const marks: TimeMark[] = [];
  let free = 0;
  let day: string | undefined;
  for (const [index, slot] of slots.entries()) {
    const begin = begins[index];
    if (begin === undefined) break;
    const text = begin.day === day ? begin.time : `${begin.day} ${begin.time}`;
    const wide = text.length * CHARACTER;
    const x = Math.min(slot.x, width - wide);
    if (x < free) continue;
    marks.push({ index, text, x: Math.max(0, x) });
    free = x + wide + 10;
    day = begin.day;
  }
  return marks;
}
