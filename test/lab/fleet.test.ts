import { expect, test } from "vitest";
import { MACHINES_MIN, planFleet } from "./fleet.ts";

const SIZES = [MACHINES_MIN, 7, 12, 24, 100];
const SEEDS = Array.from({ length: 50 }, (_, seed) => seed);
const fleets = SIZES.flatMap((size) => SEEDS.map((seed) => ({ size, seed, ...planFleet(size, seed) })));

test("the same seed gives the same fleet, another seed another", () => {
  expect(planFleet(24, 7)).toEqual(planFleet(24, 7));
  expect(planFleet(24, 7)).not.toEqual(planFleet(24, 8));
});

test.each(SIZES)("a fleet of %i has all kinds of machines, whatever the seed", (size) => {
  for (const { machines, unreachable } of fleets.filter((fleet) => fleet.size === size)) {
    expect(machines).toHaveLength(size);
    expect(new Set(machines.map(({ name }) => name)).size).toBe(size);
    expect(unreachable.length).toBeGreaterThan(0);
    expect(machines.some(({ subscribed }) => !subscribed)).toBe(true);
    expect(machines.some(({ loads }) => loads === "at-boot")).toBe(true);
    expect(machines.filter(({ subscribed }) => subscribed).length - unreachable.length).toBeGreaterThanOrEqual(3);
  }
});

test("nobody is a borderline case: a machine has seconds of network in its loop, or none", () => {
  for (const { machines, unreachable } of fleets) {
    for (const { name, networkAfterMs, dieAfterMs } of machines) {
      const windowMs = dieAfterMs - networkAfterMs;
      expect(unreachable.includes(name) ? windowMs < -5_000 : windowMs > 60_000).toBe(true);
    }
  }
});
