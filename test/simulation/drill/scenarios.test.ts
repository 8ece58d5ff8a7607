/**
 * Every scenario, small, under the eyes of the real detector: what is faulty is found, what is harmless is left alone, and
 * what no machine can say is noticed by people. With `RINGBACK_TEST_FULL` many seeds each.
 */
import { describe, expect, test } from "vitest";
import type { Scenario } from "../../../controller/drill/outbreak.ts";
import { runOutbreak } from "../../../controller/drill/run-outbreak.ts";
import { runQuietWeek } from "../../../controller/drill/run-quiet-week.ts";
import { SCENARIOS } from "../../../controller/drill/scenarios.ts";
import { outagesTimes } from "../../../controller/drill/world-of-scenario.ts";

const IS_FULL = process.env["RINGBACK_TEST_FULL"] === "1";
const seeds = (full: number, small: number): number[] =>
  Array.from({ length: IS_FULL ? full : small }, (_, at) => at + 1);

const play = (scenario: Scenario, seed: number, until: "verdict" | "end" = "verdict") =>
  runOutbreak({ scenario, seed, size: 4_000, warmUpMinutes: 360, until });
const ofKind = (kind: (scenario: Scenario) => boolean): [string, Scenario][] =>
  SCENARIOS.filter(kind).map((scenario) => [scenario.name, scenario]);
const isHeard = ({ isNegative, harm }: Scenario): boolean => !isNegative && harm.noticedByPeopleAfterMinutes === null;

describe.each(ofKind(isHeard))("%s", (_name, scenario) => {
  test.each(seeds(25, 1))("is convicted, and it alone (seed %i)", (seed) => {
    const { moments, convicted, wronged, exposedAtVerdict } = play(scenario, seed);
    expect(convicted).toContain("faulty");
    expect(wronged).toEqual([]);
    expect(moments.verdict).toBeGreaterThan(moments.firstCrash ?? Infinity);
    expect(exposedAtVerdict).toBeGreaterThan(0);
  });
});

describe.each(ofKind(({ isNegative, liars }) => isNegative && liars === undefined))("%s", (_name, scenario) => {
  test.each(seeds(25, 1))("is no incident (seed %i)", (seed) => {
    expect(play(scenario, seed)).toMatchObject({
      moments: { incident: null, verdict: null, halt: null },
      convicted: [],
    });
  });
});

describe.each(ofKind(({ liars }) => liars?.kind === "frame"))("%s", (_name, scenario) => {
  test.each(seeds(25, 1))("is never acted upon (seed %i)", (seed) => {
    expect(play(scenario, seed, "end")).toMatchObject({ acts: null, moments: { halt: null } });
  });
});

describe.each(ofKind((scenario) => !scenario.isNegative && !isHeard(scenario)))("%s", (_name, scenario) => {
  test("is noticed by people, and nobody is convicted", () => {
    const { moments, convicted } = play(scenario, 1);
    expect(convicted).toEqual([]);
    const minutes = (moments.verdict ?? 0) / 60_000;
    expect(minutes).toBeGreaterThan((scenario.harm.noticedByPeopleAfterMinutes ?? 0) - 1);
  });
});

describe("a verdict ends the push", () => {
  test("nobody is exposed more than some seconds later", () => {
    const scenario = SCENARIOS.find(({ name }) => name === "all-crash");
    if (scenario === undefined) throw new Error("the plain fault is gone");
    const { exposedAt, moments } = play(scenario, 2, "end");
    const last = exposedAt.reduce((latest, at) => Math.max(latest, at), 0);
    expect(last * 100).toBeLessThanOrEqual((moments.verdict ?? 0) + 11_000);
  });
});

const QUIET = { incidents: 0, halts: 0, convicted: [] };

test.each(seeds(400, 4))("nothing is wrong, and nothing is found (week %i)", (seed) => {
  expect(runQuietWeek({ seed, days: IS_FULL ? 7 : 3 })).toMatchObject(QUIET);
});

test.each(seeds(100, 0))("five times the outages convict nobody (week %i)", (seed) => {
  expect(runQuietWeek({ seed: 10_000 + seed, days: IS_FULL ? 7 : 3, trouble: outagesTimes(5) })).toMatchObject(QUIET);
});
