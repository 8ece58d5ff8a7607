/**
 * `npm run bench -- detection`: the real detector over simulated fleets. How often it is wrong, how fast it is right, and
 * what that costs. Every figure but the costs is the same on every machine: worlds are played from their seeds.
 */
import type { Bench, BenchOptions, Budget, Figure } from "./bench.ts";
import { alarmFigures } from "./detection/alarms.ts";
import { costFigures } from "./detection/costs.ts";
import { Crew } from "./detection/crew.ts";
import { elsewhereFigures, quietElsewhereFigures } from "./detection/elsewhere.ts";
import { instantFigures, liarFigures, negativeFigures, verdictFigures } from "./detection/verdicts.ts";

/** First crash to verdict in minutes, and the exposed at the verdict in per cent; at the 95th percentile. */
const PACE = {
  "all-78min": [3, 3.2],
  "all-24h": [6, 0.5],
  "10pc-78min": [5, 6],
  "10pc-24h": [15, 1.5],
  "2pc-78min": [11, 13],
  "2pc-24h": [90, 8],
  "0.5pc-78min": [30, 35],
  "0.5pc-24h": [330, 27],
} as const;
/** Verdict in minutes; incident in seconds. */
const INSTANT = {
  "instant-30pc": [3, 60],
  "instant-3pc": [6, 60],
  "instant-winre": [11, 60],
  "instant-night": [6, 75],
} as const;

const atMost = (metric: string, oursMax: number): Budget => ({ metric, oursMax });

export const JUDGEMENT_BUDGETS: readonly Budget[] = [
  atMost("quiet-halts", 0),
  atMost("quiet-incidents", 0),
  atMost("quiet-suspected", 1),
  atMost("settled-incidents", 0),
  atMost("settled-suspected", 1),
  atMost("outages-wrong", 0),
  ...Object.entries(PACE).flatMap(([name, [minutes, exposed]]) => [
    atMost(`${name}-minutes`, minutes),
    atMost(`${name}-exposed`, exposed),
    atMost(`${name}-wronged`, 0),
  ]),
  atMost("usable-reports", 6),
  atMost("verdict-after-report", 10),
  ...Object.entries(INSTANT).flatMap(([name, [minutes, seconds]]) => [
    atMost(`${name}-minutes`, minutes),
    atMost(`${name}-incident-seconds`, seconds),
    atMost(`${name}-incident-exposed`, 1),
    atMost(`${name}-named-after-report`, 10),
    atMost(`${name}-wronged`, 0),
  ]),
  ...["two-hours-all", "two-hours-10pc"].flatMap((name) => [
    atMost(`${name}-minutes`, 30),
    atMost(`${name}-wronged`, 0),
  ]),
  atMost("liars-10pc-late", 1.5),
  atMost("liars-2pc-late", 1.5),
  atMost("liars-harmless-wrong", 0.05),
  atMost("frame-acts", 0),
  atMost("negatives-wronged", 0),
  atMost("negatives-incidents", 0),
  ...["elsewhere", "mixed"].flatMap((name) => [atMost(`${name}-missed`, 0), atMost(`${name}-wronged`, 0)]),
  atMost("quiet-elsewhere-incidents", 0),
];
const COST_BUDGETS: readonly Budget[] = [
  atMost("simulated-event", 2),
  atMost("july-2024-cpu", 120),
  atMost("july-2024-memory", 4),
  atMost("live-event", 50),
];

/** What the seeds alone decide: the same on every machine. */
export async function judgementFigures({ sizes, say }: BenchOptions): Promise<readonly Figure[]> {
  const { weeks = 0, "outage-weeks": outageWeeks = 0, settled = 0, days = 0, seeds = 0, devices = 0 } = sizes;
  await using crew = new Crew(sizes["processes"] ?? 1);
  const table = { crew, seeds, devices, say };
  return [
    ...(await verdictFigures(table)),
    ...(await instantFigures(table)),
    ...(await liarFigures(table)),
    ...(await negativeFigures(table)),
    ...(await elsewhereFigures(table)),
    ...(await alarmFigures({ crew, weeks, outageWeeks, settled, days, devices, say })),
    ...(await quietElsewhereFigures(table)),
  ];
}

async function run(options: BenchOptions): Promise<readonly Figure[]> {
  const costs = await costFigures(options);
  return [...(await judgementFigures(options)), ...costs];
}

export const detectionBench: Bench = {
  name: "detection",
  about: "false alarms, verdicts and their cost: the real detector over simulated fleets",
  sizes: [
    { name: "weeks", about: "weeks with nothing wrong", full: 400, small: 1 },
    { name: "outage-weeks", about: "weeks with five times the outages", full: 100, small: 1 },
    { name: "settled", about: "fleets with nothing wrong for three weeks", full: 100, small: 1 },
    { name: "days", about: "days of such a week", full: 7, small: 1 },
    { name: "seeds", about: "runs of each faulty version", full: 25, small: 1 },
    { name: "devices", about: "machines of a fleet", full: 10_000, small: 1_000 },
    { name: "fleet", about: "machines of July 2024", full: 8_500_000, small: 5_000 },
    { name: "live", about: "machines of a live fleet", full: 1_000_000, small: 2_000 },
    { name: "rounds", about: "rounds of what is timed", full: 3, small: 1 },
    { name: "processes", about: "processes that play worlds", full: 2, small: 2 },
  ],
  budgets: [...JUDGEMENT_BUDGETS, ...COST_BUDGETS],
  run,
};
