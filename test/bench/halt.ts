/**
 * A stop reaches a fleet in which every agent runs an order, against a bare broadcast to the same number of sockets.
 *
 * Two things are measured: the way a stop goes (a person asks, withdrawals are stored, agents are nudged, each pulls and
 * reads that its order is withdrawn), and the nudge alone, which is the part of it that is a broadcast.
 */
import { ApiClient } from "../../controller/cli/client.ts";
import type { PlanRequest } from "../../protocol/api.ts";
import type { RolloutId } from "../../protocol/ids.ts";
import type { z } from "zod";
import type { Bench, BenchOptions, Figure } from "./bench.ts";
import { alternate, figure } from "./harness/figures.ts";
import { Devices, Fleet } from "./harness/fleet.ts";
import type { Calls } from "./harness/processes.ts";
import { CONTENT } from "./load/reports.ts";
import type { BareCalls } from "./servers/bare-process.ts";
import type { ControllerCalls } from "./servers/controller-process.ts";
import type { GatewayCalls } from "./servers/gateway-process.ts";
import { HOST, type ServerCalls } from "./servers/server-process.ts";

const CONTROLLER = new URL("./servers/controller-process.ts", import.meta.url);
const GATEWAY = new URL("./servers/gateway-process.ts", import.meta.url);
const BARE = new URL("./servers/bare-process.ts", import.meta.url);

const COMMON = { pingEveryMs: 3_600_000, window: 4 } as const;
const NUDGE_BYTES = '{"type":"nudge"}'.length;
const DAY_MS = 86_400_000;

/** Of one stop of the whole fleet. */
interface Stop {
  /** Of CPU, an agent. */
  readonly cpuUs: number;
  /** From the asking until the last agent has heard it. */
  readonly seconds: number;
  readonly frameBytes: number;
}

async function measured<Server extends ServerCalls & Calls<Server>>(
  fleet: Fleet<Server>,
  agents: number,
  heard: "stops" | "nudges",
  stop: () => Promise<unknown>,
): Promise<Stop> {
  const before = await fleet.cpuUs();
  const askedAt = Date.now();
  const asked = stop();
  await fleet.reaches(heard, agents);
  await asked;
  const times = await Promise.all(fleet.pairs.map(({ crowd }) => crowd.calls.counts()));
  const lastAt = Math.max(...times.map((counts) => (heard === "stops" ? counts.lastStopAt : counts.lastNudgeAt)));
  return {
    cpuUs: ((await fleet.cpuUs()) - before) / agents,
    seconds: (lastAt - askedAt) / 1_000,
    frameBytes: times[0]?.stopFrameBytes ?? 0,
  };
}

/** The whole way, in the whole controller. */
async function halt(devices: Devices, agents: number): Promise<Stop> {
  await using fleet = await Fleet.start<ServerCalls & ControllerCalls>(devices, {
    script: CONTROLLER,
    pulls: true,
    ...COMMON,
  });
  await fleet.come();
  await fleet.report(2);
  const running: { readonly client: ApiClient; readonly rollout: RolloutId }[] = [];
  await fleet.each(async ({ server, port, share }) => {
    const url = `http://${HOST}:${port}`;
    const { token } = await new ApiClient({ url }).setUp(await server.calls.setupCode(), "Ada Admin");
    const client = new ApiClient({ url, token });
    const { id, digest } = await client.makePlan(planFor(share.count));
    await client.approvePlan(id, digest);
    running.push({ client, rollout: (await client.startRollout(id)).id });
  });
  await fleet.reaches("accepted", agents);
  await fleet.settle();
  return await measured(fleet, agents, "stops", () =>
    Promise.all(running.map(({ client, rollout }) => client.act(rollout, "halt", "the benchmark stops it"))),
  );
}

async function nudge(devices: Devices, agents: number): Promise<Stop> {
  await using fleet = await Fleet.start<ServerCalls & GatewayCalls>(devices, { script: GATEWAY, ...COMMON });
  await fleet.come();
  await fleet.report(1);
  await fleet.each(({ server, share }) => server.calls.addressees(share.first, share.count));
  return await measured(fleet, agents, "nudges", () => fleet.each(({ server }) => server.calls.nudge()));
}

