/**
 * What people ask of a controller with a large fleet, while reports come in: the orchestrator and the administration as
 * they are, over the database of the bench. First how long it takes to start, and how fast it takes in what was stored.
 */
import { openPrecautions } from "../../../controller/trust/precautions.ts";
import { MemoryStopFile } from "../../support/precautions.ts";
import { openAdministration } from "../../../controller/administration/administration.ts";
import { inProcessBus } from "../../../controller/bus/in-process.ts";
import { deviceVerifier } from "../../../controller/gateway/verify.ts";
import { Orchestrator } from "../../../controller/orchestrator/orchestrator.ts";
import type { Administration } from "../../../controller/ports/administration.ts";
import { systemClock, systemRandom } from "../../../controller/system.ts";
import { DeviceFacetQuery, DeviceQuery } from "../../../protocol/api-devices.ts";
import { aTrustKeeper } from "../../support/trust.ts";
import { newId } from "../../../protocol/ids.ts";
import type { BenchOptions, Figure } from "../bench.ts";
import { figure } from "../harness/figures.ts";
import { heldBytes } from "../harness/heap.ts";
import { millisecondsUntil, percentile } from "../harness/timing.ts";
import { deviceId, placed, scattered } from "../population/places.ts";
import { versionOf } from "../population/states.ts";
import { waitingTimes } from "./asked.ts";
import { Ingesting } from "./ingesting.ts";
import type { ReportDrawer } from "./reports.ts";
import type { StoreSide } from "./side.ts";

const quiet = (): void => undefined;
/** Nothing here should fail, and what fails would be measured. */
const loud = (fields: object, message: string): never => {
  throw new Error(`${message} ${JSON.stringify(fields)}`);
};
const NEWEST_REPORTS = 50;
const PAGE = 50;
const BATCH = 500;

/** Lists that a console asks for: from the start, filtered by each kind of fact, searched, and in other orders. */
const LISTS: readonly Readonly<Record<string, string>>[] = [
  {},
  { condition: "boot-loop" },
  { condition: "healthy", sort: "last-heard", order: "descending" },
  { role: "domain-controller", connected: "yes" },
  { crashed: "yes" },
  { sha256: versionOf(0, 3, 1).sha256 },
  { site: placed(1, 2_000).site, sort: "id" },
  { source: "acme.definitions", role: "till", sort: "last-heard" },
];

export async function consoleFigures(
  side: StoreSide,
  drawer: ReportDrawer,
  { sizes, say }: BenchOptions,
): Promise<readonly Figure[]> {
  const { devices = 0, reports = 0, queries = 0, rounds = 0 } = sizes;
  const { store, kind } = side;
  const stream = newId("stream", systemClock.now(), systemRandom(10));
  const bus = inProcessBus();
  let isAwake = false;
  const trust = await aTrustKeeper(store, systemClock);
  const orchestrator = new Orchestrator({
    store,
    stream,
    // Asleep, it looks at the feed only when it is asked to: what it takes in is measured.
    clock: { ...systemClock, after: (ms, call) => systemClock.after(ms, () => (isAwake ? call() : undefined)) },
    random: systemRandom,
    gateway: {
      tellTrust: () => undefined,
      nudge: () => undefined,
      stopOrders: () => undefined,
      standingChanged: () => undefined,
      tellPrecautions: () => undefined,
      announce: () => undefined,
    },
    bus,
    verifyDevice: deviceVerifier(),
    online: trust.online,
    whyVoid: () => undefined,
    log: { info: quiet, warn: quiet, error: loud },
    isLive: (candidate) => candidate === stream,
    settings: { silentAfterMs: 600_000, leaseMs: 10_000 },
  });
  const emptyBytes = heldBytes();
  const startMs = await millisecondsUntil(() => orchestrator.start());
  const bytes = heldBytes() - emptyBytes;

  const perSecond: number[] = [];
  for (let round = 0; round < rounds; round++) {
    for (let left = reports; left > 0; left -= BATCH)
      await store.ingest(stream, drawer.batch(Math.min(left, BATCH)), []);
    perSecond.push((reports / (await millisecondsUntil(() => orchestrator.catchUp()))) * 1_000);
  }

  isAwake = true;
  const { log } = orchestrator.deps;
  const file = new MemoryStopFile();
  const precautions = await openPrecautions({ store, file, clock: systemClock, trust, log });
  const administration = openAdministration({ orchestrator, trust, precautions });
  const questions = questionsOf(administration, side, devices);
  const waits = new Map(Object.keys(questions).map((name) => [name, [] as number[]]));
  await using ingesting = new Ingesting({ store, bus, stream }, (size) => drawer.batch(size));
  for (let round = 0; round < rounds; round++) {
    for (const [name, ask] of Object.entries(questions)) {
      waits.get(name)?.push(percentile(await waitingTimes(queries, ask), 0.99));
    }
  }
  say(`${kind}: ${ingesting.stored} reports were stored while people asked`);
  await ingesting.end();
  await orchestrator.catchUp();
  await orchestrator.stop();
  if (orchestrator.fleet.size !== devices)
    throw new Error(`${orchestrator.fleet.size} of ${devices} devices are known`);
  if (orchestrator.fleet.connected === 0) throw new Error("devices reported, and none is shown as connected");
  const alone = (metric: string, unit: string, ours: readonly number[]): Figure =>
    figure(`${kind}-${metric}`, unit, { ours, bare: null });
  return [
    alone("start", "s", [startMs / 1_000]),
    alone("controller-memory", "bytes", [bytes / devices]),
    alone("feed-rate", "changes/s", perSecond),
    ...[...waits].map(([name, times]) => alone(`${name}-p99`, "ms", times)),
  ];
}

type Ask = (question: number) => Promise<unknown>;

function questionsOf(administration: Administration, { store }: StoreSide, devices: number): Record<string, Ask> {
  let cursor: string | null = null;
  return {
    counts: () => administration.overview(),
    page: async (question) => {
      const list = LISTS[question % LISTS.length] ?? {};
      const page = await administration.devices(DeviceQuery.parse({ ...list, limit: PAGE }));
      if (question % LISTS.length === 0) cursor = page.next;
    },
    "next-page": async () => {
      const page = await administration.devices(
        DeviceQuery.parse({ limit: PAGE, ...(cursor === null ? {} : { cursor }) }),
      );
      cursor = page.next;
    },
    search: (question) => {
      const search = `PC-${scattered(question) % devices}`.slice(0, -1);
      return administration.devices(DeviceQuery.parse({ search, limit: PAGE }));
    },
    facets: (question) => {
      const list = LISTS[question % LISTS.length] ?? {};
      const { sort: _sort, order: _order, ...filters } = list;
      return administration.deviceFacets(DeviceFacetQuery.parse(filters));
    },
    device: async (question) => {
      const id = deviceId(scattered(question) % devices);
      await administration.device(id);
      const found = await store.reportsOf(id, NEWEST_REPORTS);
      if (found.length === 0) throw new Error(`device ${id} has no report`);
    },
  };
}
