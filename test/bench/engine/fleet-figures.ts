/**
 * The fleet in memory: a tick takes in the changes and reads the counts that the overview shows. What a device costs in
 * memory is measured with rows as they come out of a database.
 */
import type { Condition } from "../../../protocol/api.ts";
import { newId } from "../../../protocol/ids.ts";
import { type Instant, later } from "../../../protocol/time.ts";
import { Fleet } from "../../../controller/fleet/fleet.ts";
import type { Change } from "../../../controller/store/feed.ts";
import type { BenchOptions, Figure } from "../bench.ts";
import { figure } from "../harness/figures.ts";
import { heldBytes } from "../harness/heap.ts";
import { millisecondsOf, percentile } from "../harness/timing.ts";
import { inOrderOfIds } from "../population/places.ts";
import { DAY_BEGAN, rowAsRead } from "../population/states.ts";
import { BareFleet } from "./bare-fleet.ts";
import { FleetDay } from "./fleet-day.ts";

const SILENT_AFTER_MS = 600_000;
const TICK_MS = 1_000;
const CONDITIONS: readonly Condition[] = ["healthy", "starting", "boot-loop", "silent", "away", "unknown"];

export async function fleetFigures({ sizes, say }: BenchOptions): Promise<readonly Figure[]> {
  const { devices = 0, changes = 0, ticks = 0, rounds = 0 } = sizes;
  say(`engine: a fleet of ${devices} devices`);
  const emptyBytes = heldBytes();
  const bare = new BareFleet(devices);
  const bareBytes = heldBytes() - emptyBytes;
  const fleet = new Fleet({ silentAfterMs: SILENT_AFTER_MS });
  for (const n of inOrderOfIds(devices)) fleet.put(rowAsRead(n, devices), DAY_BEGAN);
  const oursBytes = heldBytes() - emptyBytes - bareBytes;

  const stream = newId("stream", DAY_BEGAN, new Uint8Array(10));
  const day = new FleetDay(devices, stream);
  const samples = { p50: sides(), p99: sides() };
  let now: Instant = DAY_BEGAN;
  for (let round = 0; round < rounds; round++) {
    const times = sides();
    for (let tick = 0; tick < ticks; tick++) {
      now = later(now, TICK_MS);
      const feed = day.changes(changes, now);
      const ours = (): number => times.ours.push(millisecondsOf(() => takeIn(fleet, feed, now)));
      const theirs = (): number => times.bare.push(millisecondsOf(() => feed.forEach((change) => bare.apply(change))));
      for (const side of round % 2 === 0 ? [ours, theirs] : [theirs, ours]) side();
    }
    for (const side of ["ours", "bare"] as const) {
      samples.p50[side].push(percentile(times[side], 0.5));
      samples.p99[side].push(percentile(times[side], 0.99));
    }
  }
  const counted = CONDITIONS.reduce((sum, condition) => sum + fleet.conditions.of(condition), 0);
  if (counted !== devices) throw new Error(`the fleet counts ${counted} of ${devices} devices`);
  if (bare.connectedCount !== fleet.connected) throw new Error("the two sides were not told the same");
  return [
    figure("fleet-tick-p50", "ms", samples.p50),
    figure("fleet-tick-p99", "ms", samples.p99),
    figure("fleet-memory", "bytes", { ours: [oursBytes / devices], bare: [bareBytes / devices] }),
  ];
}

const sides = () => ({ ours: [] as number[], bare: [] as number[] });

function takeIn(fleet: Fleet, feed: readonly Change[], now: Instant): number {
  for (const change of feed) fleet.apply(change, () => true);
  fleet.sweep(now);
  const counts = CONDITIONS.map((condition) => fleet.conditions.of(condition));
  return counts.reduce((sum, count) => sum + count, fleet.connected + fleet.content.list().length);
}
