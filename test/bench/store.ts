/** `npm run bench -- store`: durable reports a second and the console's questions, with a million devices registered. */
import { whyNoPostgres } from "../support/postgres.ts";
import type { Bench, BenchOptions, Budget, Figure } from "./bench.ts";
import { consoleFigures } from "./store/console-figures.ts";
import { ingestFigures } from "./store/ingest-figures.ts";
import { openPostgresSide } from "./store/postgres-side.ts";
import { ReportDrawer } from "./store/reports.ts";
import type { StoreSide } from "./store/side.ts";
import { openSqliteSide } from "./store/sqlite-side.ts";

const budgetsOf = (kind: StoreSide["kind"]): readonly Budget[] => [
  { metric: `${kind}-ingest-rate`, oursMin: 10_000 },
  { metric: `${kind}-ingest-cpu`, ratioMax: 1.25 },
  { metric: `${kind}-counts-p99`, oursMax: 5 },
  { metric: `${kind}-page-p99`, oursMax: 50 },
];

const missing = whyNoPostgres();

async function figuresOf(
  open: (devices: number) => Promise<StoreSide>,
  options: BenchOptions,
): Promise<readonly Figure[]> {
  const { devices = 0 } = options.sizes;
  const side = await open(devices);
  try {
    options.say(`${side.kind}: ${devices} devices are registered`);
    const drawers = { ours: new ReportDrawer(devices, "ours"), bare: new ReportDrawer(devices, "bare") };
    const ingest = await ingestFigures(side, drawers, options);
    return [...ingest, ...(await consoleFigures(side, drawers.ours, options))];
  } finally {
    await side.close();
  }
}

export const storeBench: Bench = {
  name: "store",
  about: "durable reports a second and the console's questions, on SQLite and on PostgreSQL",
  sizes: [
    { name: "devices", about: "devices that are registered", full: 1_000_000, small: 2_000 },
    { name: "reports", about: "reports a round", full: 20_000, small: 400 },
    { name: "queries", about: "questions of each kind a round", full: 200, small: 10 },
    { name: "rounds", about: "rounds", full: 3, small: 1 },
  ],
  budgets: [...budgetsOf("sqlite"), ...(missing === undefined ? budgetsOf("postgres") : [])],
  async run(options): Promise<readonly Figure[]> {
    const sqlite = await figuresOf(openSqliteSide, options);
    if (missing === undefined) return [...sqlite, ...(await figuresOf(openPostgresSide, options))];
    options.say(`PostgreSQL is left out: ${missing}`);
    return sqlite;
  },
};
