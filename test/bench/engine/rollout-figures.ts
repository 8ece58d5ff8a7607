/**
 * The rollout engine in the middle of a large rollout: a tick folds the changes and decides, as the orchestrator does.
 *
 * Both sides are told the same changes, and which of them is told first changes from round to round. Making the changes
 * is not in the times.
 */
import { begin, countsOf, decide, evolve, type RolloutState } from "../../../controller/rollout/engine.ts";
import type { Decision } from "../../../controller/rollout/types.ts";
import { type Instant, later } from "../../../protocol/time.ts";
import type { BenchOptions, Figure } from "../bench.ts";
import { figure } from "../harness/figures.ts";
import { heldBytes } from "../harness/heap.ts";
import { millisecondsOf, percentile } from "../harness/timing.ts";
import { placed } from "../population/places.ts";
import { DAY_BEGAN } from "../population/states.ts";
import { BareCounters } from "./bare-counters.ts";
import { RolloutNight } from "./rollout-night.ts";
import { MINUTE, rolloutPlan } from "./rollout-plan.ts";

/** Waves that are over when the measuring begins; the fifth, of 30 per cent, is being carried out. */
const WAVES_OVER = 4;
/** Ticks until as many orders are in flight as may be. */
const WARM_UP = 400;
const TICK_MS = 1_000;

interface Rollout {
  readonly state: RolloutState;
  readonly night: RolloutNight;
  readonly bare: BareCounters;
  now: Instant;
  decision: Decision;
}

export async function rolloutFigures({ sizes, say }: BenchOptions): Promise<readonly Figure[]> {
  const { devices = 0, changes = 0, ticks = 0, rounds = 0 } = sizes;
  say(`engine: a rollout over ${devices} devices, ${WAVES_OVER} waves of it over`);
  const fleet = Array.from({ length: devices }, (_, n) => placed(n, devices));
  const night = new RolloutNight(fleet);
  const emptyBytes = heldBytes();
  const bare = new BareCounters(fleet);
  const bareBytes = heldBytes() - emptyBytes;
  const state = begin(rolloutPlan(fleet));
  const rollout = { state, night, bare, ...inTheMiddle(state, night) };
  const oursBytes = heldBytes() - emptyBytes - bareBytes;
  for (let tick = 0; tick < WARM_UP; tick++) tickOf(rollout, changes, "ours-first");
  const { planned, succeeded, offered, running } = countsOf(state);
  say(
    `engine: ${succeeded} of ${planned} have succeeded, ${offered + running} are in flight; ${rollout.decision.because}`,
  );

  const samples = { p50: sides(), p99: sides(), idle: [] as number[] };
  for (let round = 0; round < rounds; round++) {
    const times = Array.from({ length: ticks }, () =>
      tickOf(rollout, changes, round % 2 === 0 ? "ours-first" : "bare-first"),
    );
    for (const side of ["ours", "bare"] as const) {
      samples.p50[side].push(
        percentile(
          times.map((time) => time[side]),
          0.5,
        ),
      );
      samples.p99[side].push(
        percentile(
          times.map((time) => time[side]),
          0.99,
        ),
      );
    }
    const again = times.map(() => millisecondsOf(() => decide(state, rollout.now)));
    samples.idle.push(percentile(again, 0.99));
  }
  return [
    figure("rollout-tick-p50", "ms", samples.p50),
    figure("rollout-tick-p99", "ms", samples.p99),
    figure("rollout-decide-p99", "ms", { ours: samples.idle, bare: null }),
    figure("rollout-memory", "bytes", { ours: [oursBytes / devices], bare: [bareBytes / devices] }),
  ];
}

const sides = () => ({ ours: [] as number[], bare: [] as number[] });

function tickOf(rollout: Rollout, count: number, order: "ours-first" | "bare-first"): { ours: number; bare: number } {
  const { state, night, bare } = rollout;
  rollout.now = later(rollout.now, TICK_MS);
  const changes = night.next(count, rollout.decision.commands, rollout.now);
  const ours = (): void => {
    for (const change of changes) evolve(state, change);
    rollout.decision = decide(state, rollout.now);
  };
  const theirs = (): void => {
    for (const change of changes) bare.fold(change);
    bare.sum();
  };
  if (order === "ours-first") return { ours: millisecondsOf(ours), bare: millisecondsOf(theirs) };
  const first = millisecondsOf(theirs);
  return { ours: millisecondsOf(ours), bare: first };
}

/** As the engine is told after a restart: who is there, and what became of the waves that are over. */
function inTheMiddle(state: RolloutState, night: RolloutNight): { readonly now: Instant; readonly decision: Decision } {
  let now = DAY_BEGAN;
  for (const change of night.begin(now)) evolve(state, change);
  for (const { devices } of state.definition.waves.slice(0, WAVES_OVER)) {
    openNextWave(state, night, now);
    for (const device of devices) evolve(state, night.ended(device, now));
    now = later(now, 16 * MINUTE); // the gate has baked
    openNextWave(state, night, now);
  }
  return { now, decision: decide(state, now) };
}

/** Carries out what the engine says of gates and waves; what it offers is not taken. */
function openNextWave(state: RolloutState, night: RolloutNight, now: Instant): void {
  const { commands } = decide(state, now);
  const decided = commands.filter(({ kind }) => kind === "settle-gate" || kind === "open-wave");
  for (const change of night.next(0, decided, now)) evolve(state, change);
}
