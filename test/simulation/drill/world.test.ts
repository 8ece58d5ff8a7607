/** The simulated world itself: it is played again from its seed, and tells what a gateway could have told. */
import { describe, expect, test } from "vitest";
import { runQuietWeek } from "../../../controller/drill/run-quiet-week.ts";
import { runOutbreak } from "../../../controller/drill/run-outbreak.ts";
import { SCENARIOS, scenarioOf } from "../../../controller/drill/scenarios.ts";
import { Heard } from "./heard.ts";

const SHAPES = {
  ordinary: {},
  "one huge site": { sites: 1 },
  "hundreds of tiny sites": { sites: 600 },
  "one zone": { zones: [60] },
  "laptops only": { classes: { server: 0, "always-on": 0, office: 0, mobile: 1 } },
  "servers behind one gateway": { classes: { server: 1, "always-on": 0, office: 0, mobile: 0 }, gateways: 1 },
};

function day(seed: number, shape: object): Heard {
  const heard = new Heard();
  runQuietWeek({ seed, days: 2, shape: { size: 1_500, sites: 40, ...shape }, detector: () => heard.detector });
  return heard;
}

describe.each(Object.entries(SHAPES))("a fleet: %s", (_name, shape) => {
  test("tells what a gateway could have told", () => {
    const { broken, counts } = day(4, shape);
    expect(broken).toEqual([]);
    expect(counts["online"]).toBeGreaterThan(1_000);
    expect(counts["exposed"]).toBeGreaterThan(100);
  });

  test("is played again from its seed, and is another one with another seed", () => {
    const { fingerprint } = day(5, shape);
    expect(day(5, shape).fingerprint).toBe(fingerprint);
    expect(day(6, shape).fingerprint).not.toBe(fingerprint);
  });
});

test("a fleet has ordinary crashes, drops, goodbyes and replaced versions", () => {
  const heard = new Heard();
  runQuietWeek({ seed: 7, days: 5, shape: { size: 600 }, harmlessPerDay: 6, detector: () => heard.detector });
  const { counts } = heard;
  const kinds = ["bugcheck", "restart", "dropped", "shutdown", "sleep", "cleared"];
  expect(kinds.filter((kind) => (counts[kind] ?? 0) === 0)).toEqual([]);
});

test.each(SCENARIOS.map(({ name }) => name))("%s tells what a gateway could have told", (name) => {
  const scenario = scenarioOf(name);
  if (scenario === undefined) throw new Error(name);
  const heard = new Heard();
  const outbreak = runOutbreak({ scenario, seed: 3, size: 1_000, warmUpMinutes: 120, detector: () => heard.detector });
  expect(heard.broken).toEqual([]);
  expect(outbreak.exposedAt.filter((at) => at > 0).length).toBeGreaterThan(0);
  expect(outbreak.hurtAt.some((at) => at > 0)).toBe(!scenario.isNegative);
  const isHurtUnexposed = outbreak.hurtAt.some((at, device) => at > 0 && (outbreak.exposedAt[device] ?? 0) === 0);
  expect(isHurtUnexposed).toBe(false);
});

test("without a product the vendor's withdrawal ends the push, and nobody knew", () => {
  const scenario = scenarioOf("crowdstrike-2024");
  if (scenario === undefined) throw new Error("the reference incident is gone");
  const { moments, exposedAt, convicted } = runOutbreak({ scenario, seed: 2, size: 2_000, hasProduct: false });
  expect(moments).toMatchObject({ incident: null, verdict: null, halt: null });
  expect(convicted).toEqual([]);
  const minutes = exposedAt.reduce((last, at) => Math.max(last, at), 0) / 600;
  expect(minutes).toBeGreaterThan(70);
  expect(minutes).toBeLessThanOrEqual(78.1);
});
