/**
 * Controller and agents together on a fake clock, network and disk, with faults from the first minute.
 *
 * `RINGBACK_SEED=17 npx vitest run --project simulation` replays one seed and prints all that happens in it;
 * `RINGBACK_TEST_FULL=1` runs many more.
 */
import { describe, expect, test } from "vitest";
import { SABOTAGES } from "./sabotage.ts";
import { type Outcome, simulate } from "./simulation.ts";

const IS_FULL = process.env["RINGBACK_TEST_FULL"] === "1";
const ONE = process.env["RINGBACK_SEED"];
const SEEDS = ONE === undefined ? Array.from({ length: IS_FULL ? 600 : 30 }, (_, i) => i + 1) : [Number(ONE)];

/** What the failing seed was doing, and how to see it again. */
const explain = ({ seed, violation, lastLines }: Outcome): string =>
  [
    `seed ${seed}: ${violation?.rule}: ${violation?.what}`,
    ...lastLines,
    `replay it with: RINGBACK_SEED=${seed} npx vitest run --project simulation`,
  ].join("\n");

describe("every promise holds, and once the faults cease every machine with a network recovers", () => {
  test.each(SEEDS)("seed %i", async (seed) => {
    const outcome = await simulate(seed, { print: ONE !== undefined });
    if (outcome.violation !== undefined) throw new Error(explain(outcome));
  });
});

describe("the watchers notice when", () => {
  test.each(SABOTAGES)("$name", async ({ sabotage, rule }) => {
    expect((await simulate(1, { sabotage })).violation?.rule).toBe(rule);
  });
});

test("the same seed twice is the same story, to the last line", async () => {
  const [first, second] = [await simulate(7), await simulate(7)];
  expect(second.trace).toBe(first.trace);
  expect(second.events).toBe(first.events);
  expect((await simulate(8)).trace).not.toBe(first.trace);
});
