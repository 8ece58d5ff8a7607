/**
 * Durable reports: what the gateway's batches cost through the store, against the same statements on the bare driver.
 * CPU is that of this process, all its threads together; a database server's own is the same on both sides.
 */
import { GATEWAY_LIMITS } from "../../../controller/gateway/limits.ts";
import type { IngestReport } from "../../../controller/store/reports.ts";
import { newId } from "../../../protocol/ids.ts";
import type { BenchOptions, Figure } from "../bench.ts";
import { alternate, figure } from "../harness/figures.ts";
import { millisecondsUntil } from "../harness/timing.ts";
import { cpuUs } from "../harness/usage.ts";
import { DAY_BEGAN } from "../population/states.ts";
import type { ReportDrawer } from "./reports.ts";
import type { StoreSide } from "./side.ts";

const STREAM = newId("stream", DAY_BEGAN, new Uint8Array(10).fill(2));
const WARM_UP_BATCHES = 2;

interface Cost {
  readonly perSecond: number;
  readonly cpuUs: number;
}

export async function ingestFigures(
  side: StoreSide,
  drawers: { readonly ours: ReportDrawer; readonly bare: ReportDrawer },
  { sizes }: BenchOptions,
): Promise<readonly Figure[]> {
  const { reports = 0, rounds = 0 } = sizes;
  const store = async (batch: readonly IngestReport[]): Promise<void> => {
    const results = await side.store.ingest(STREAM, batch, []);
    if (results.some((result) => result !== "stored")) throw new Error("a report that was sent once was not stored");
  };
  const round = async (
    who: "ours" | "bare",
    write: (batch: readonly IngestReport[]) => Promise<void>,
  ): Promise<Cost> => {
    const batchMax = Math.min(GATEWAY_LIMITS.batchMax, reports);
    const batches = Array.from({ length: Math.ceil(reports / batchMax) }, () => drawers[who].batch(batchMax));
    for (const batch of batches.splice(0, Math.min(WARM_UP_BATCHES, batches.length - 1))) await write(batch);
    const count = batches.length * batchMax;
    const cpuBefore = cpuUs();
    const ms = await millisecondsUntil(async () => {
      for (const batch of batches) await write(batch);
    });
    return { perSecond: (count / ms) * 1_000, cpuUs: (cpuUs() - cpuBefore) / count };
  };
  const samples = await alternate(
    rounds,
    () => round("ours", store),
    () => round("bare", (batch) => side.bare(batch)),
  );
  const of = (metric: string, unit: string, pick: (cost: Cost) => number): Figure =>
    figure(`${side.kind}-${metric}`, unit, { ours: samples.ours.map(pick), bare: samples.bare.map(pick) });
  return [of("ingest-rate", "reports/s", ({ perSecond }) => perSecond), of("ingest-cpu", "us", (cost) => cost.cpuUs)];
}
