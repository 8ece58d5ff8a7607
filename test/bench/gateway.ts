/**
 * What a live agent costs the gateway. Every agent that is counted has logged in with its key and has reports that are
 * durable; the database is asked afterwards.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Bench, BenchOptions, Figure } from "./bench.ts";
import { alternate, figure } from "./harness/figures.ts";
import { Devices, Fleet, type FleetSpec } from "./harness/fleet.ts";
import type { BareCalls } from "./servers/bare-process.ts";
import type { ServerCalls } from "./servers/server-process.ts";

const OURS = new URL("./servers/gateway-process.ts", import.meta.url);
const BARE = new URL("./servers/bare-process.ts", import.meta.url);
const CONTROLLER = new URL("./servers/controller-process.ts", import.meta.url);

/** Pings have a measurement of their own and would blur the others. */
const NEVER_MS = 3_600_000;
const PING_EVERY_MS = 500;
const PINGS = 6;
/** With more, the pings of half a second would fill it. */
const PING_AGENTS_MAX = 2_000;
const WARM_AGENTS = 500;
const WARM_REPORTS = 10;

type Bare = ServerCalls & BareCalls;

/** Of one side in one round; CPU in microseconds. */
interface Cost {
  readonly loginUs: number;
  readonly reportUs: number;
  /** Reports in a transaction. */
  readonly batch: number;
}

class GatewayBench {
  private readonly devices: Devices;
  private readonly options: BenchOptions;
  private readonly agents: number;
  private readonly reports: number;
  private readonly warmAgents: number;
  /** Reports in a transaction of ours, last time: what the bare server is told to take. */
  private batch = 500;

  constructor(devices: Devices, options: BenchOptions, warmAgents: number) {
    const { agents = 0, reports = 0 } = options.sizes;
    this.devices = devices;
    this.options = options;
    this.agents = agents;
    this.reports = reports;
    this.warmAgents = warmAgents;
  }

  async ours(round: number): Promise<Cost & { readonly bytes: number }> {
    await using fleet = await Fleet.start<ServerCalls>(this.devices, { script: OURS, ...spec(NEVER_MS) });
    await fleet.warmUp(this.warmAgents, WARM_REPORTS);
    const before = await fleet.rss();
    const login = await this.login(fleet);
    await fleet.report(1);
    const bytes = this.share((await fleet.rss()) - before);
    const cost = { ...login, ...(await this.report(fleet)), bytes };
    this.batch = Math.max(1, Math.round(cost.batch));
    this.say(`round ${round}, ours`, cost);
    return cost;
  }

  async bare(round: number): Promise<Cost & { readonly bytes: number }> {
    const bytes = await this.mute();
    const { batch } = this;
    await using fleet = await Fleet.start<Bare>(this.devices, {
      script: BARE,
      ...spec(NEVER_MS),
      before: become("full"),
    });
    await fleet.each(({ server }) => server.calls.batch(batch));
    await fleet.warmUp(this.warmAgents, WARM_REPORTS);
    const login = await this.login(fleet);
    await fleet.report(1);
    const cost = { ...login, ...(await this.report(fleet)), bytes };
    this.say(`round ${round}, bare`, cost);
    return cost;
  }

  /** Bytes of a socket that a bare server holds and answers with constants. */
  private async mute(): Promise<number> {
    await using fleet = await Fleet.start<Bare>(this.devices, {
      script: BARE,
      ...spec(NEVER_MS),
      before: become("mute"),
    });
    await fleet.warmUp(this.warmAgents, WARM_REPORTS);
    const before = await fleet.rss();
    await fleet.come();
    await fleet.report(1);
    return this.share((await fleet.rss()) - before);
  }

  /** Bytes of a live agent in the whole controller, its place in the orchestrator's memory included. */
  async controllerBytes(): Promise<number> {
    await using fleet = await Fleet.start<ServerCalls>(this.devices, { script: CONTROLLER, ...spec(NEVER_MS) });
    await fleet.warmUp(this.warmAgents, WARM_REPORTS);
    const before = await fleet.rss();
    await fleet.come();
    await fleet.report(1);
    const bytes = this.share((await fleet.rss()) - before);
    fleet.countReports(1);
    return bytes;
  }

  private async login(fleet: Fleet<ServerCalls> | Fleet<Bare>): Promise<Pick<Cost, "loginUs">> {
    const before = await fleet.cpuUs();
    await fleet.come();
    return { loginUs: ((await fleet.cpuUs()) - before) / this.agents };
  }

