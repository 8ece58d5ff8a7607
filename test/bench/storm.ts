/**
 * The whole fleet comes back after the controller was killed and started again: how fast, and is anything lost. When it
 * is killed every agent has reports that were acknowledged and others that were not; afterwards the database is asked.
 */
import type { Bench, BenchOptions, Figure } from "./bench.ts";
import { alternate, figure } from "./harness/figures.ts";
import { Devices, Fleet, type FleetSpec } from "./harness/fleet.ts";
import type { BareCalls } from "./servers/bare-process.ts";
import type { ServerCalls } from "./servers/server-process.ts";

const CONTROLLER = new URL("./servers/controller-process.ts", import.meta.url);
const BARE = new URL("./servers/bare-process.ts", import.meta.url);

type Bare = ServerCalls & BareCalls;

/** Killed when this share of the reports is acknowledged, so that every agent has some of both kinds. */
const ACKNOWLEDGED_SHARE = 0.4;
const COMMON = { pingEveryMs: 20_000, window: 4 } as const;

interface Return {
  /** From the start of the new process to the first login, to the last one, and until nothing is owed any more. */
  readonly firstSeconds: number;
  readonly allSeconds: number;
  readonly settledSeconds: number;
  readonly agentsPerSecond: number;
  readonly lost: number;
}

async function returnOf(devices: Devices, spec: FleetSpec<Bare>, { sizes }: BenchOptions): Promise<Return> {
  const { agents = 0, reports = 0 } = sizes;
  await using fleet = await Fleet.start<Bare>(devices, spec);
  await fleet.come();
  await fleet.report(1);
  await fleet.each(({ crowd }) => crowd.calls.report(reports));
  const enough = agents * (1 + reports * ACKNOWLEDGED_SHARE);
  await fleet.reaches("acknowledged", enough);
  await fleet.kill();
  const startedAt = Date.now();
  await fleet.restart();
  const times = await Promise.all(fleet.pairs.map(({ crowd }) => crowd.calls.settled()));
  const firstAt = Math.min(...times.map(({ firstLoginAt }) => firstLoginAt));
  const lastAt = Math.max(...times.map(({ lastLoginAt }) => lastLoginAt));
  const settledAt = Math.max(...times.map((time) => time.settledAt));
  return {
    firstSeconds: (firstAt - startedAt) / 1_000,
    allSeconds: (lastAt - startedAt) / 1_000,
    settledSeconds: (settledAt - startedAt) / 1_000,
    agentsPerSecond: (agents / (lastAt - startedAt)) * 1_000,
    lost: (await fleet.lostAtKill()) + fleet.missing(1 + reports),
  };
}

const become = (server: Bare): Promise<void> => server.become("full");

export const stormBench: Bench = {
  name: "storm",
  about: "every agent comes back after kill -9 of the controller and its restart, against a bare ws server",
  sizes: [
    { name: "agents", about: "agents that come back", full: 10_000, small: 40 },
    { name: "reports", about: "reports of each around the kill, after its first one", full: 5, small: 30 },
    { name: "rounds", about: "rounds of both sides", full: 3, small: 1 },
  ],
  budgets: [
    // Four times what the same stack reached with another server: see docs/reference/performance.md.
    { metric: "storm-rate", oursMin: 1_400 },
    { metric: "storm-reports-lost", oursMax: 0 },
  ],
  async run(options): Promise<readonly Figure[]> {
    const { agents = 0, rounds = 0 } = options.sizes;
    await using devices = await Devices.make(agents, 0);
    const told = async (who: string, back: Promise<Return>): Promise<Return> => {
      const { agentsPerSecond, firstSeconds, allSeconds, settledSeconds, lost } = await back;
      const times = `first ${firstSeconds} s, all ${allSeconds} s, settled ${settledSeconds} s, ${lost} reports lost`;
      options.say(`${who}: ${agentsPerSecond.toFixed(0)} agents/s, ${times}`);
      return back;
    };
    const { ours, bare } = await alternate(
      rounds,
      () => told("ours", returnOf(devices, { script: CONTROLLER, ...COMMON }, options)),
      () => told("bare", returnOf(devices, { script: BARE, before: become, ...COMMON }, options)),
    );
    const of = (metric: string, unit: string, pick: (back: Return) => number): Figure =>
      figure(metric, unit, { ours: ours.map(pick), bare: bare.map(pick) });
    return [
      of("storm-rate", "agents/s", ({ agentsPerSecond }) => agentsPerSecond),
      of("storm-first-back", "s", ({ firstSeconds }) => firstSeconds),
      of("storm-all-back", "s", ({ allSeconds }) => allSeconds),
      of("storm-settled", "s", ({ settledSeconds }) => settledSeconds),
      {
        ...figure("storm-reports-lost", "reports", { ours: ours.map(({ lost }) => lost), bare: null }),
        ours: ours.reduce((sum, { lost }) => sum + lost, 0),
      },
    ];
  },
};