async function broadcast(devices: Devices, agents: number, frameBytes: number): Promise<Stop> {
  const before = (server: ServerCalls & BareCalls): Promise<void> => server.become("full");
  await using fleet = await Fleet.start<ServerCalls & BareCalls>(devices, { script: BARE, before, ...COMMON });
  await fleet.come();
  await fleet.report(1);
  return await measured(fleet, agents, "stops", () => fleet.each(({ server }) => server.calls.broadcast(frameBytes)));
}

/** Everybody at once, in one wave: nothing but the stop itself is to be waited for. */
const planFor = (devices: number): z.input<typeof PlanRequest> => ({
  title: "Take channel file 291 back",
  devices: { all: true },
  playbook: {
    name: "take-channel-291-back",
    title: "Quarantine the channel file",
    source: CONTENT.source,
    steps: [
      {
        kind: "quarantine-file",
        files: "C:\\Windows\\System32\\drivers\\CrowdStrike\\C-00000291*.sys",
        where: { sha256: [CONTENT.sha256] },
        filesMax: 1,
      },
      { kind: "reboot", noticeMs: 0 },
      { kind: "await-healthy", services: ["CSFalconService"], settleMs: 60_000, withinMs: 1_200_000 },
    ],
  },
  strategy: {
    waves: [
      {
        name: "all",
        take: { rest: true },
        gate: { successShareMin: 0.9, failureShareMax: 1, sampleMin: { count: 1 }, bakeMs: 0, deadlineMs: DAY_MS },
      },
    ],
    budgets: { inFlightMax: devices },
    patience: { offerMs: DAY_MS, silentMs: DAY_MS, orderMs: DAY_MS },
    validityMs: DAY_MS,
  },
});

export const haltBench: Bench = {
  name: "halt",
  about: "a stop reaches every agent that runs an order, against a bare broadcast to as many sockets",
  sizes: [
    { name: "agents", about: "agents that run an order", full: 10_000, small: 30 },
    { name: "rounds", about: "rounds of both sides", full: 3, small: 1 },
  ],
  budgets: [
    { metric: "halt-nudge-cpu", ratioMax: 1.25 },
    { metric: "halt-cpu", ratioMax: 1.25 },
  ],
  async run(options: BenchOptions): Promise<readonly Figure[]> {
    const { agents = 0, rounds = 0 } = options.sizes;
    await using devices = await Devices.make(agents, 0);
    const told = async (what: string, stop: Promise<Stop>): Promise<Stop> => {
      const { cpuUs, seconds, frameBytes } = await stop;
      options.say(`${what}: ${cpuUs.toFixed(1)} us of CPU an agent, ${seconds} s, frame of ${frameBytes} bytes`);
      return stop;
    };
    let frameBytes = NUDGE_BYTES;
    const whole = await alternate(
      rounds,
      async () => {
        const stop = await told("the whole way", halt(devices, agents));
        ({ frameBytes } = stop);
        return stop;
      },
      () => told("bare broadcast", broadcast(devices, agents, frameBytes)),
    );
    const alone = await alternate(
      rounds,
      () => told("nudge", nudge(devices, agents)),
      () => told("bare broadcast", broadcast(devices, agents, NUDGE_BYTES)),
    );
    const of = (metric: string, unit: string, samples: typeof whole, pick: (stop: Stop) => number): Figure =>
      figure(metric, unit, { ours: samples.ours.map(pick), bare: samples.bare.map(pick) });
    return [
      of("halt-nudge-cpu", "us", alone, ({ cpuUs }) => cpuUs),
      of("halt-nudge-time", "s", alone, ({ seconds }) => seconds),
      of("halt-cpu", "us", whole, ({ cpuUs }) => cpuUs),
      of("halt-time", "s", whole, ({ seconds }) => seconds),
    ];
  },
};
