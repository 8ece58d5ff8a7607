/**
 * Every bench at its small size. Figures are never asserted here: they are for `npm run bench -- NAME --check`. A bench
 * fails by itself when something it counts is not as it must be: an agent not logged in, a report lost.
 */
import { describe, expect, test } from "vitest";
import type { Figure } from "./bench.ts";
import { BENCHES } from "./benches.ts";
import { misses } from "./harness/check.ts";
import { alternate, figure } from "./harness/figures.ts";

test.each(BENCHES)("$name runs and answers in the schema", async (bench) => {
  const { sizes, budgets } = bench;
  const small = Object.fromEntries(sizes.map((size) => [size.name, size.small]));
  const figures = await bench.run({ sizes: small, say: () => {} });
  expect(new Set(figures.map(({ metric }) => metric)).size).toBe(figures.length);
  for (const one of figures) {
    expect(Object.keys(one)).toEqual(["metric", "unit", "ours", "bare", "ratio", "rounds"]);
    expect(one.unit).not.toBe("");
    expect(one.ours).not.toBeNaN();
    expect(one.ratio === null).toBe(one.bare === null);
    expect(one.rounds).toBeGreaterThan(0);
  }
  const taken = figures.map(({ metric }) => metric);
  for (const budget of budgets) expect(taken).toContain(budget.metric);
});

describe("checking", () => {
  const taken: Figure = { metric: "login", unit: "us", ours: 130, bare: 100, ratio: 1.3, rounds: 3 };

  test("what keeps its budgets is not mentioned", () => {
    const budgets = [
      { metric: "login", ratioMax: 1.3 },
      { metric: "login", oursMax: 130 },
      { metric: "login", oursMin: 130 },
    ];
    expect(misses([taken], budgets)).toEqual([]);
  });

  test("what misses its budget says by how much", () => {
    const budgets = [
      { metric: "login", ratioMax: 1.25 },
      { metric: "login", oursMax: 100 },
      { metric: "login", oursMin: 140 },
    ];
    expect(misses([taken], budgets)).toEqual([
      "login: 130 us is 1.3 x the bare 100; at most 1.25 x (4 % over)",
      "login: 130 us; at most 100 (30.0 over)",
      "login: 130 us; at least 140 (10.0 short)",
    ]);
  });

  test("a budget without its figure is missed", () => {
    expect(misses([{ ...taken, bare: null, ratio: null }], [{ metric: "login", ratioMax: 2 }])).toHaveLength(1);
    expect(misses([], [{ metric: "login", oursMax: 200 }])).toHaveLength(1);
  });
});

test("a figure is the median of its rounds, and rounds alternate which side comes first", async () => {
  const order: string[] = [];
  const side = (name: string, values: readonly number[]) => (round: number) => {
    order.push(name);
    return Promise.resolve(values[round] ?? 0);
  };
  const samples = await alternate(3, side("ours", [3, 100, 2]), side("bare", [1, 4, 2]));
  expect(order).toEqual(["ours", "bare", "bare", "ours", "ours", "bare"]);
  const expected = { metric: "m", unit: "us", ours: 3, bare: 2, ratio: 1.5, rounds: 3 };
  expect(figure("m", "us", samples)).toEqual(expected);
});
