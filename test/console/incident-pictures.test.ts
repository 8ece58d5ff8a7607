/** The pictures of an incident as numbers: where tiles lie, what is drawn of few machines, and when rates differ. */
import { describe, expect, test } from "vitest";
import { layOutTiles, lengthsOf, tileAt, tileBeside } from "../../controller/console/pages/incident/site-tiles.ts";
import { curvePath, timeMarks } from "../../controller/console/pages/proposal/curve-layout.ts";
import { spreadWords } from "../../controller/console/words/incidents.ts";
import { compareRates } from "../../controller/console/words/rates.ts";
import { largeNumber, strengthShare, strengthWords } from "../../protocol/incident-words.ts";
import { at } from "../../protocol/time.ts";
import { aSpread } from "../support/incident-stories.ts";

describe("tiles of sites", () => {
  test.each([
    [1, 1_280],
    [20, 280],
    [60, 1_280],
    [61, 280],
    [500, 280],
    [500, 1_280],
  ])("%i sites on %i px: inside the picture, beside each other, large enough to press", (count, room) => {
    const layout = layOutTiles(count, room);
    const seen = new Set<string>();
    for (let i = 0; i < count; i++) {
      const { x, y } = tileAt(layout, i);
      expect(x + layout.width).toBeLessThanOrEqual(Math.max(room, layout.width));
      expect(y + layout.height).toBeLessThanOrEqual(layout.total.height);
      seen.add(`${x} ${y}`);
    }
    expect(seen.size).toBe(count);
    expect(Math.min(layout.width, layout.height)).toBeGreaterThanOrEqual(24);
  });

  test("arrow keys go to the tile beside and the one below, and stay within the picture", () => {
    expect(tileBeside("ArrowRight", 3, 10, 25)).toBe(4);
    expect(tileBeside("ArrowDown", 3, 10, 25)).toBe(13);
    expect(tileBeside("ArrowDown", 23, 10, 25)).toBe(24);
    expect(tileBeside("ArrowUp", 3, 10, 25)).toBe(0);
    expect(tileBeside("Enter", 3, 10, 25)).toBeUndefined();
  });

  test("one affected machine of thousands is drawn, and nothing is drawn beyond the tile", () => {
    const [one = 0] = lengthsOf([1, 0, 0], 5_000, 34, 4);
    expect(one).toBe(4);
    const full = lengthsOf([1, 4_998, 1], 5_000, 34, 4);
    expect(full.reduce((sum, length) => sum + length, 0)).toBeCloseTo(34);
    expect(lengthsOf([1, 1, 1], 0, 34, 4)).toEqual([0, 0, 0]);
  });
});

test("the spread in a sentence counts the sites that are not shown, and claims nothing of those without an affected machine", () => {
  const { sites } = aSpread(at("2026-11-20T04:00:00Z"), 40);
  const others = { sites: 10, devices: 100, affected: 0 };
  expect(spreadWords(sites, others)).toMatch(
    /^Affected machines at 5 of 50 sites; most at .+ \(\d+\), then .+\. 5 more sites run it/,
  );
  expect(spreadWords([], { sites: 0, devices: 0, affected: 0 })).toBe("No site is known.");
});

test("rates are said to differ only where their intervals lie apart", () => {
  const rate = (low: number, high: number) => ({ perThousand: (low + high) / 2, low, high });
  expect(compareRates({ rate: rate(5, 9), others: rate(1, 4) }).word).toBe("More than others");
  expect(compareRates({ rate: rate(3, 9), others: rate(1, 4) }).word).toBe("No difference seen");
  expect(compareRates({ rate: rate(0, 1), others: rate(2, 4) }).word).toBe("Fewer than others");
  expect(compareRates({ rate: null, others: rate(2, 4) }).word).toBe("Too few to say");
});

test("the strength of evidence is said with what it means, and its bar is full exactly where it convicts", () => {
  expect(strengthWords(22_000, 22_000)).toMatch(/^Enough to convict\./);
  expect(strengthWords(21_999, 22_000)).toMatch(/^Enough to tell people, not to convict\..* once in 21,999 times/);
  expect(strengthWords(99, 22_000)).toMatch(/^Too little/);
  expect(strengthWords(0.3, 22_000)).toMatch(/speak for it/);
  expect(strengthShare(22_000, 22_000)).toBe(1);
  expect(strengthShare(21_000, 22_000)).toBeLessThan(1);
  expect(strengthShare(0.3, 22_000)).toBe(0);
  expect([largeNumber(0.34), largeNumber(4.1e9), largeNumber(3e15)]).toEqual(["0.3", "4 billion", "10^15"]);
});

test("a curve never falls to the left of where it was, and its marks do not run into each other", () => {
  const frame = { left: 40, right: 300, top: 0, bottom: 100 };
  const path = curvePath(
    [
      { minutes: 0, recovered: 0 },
      { minutes: 60, recovered: 0.5 },
      { minutes: 1_440, recovered: 1 },
    ],
    1_440,
    frame,
  );
  expect(path).toBe("M40.0 100.0H186.4 V50.0H300.0 V0.0 H300");
  const marks = timeMarks(20_160, frame).map(({ x }) => x);
  expect(marks.slice(1).every((x, i) => x - (marks[i] ?? 0) > 52)).toBe(true);
});
