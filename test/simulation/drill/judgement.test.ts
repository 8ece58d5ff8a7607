/**
 * The promises of detection, in simulated fleets: how fast and how far, and silence where nothing is wrong. The seeds alone
 * decide, so these figures are no timings; `npm run bench -- detection` prints them.
 */
import { expect, test } from "vitest";
import { detectionBench, JUDGEMENT_BUDGETS, judgementFigures } from "../../bench/detection.ts";
import { misses } from "../../bench/harness/check.ts";

/** Of the runs that the bench plays. */
const SHARE = process.env["RINGBACK_TEST_FULL"] === "1" ? 1 : 0.1;
const WHOLE = ["days", "devices", "processes"];

test("everything that is promised of verdicts and of quiet weeks holds", { timeout: 3_600_000 }, async () => {
  const sizes = Object.fromEntries(
    detectionBench.sizes.map(({ name, full }) => [name, WHOLE.includes(name) ? full : Math.ceil(full * SHARE)]),
  );
  const figures = await judgementFigures({ sizes, say: () => undefined });
  expect(misses(figures, JUDGEMENT_BUDGETS)).toEqual([]);
});
