/**
 * Fleets and circumstances that the method was not tuned on: shapes, time zones, habits, and troubles at the same time.
 * Nobody innocent may be named there either, and what is faulty is found.
 */
import type { Scenario } from "../../../controller/drill/outbreak.ts";
import type { OutbreakOptions } from "../../../controller/drill/run-outbreak.ts";
import type { Figure } from "../bench.ts";
import type { QuietJob } from "./jobs.ts";
import { aFigure, p95, play, scenario, type Table, wrongs } from "./verdicts.ts";

type Somewhere = Pick<OutbreakOptions, "shape"> & { readonly size?: number };

const SHAPES: Readonly<Record<string, Somewhere>> = {
  "one time zone": { shape: { zones: [0] } },
  "around the world": { shape: { zones: [-480, -300, 0, 60, 330, 540, 660] } },
  "1,000 machines": { size: 1_000, shape: { sites: 20 } },
  "3,000 machines": { size: 3_000, shape: { sites: 30 } },
  "one site": { size: 2_000, shape: { sites: 1 } },
  "five sites": { size: 5_000, shape: { sites: 5 } },
  "2,000 sites": { shape: { sites: 2_000 } },
  offices: { shape: { classes: { server: 0.02, "always-on": 0.03, office: 0.9, mobile: 0.05 } } },
  hospitals: { shape: { classes: { server: 0.15, "always-on": 0.7, office: 0.1, mobile: 0.05 } } },
  laptops: { shape: { classes: { server: 0.03, "always-on": 0.02, office: 0.15, mobile: 0.8 } } },
  "no inventory": { shape: { isInventoried: false } },
  "time zones unknown": { shape: { knowsRegions: false } },
};
const FAULTS: Readonly<Record<string, () => Scenario>> = {
  "all crash": () => scenario("all-crash", {}),
  "10 % crash": () => scenario("all-crash", { harm: { share: 0.1 } }),
  "instant death": () => scenario("instant-death", { harm: { loops: { networkShare: 0.3, recoveryShare: 0.05 } } }),
};
const MEANWHILE = ["outages", "gateways", "closing", "patch-night", "laptops"] as const;

/** A habit or a trouble that a quiet fleet may have, beside the shapes. */
const QUIET: Readonly<Record<string, Partial<QuietJob>>> = {
  "a quarter switched off at the plug": { ways: { uncleanShare: 0.25 } },
  "twelve versions a day": { harmlessPerDay: 12 },
  "machines that crash a lot": { trouble: { bugchecks: 0.02, hangs: 0.03, clumps: 0.02 } },
  "networks that break a lot": { trouble: { cuts: 0.2, gatewayRestarts: 2, controllerRestarts: 1 } },
  "a ping a minute": { heartbeatMs: 60_000 },
};

export async function elsewhereFigures(table: Table): Promise<readonly Figure[]> {
  const seeds = Math.ceil(table.seeds / 5);
  const minutes: (number | null)[] = [];
  let wrong = 0;
  for (const [where, { size, shape }] of Object.entries(SHAPES)) {
    for (const [what, fault] of Object.entries(FAULTS)) {
      const of = { ...table, seeds, devices: size ?? table.devices };
      const results = await play(of, `${where}, ${what}`, fault(), shape === undefined ? {} : { shape });
      minutes.push(...results.map(({ verdictMinutes }) => verdictMinutes));
      wrong += wrongs(results);
    }
  }
  const mixed: (number | null)[] = [];
  let mixedWrong = 0;
  for (const meanwhile of MEANWHILE) {
    for (const [what, fault] of Object.entries(FAULTS)) {
      const one: Scenario = { ...fault(), meanwhile, liars: { share: 0.05, kind: "random" } };
      const results = await play({ ...table, seeds }, `${what} beside ${meanwhile} and liars`, one);
      mixed.push(...results.map(({ verdictMinutes }) => verdictMinutes));
      mixedWrong += wrongs(results);
    }
  }
  const missed = (of: readonly (number | null)[]): number => of.filter((each) => each === null).length;
  return [
    aFigure("elsewhere-minutes", "min", p95(minutes), minutes.length),
    aFigure("elsewhere-missed", "runs", missed(minutes), minutes.length),
    aFigure("elsewhere-wronged", "runs", wrong, minutes.length),
    aFigure("mixed-minutes", "min", p95(mixed), mixed.length),
    aFigure("mixed-missed", "runs", missed(mixed), mixed.length),
    aFigure("mixed-wronged", "runs", mixedWrong, mixed.length),
  ];
}

/** Two weeks each, with nothing faulty. */
export async function quietElsewhereFigures({ crew, seeds, devices, say }: Table): Promise<readonly Figure[]> {
  const worlds: Readonly<Record<string, Partial<QuietJob>>> = {
    ...Object.fromEntries(
      Object.entries(SHAPES).map(([where, { size, shape }]) => [where, { shape: { size: size ?? devices, ...shape } }]),
    ),
    ...QUIET,
    "300 machines": { shape: { size: 300, sites: 8 } },
  };
  const names = Object.keys(worlds).flatMap((name) => Array.from({ length: Math.ceil(seeds / 5) }, () => name));
  const jobs = names.map((name, index): QuietJob => {
    return { seed: 20_001 + index, days: 14, shape: { size: devices }, ...worlds[name] };
  });
  const runs = await crew.quiet(jobs, () => undefined);
  for (const [index, { incidents, convicted }] of runs.entries()) {
    if (incidents > 0) say(`detection: false alarm: ${names[index] ?? ""}: ${incidents}, ${convicted.join(", ")}`);
  }
  return [
    aFigure(
      "quiet-elsewhere-incidents",
      "incidents",
      runs.reduce((sum, { incidents }) => sum + incidents, 0),
      runs.length,
    ),
  ];
}
