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
/** Before CPU is measured, so that the code is compiled. */
const WARM_AGENTS = 1_000;
const WARM_REPORTS = 10;
/** Before memory is measured: few, or the room that they left free would be taken for nothing by those that come after. */
const FORERUNNERS = 50;

type Bare = ServerCalls & BareCalls;

/** Of one side in one round. */
interface Cost {
  /** Of memory, an agent. */
  readonly bytes: number;
  /** Of CPU, a login and a report. */
  readonly loginUs: number;
  readonly reportUs: number;
  /** Reports in a transaction. */
  readonly batch: number;
}

type AnyFleet = Fleet<ServerCalls> | Fleet<Bare>;

class GatewayBench {
  private readonly devices: Devices;
  private readonly options: BenchOptions;
  private readonly agents: number;
  private readonly reports: number;
  private readonly warmAgents: number;
  private readonly forerunners: number;
  /** Reports of each of them. */
  private readonly history: number;
  /** Reports in a transaction of ours, last time: what the bare server is told to take. */
  private batch = 500;

  constructor(devices: Devices, options: BenchOptions, warmAgents: number) {
    const { agents = 0, reports = 0, history = 0 } = options.sizes;
    this.devices = devices;
    this.options = options;
    this.agents = agents;
    this.reports = reports;
    this.warmAgents = warmAgents;
    this.forerunners = Math.min(FORERUNNERS, warmAgents);
    this.history = Math.ceil(history / this.forerunners);
  }

  async ours(round: number): Promise<Cost> {
    const bytes = await this.oursBytes(OURS);
    await using fleet = await Fleet.start<ServerCalls>(this.devices, { script: OURS, ...spec(NEVER_MS) });
    const cost = { bytes, ...(await this.cpu(fleet)) };
    this.batch = Math.max(1, Math.round(cost.batch));
    this.say(`round ${round}, ours`, cost);
    return cost;
  }

  async bare(round: number): Promise<Cost> {
    const bytes = await this.muteBytes();
    const { batch } = this;
    await using fleet = await this.bareFleet("full");
    await fleet.each(({ server }) => server.calls.batch(batch));
    const cost = { bytes, ...(await this.cpu(fleet)) };
    this.say(`round ${round}, bare`, cost);
    return cost;
  }

  /** Of a live agent, in the gateway or in the whole controller. */
  async oursBytes(script: URL): Promise<number> {
    await using fleet = await Fleet.start<ServerCalls>(this.devices, { script, ...spec(NEVER_MS) });
    const bytes = await this.bytes(fleet);
    fleet.countReports(1);
    return bytes;
  }

  /** Of a socket that a bare server holds and answers with constants. */
  private async muteBytes(): Promise<number> {
    await using fleet = await this.bareFleet("mute");
    return await this.bytes(fleet);
  }

  private bareFleet(kind: "mute" | "full"): Promise<Fleet<Bare>> {
    const before = (server: Bare): Promise<void> => server.become(kind);
    return Fleet.start<Bare>(this.devices, { script: BARE, before, ...spec(NEVER_MS) });
  }

  /** With a handful of agents nothing can be seen of them, so that it is never less than a byte. */
  private async bytes(fleet: AnyFleet): Promise<number> {
    await fleet.warmUp(this.forerunners, this.history);
    const before = await fleet.rss();
    await fleet.come();
    await fleet.report(1);
    return Math.max(1, ((await fleet.rss()) - before) / this.agents);
  }

  /** Reports are counted after the first one, which every agent has by then. */
  private async cpu(fleet: AnyFleet): Promise<Omit<Cost, "bytes">> {
    const { agents, reports } = this;
    await fleet.warmUp(this.warmAgents, WARM_REPORTS);
    const beforeLogin = await fleet.cpuUs();
    await fleet.come();
    const loginUs = ((await fleet.cpuUs()) - beforeLogin) / agents;
    await fleet.report(1);
    const before = { cpuUs: await fleet.cpuUs(), ...(await commitsOf(fleet)) };
    await fleet.report(reports);
    const after = { cpuUs: await fleet.cpuUs(), ...(await commitsOf(fleet)) };
    fleet.countReports(1 + reports);
    const reportUs = (after.cpuUs - before.cpuUs) / (agents * reports);
    return { loginUs, reportUs, batch: (after.reports - before.reports) / (after.commits - before.commits) };
  }

  private say(who: string, { bytes, loginUs, reportUs, batch }: Cost): void {
    const batches = `${reportUs.toFixed(1)} us a report in batches of ${batch.toFixed(0)}`;
    this.options.say(`${who}: ${bytes.toFixed(0)} B an agent, ${loginUs.toFixed(0)} us a login, ${batches}`);
  }
}

const spec = (pingEveryMs: number): Omit<FleetSpec<unknown>, "script" | "before"> => ({ pingEveryMs, window: 1 });

async function commitsOf(fleet: AnyFleet): Promise<{ commits: number; reports: number }> {
  const sum = { commits: 0, reports: 0 };
  await fleet.each(async ({ server }) => {
    const { commits, reports } = await server.calls.commits();
    sum.commits += commits;
    sum.reports += reports;
  });
  return sum;
}

/** Microseconds of CPU of a ping and the pong that answers it, while nothing else happens. */
async function pingUs(devices: Devices, script: URL): Promise<number> {
  const before = (server: Bare): Promise<void> => server.become("full");
  const kind = script === BARE ? { script, before } : { script };
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
    {
      name: "history",
      about: "reports of other agents before memory is measured: they fill the database's cache, whose size is fixed",
      full: 120_000,
      small: 400,
    },
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
    const of = (metric: string, unit: string, pick: (cost: Cost) => number): Figure =>
      figure(metric, unit, { ours: samples.ours.map(pick), bare: samples.bare.map(pick) });
    options.say("pings");
    const pings = await alternate(
      rounds,
      () => pingUs(fewer, OURS),
      () => pingUs(fewer, BARE),
    );
    options.say("the whole controller");
    const controllerBytes = await bench.oursBytes(CONTROLLER);
    return [
      of("agent-memory", "bytes", ({ bytes }) => bytes),
      of("login-cpu", "us", ({ loginUs }) => loginUs),
      of("report-cpu", "us", ({ reportUs }) => reportUs),
      figure("ping-cpu", "us", pings),
      figure("controller-memory", "bytes", { ours: [controllerBytes], bare: null }),
    ];
  },
};
