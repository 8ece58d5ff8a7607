import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { layOutTimeline, type TimelineBoot, timeMarks } from "../../controller/console/timeline/layout.ts";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const aBoot = (startedAt: number, until: number, over: Partial<TimelineBoot> = {}): TimelineBoot => ({
  key: `b${startedAt}`,
  startedAt,
  until,
  words: "clean",
  mustShow: false,
  ticks: [],
  ...over,
});

describe("slots", () => {
  test("no boots, no slots", () => {
    expect(layOutTimeline([], 0, 1_000)).toEqual({ width: 1_000, slots: [] });
  });

  test("seconds and weeks fit side by side, and the longer is wider", () => {
    const { slots, width } = layOutTimeline(
      [aBoot(0, 21 * DAY), aBoot(21 * DAY, 21 * DAY + 40_000)],
      21 * DAY + 40_000,
      500,
    );
    expect(width).toBe(500);
    expect(slots[0]?.width).toBeGreaterThan(slots[1]?.width ?? 0);
    expect(slots[1]?.width).toBeGreaterThanOrEqual(24);
  });

  test("time in which nothing was heard is a gap; a restart is none", () => {
    const { slots } = layOutTimeline(
      [aBoot(0, DAY), aBoot(DAY + MINUTE, 2 * DAY), aBoot(4 * DAY, 5 * DAY)],
      5 * DAY,
      900,
    );
    expect(slots.map(({ hasGap }) => hasGap)).toEqual([false, true, false]);
  });

  test("room is made for what must be read", () => {
    const { slots } = layOutTimeline([aBoot(0, 1, { words: "0xc000021a", mustShow: true }), aBoot(1, 2)], 2, 0);
    expect(slots[0]?.width).toBeGreaterThan(60);
    expect(slots[1]?.width).toBeLessThan(40);
  });

  test("whatever the boots say, slots stand in order, touch each other, hold their bar, and can be hit", () => {
    const instant = fc.integer({ min: -DAY, max: 400 * DAY });
    const boots = fc.array(
      fc.record({
        startedAt: instant,
        until: instant,
        ticks: fc.array(instant, { maxLength: 4 }),
        mustShow: fc.boolean(),
      }),
      { minLength: 1, maxLength: 200 },
    );
    fc.assert(
      fc.property(boots, instant, fc.integer({ min: 0, max: 2_000 }), (said, end, room) => {
        const { slots, width } = layOutTimeline(
          said.map((one, i) => aBoot(one.startedAt, one.until, { ...one, key: `b${i}` })),
          end,
          room,
        );
        expect(width).toBeGreaterThanOrEqual(room);
        let x = 0;
        for (const [i, slot] of slots.entries()) {
          expect(slot.key).toBe(`b${i}`);
          expect(slot.x).toBeCloseTo(x);
          expect(slot.width).toBeGreaterThanOrEqual(24);
          expect(slot.barWidth).toBeGreaterThan(0);
          expect(slot.barWidth).toBeLessThanOrEqual(slot.width);
          expect(slot.markX).toBeGreaterThanOrEqual(slot.x);
          expect(slot.markX).toBeLessThanOrEqual(slot.x + slot.width);
          for (const tick of slot.ticks) {
            expect(tick).toBeGreaterThanOrEqual(0);
            expect(tick).toBeLessThanOrEqual(slot.barWidth);
          }
          x += slot.width;
        }
        expect(x).toBeLessThanOrEqual(width + 0.001);
      }),
    );
  });
});

test("times stand where there is room, the day only where it is a new one, none over the edge", () => {
  const layout = layOutTimeline(
    Array.from({ length: 40 }, (_, n) => aBoot(n * 60 * MINUTE, (n + 1) * 60 * MINUTE)),
    DAY * 2,
    1_000,
  );
  const begins = layout.slots.map((_, n) => ({ day: n < 20 ? "2026-11-22" : "2026-11-23", time: `${n % 24}:00` }));
  const marks = timeMarks(layout, begins);
  expect(marks[0]).toMatchObject({ index: 0, text: "2026-11-22 0:00", x: 0 });
  expect(marks.filter(({ text }) => text.startsWith("2026-11-23"))).toHaveLength(1);
  for (const [i, { text, x }] of marks.entries()) {
    expect(x + text.length * 6).toBeLessThanOrEqual(layout.width);
    expect(x).toBeGreaterThanOrEqual(i === 0 ? 0 : (marks[i - 1]?.x ?? 0) + (marks[i - 1]?.text.length ?? 0) * 6);
  }
});
