import fc from "fast-check";
import { expect, test } from "vitest";
import { type Kept, planKept } from "../../../../agent/adapters/windows/known-good-plan.ts";
import { Sha256 } from "../../../../protocol/canonical.ts";
import { at, Instant, later } from "../../../../protocol/time.ts";
import { WindowsPath } from "../../../../protocol/windows-path.ts";

const NOW = at("2026-11-22T12:00:00Z");
const DAY_MS = 86_400_000;
const LIMITS = { bytesMax: 100, retentionMs: 90 * DAY_MS };

const aFile = (folder: string, contents: number, sizeBytes: number) => ({
  path: WindowsPath.parse(`C:\\${folder}\\file.sys`),
  sha256: Sha256.parse(contents.toString(16).padStart(64, "0")),
  sizeBytes,
});
const kept = (file: ReturnType<typeof aFile>, daysAgo: number): Kept => ({
  ...file,
  keptAt: Instant.parse(NOW - daysAgo * DAY_MS),
});
const digests = (files: readonly Kept[]) =>
  files.map(({ sha256 }) => Number.parseInt(sha256, 16)).sort((a, b) => a - b);

test("keeps what is good and, while there is room and it is not too old, what was good before", () => {
  const before = [kept(aFile("A", 1, 30), 1), kept(aFile("A", 2, 30), 2), kept(aFile("A", 3, 30), 91)];
  expect(digests(planKept(before, [aFile("A", 4, 30)], NOW, LIMITS))).toEqual([1, 2, 4]);
});

test("the oldest goes first when room is short", () => {
  const before = [kept(aFile("A", 1, 40), 2), kept(aFile("A", 2, 40), 1)];
  expect(digests(planKept(before, [aFile("A", 3, 40)], NOW, LIMITS))).toEqual([2, 3]);
});

test("neither age nor room takes the last known-good copy of another folder", () => {
  const before = [kept(aFile("A", 1, 90), 1_000)];
  expect(digests(planKept(before, [aFile("B", 2, 50)], NOW, LIMITS))).toEqual([1]);
});

test("a set that does not fit does not drive out the last one that did", () => {
  const before = [kept(aFile("A", 1, 60), 1)];
  expect(digests(planKept(before, [aFile("A", 2, 101)], NOW, LIMITS))).toEqual([1]);
});

test("the same contents in two places take room once", () => {
  expect(planKept([], [aFile("A", 1, 90), aFile("B", 1, 90)], NOW, LIMITS)).toHaveLength(2);
});

test("nothing to keep leaves everything, also long after", () => {
  const before = [kept(aFile("A", 1, 30), 1)];
  expect(planKept(before, [], later(NOW, 1_000 * DAY_MS), LIMITS)).toEqual(before);
});

test("never more than the limit, never fewer than one copy of a folder that had one", () => {
  const file = fc.record({ folder: fc.constantFrom("A", "B", "C"), contents: fc.nat(20) });
  fc.assert(
    fc.property(fc.array(fc.array(file, { maxLength: 4 }), { maxLength: 8 }), (rounds) => {
      let store: readonly Kept[] = [];
      for (const [i, round] of rounds.entries()) {
        // The same contents always have the same size.
        const good = round.map(({ folder, contents }) => aFile(folder, contents, ((contents * 7) % 60) + 1));
        const next = planKept(store, good, later(NOW, i * 40 * DAY_MS), LIMITS);
        const sizes = new Map(next.map(({ sha256, sizeBytes }) => [sha256, sizeBytes]));
        expect([...sizes.values()].reduce((sum, bytes) => sum + bytes, 0)).toBeLessThanOrEqual(LIMITS.bytesMax);
        for (const { path } of store) expect(next.some((one) => one.path === path)).toBe(true);
        store = next;
      }
    }),
  );
});