  /** After the first report, which every agent has by now. */
  private async report(fleet: Fleet<ServerCalls> | Fleet<Bare>): Promise<Pick<Cost, "reportUs" | "batch">> {
    const { agents, reports } = this;
    const before = { cpuUs: await fleet.cpuUs(), ...(await commitsOf(fleet)) };
    await fleet.report(reports);
    const after = { cpuUs: await fleet.cpuUs(), ...(await commitsOf(fleet)) };
    fleet.countReports(1 + reports);
    return {
      reportUs: (after.cpuUs - before.cpuUs) / (agents * reports),
      batch: (after.reports - before.reports) / (after.commits - before.commits),
    };
  }

  /** Of memory. With a handful of agents nothing can be seen of it, so that it is never less than a byte. */
  private share(bytes: number): number {
    return Math.max(1, bytes / this.agents);
  }

  private say(who: string, { loginUs, reportUs, batch, bytes }: Cost & { readonly bytes: number }): void {
    const batches = `${reportUs.toFixed(1)} us a report in batches of ${batch.toFixed(0)}`;
    this.options.say(`${who}: ${bytes.toFixed(0)} B an agent, ${loginUs.toFixed(0)} us a login, ${batches}`);
  }
}

const spec = (pingEveryMs: number): Omit<FleetSpec<unknown>, "script" | "before"> => ({ pingEveryMs, window: 1 });

const become =
  (kind: "mute" | "full") =>
  (server: Bare): Promise<void> =>
    server.become(kind);

async function commitsOf(fleet: Fleet<ServerCalls> | Fleet<Bare>): Promise<{ commits: number; reports: number }> {
  const sum = { commits: 0, reports: 0 };
  await fleet.each(async ({ server }) => {
    const { commits, reports } = await server.calls.commits();
    sum.commits += commits;
    sum.reports += reports;
  });
  return sum;
}

/** Microseconds of CPU of a ping and the pong that answers it, while nothing else happens. */
async function pingUs(devices: Devices, before?: (server: Bare) => Promise<void>): Promise<number> {
  const kind = before === undefined ? { script: OURS } : { script: BARE, before };
  await using fleet = await Fleet.start<Bare>(devices, { ...kind, ...spec(PING_EVERY_MS) });
  await fleet.come();
  await sleep(PING_EVERY_MS);
  const taken = async () => ({ cpuUs: await fleet.cpuNowUs(), pongs: await fleet.counts("pongs") });
  const from = await taken();
  await sleep(PINGS * PING_EVERY_MS);
  const to = await taken();
  return (to.cpuUs - from.cpuUs) / (to.pongs - from.pongs);
}

export const gatewayBench: Bench = {
  name: "gateway",
  about: "a live agent, logged in and with a durable report, against a bare ws server",
  sizes: [
    { name: "agents", about: "agents that are live at once", full: 10_000, small: 40 },
    { name: "reports", about: "reports of each after its first one", full: 4, small: 2 },
    { name: "rounds", about: "rounds of both sides", full: 3, small: 1 },
  ],
  budgets: [
    { metric: "agent-memory", ratioMax: 1.25 },
    { metric: "login-cpu", ratioMax: 1.25 },
    { metric: "report-cpu", ratioMax: 1.25 },
  ],
  async run(options): Promise<readonly Figure[]> {
    const { agents = 0, rounds = 0 } = options.sizes;
    const warmAgents = Math.min(WARM_AGENTS, agents);
    await using devices = await Devices.make(agents, warmAgents);
    await using fewer = await Devices.make(Math.min(agents, PING_AGENTS_MAX), 0);
    const bench = new GatewayBench(devices, options, warmAgents);
    const samples = await alternate(
      rounds,
      (round) => bench.ours(round),
      (round) => bench.bare(round),
    );
    const of = (metric: string, unit: string, pick: (cost: Cost & { readonly bytes: number }) => number): Figure =>
      figure(metric, unit, { ours: samples.ours.map(pick), bare: samples.bare.map(pick) });
    options.say("pings");
    const pings = await alternate(
      rounds,
      () => pingUs(fewer),
      () => pingUs(fewer, become("full")),
    );
    options.say("the whole controller");
    const controllerBytes = await bench.controllerBytes();
    return [
      of("agent-memory", "bytes", ({ bytes }) => bytes),
      of("login-cpu", "us", ({ loginUs }) => loginUs),
      of("report-cpu", "us", ({ reportUs }) => reportUs),
      figure("ping-cpu", "us", pings),
      figure("controller-memory", "bytes", { ours: [controllerBytes], bare: null }),
    ];
  },
};
