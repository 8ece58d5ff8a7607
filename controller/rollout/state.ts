/**
 * What the engine remembers of a rollout: one slot a device in flat arrays, and counters beside them.
 *
 * Flat, because a rollout may hold a million devices (about 130 bytes each) and `decide` must not look at them: it reads
 * the counters, the ready queues and the heap of deadlines, which `evolve` keeps true with every change. Only `begin`
 * and `evolve` write here. Nothing reads a clock: times come with the changes.
 */
import type { DeviceId } from "../../protocol/ids.ts";
import { DeviceStatus, type GateDecision, type RolloutPhase, type WaveCounts } from "../../protocol/rollout.ts";
import type { Gate } from "../../protocol/strategy.ts";
import type { Instant } from "../../protocol/time.ts";
import { AtOnce, type Budgeted, budgetsOf } from "./budgets.ts";
import { IndexedHeap } from "./heap.ts";
import { ReadyQueues } from "./ready.ts";
import { type Sample, sampleOf } from "./sample.ts";
import { compareDue, makeSlots, type Slots } from "./slots.ts";
import type { PlacedDevice, RolloutDefinition } from "./types.ts";

export interface WaveState {
  /** The devices of a wave have consecutive slots. */
  readonly firstSlot: number;
  readonly planned: number;
  /** How many devices have which status. */
  readonly counts: Record<DeviceStatus, number>;
  /** Devices of `waiting` that are not connected. */
  unreached: number;
  /** Devices among those that did not succeed which a person accepted by resuming: they have left the sample. */
  accepted: number;
  openedAt: Instant | null;
  deadline: Instant | null;
  heldSince: Instant | null;
  /** Rows came from storage, in any order: `heldSince` has to be worked out from all of them. */
  heldIsStale: boolean;
  /** The plan applied to none of its devices: found at its deadline, then accepted by a person's resuming. */
  nothingApplies: "not-found" | "found" | "accepted";
  /** The decision that let the next wave begin; null until then. */
  passed: { readonly at: Instant; readonly decision: GateDecision } | null;
}

/** Why the rollout is in its phase, as the event told. */
interface PhaseReason {
  readonly at: Instant;
  readonly by: string;
  readonly because: string;
}

export interface RolloutState {
  readonly definition: RolloutDefinition;
  phase: RolloutPhase;
  reason: PhaseReason | null;
  /** Since when it has been halted or aborted, until a person resumes. */
  stoppedAt: Instant | null;
  /** Every `resumed`, in order; what was bad until the last of them is accepted. */
  readonly resumedAt: Instant[];
  readonly waves: readonly WaveState[];
  readonly slots: Slots;
  readonly sites: Budgeted;
  readonly roles: Budgeted;
  readonly atOnce: AtOnce;
  /** Devices outside the plan that are down. */
  readonly othersDown: Map<DeviceId, PlacedDevice>;
  readonly ready: ReadyQueues;
  /** Slots by `dueAt`: offers to take back, devices to be called silent or timed out. */
  readonly due: IndexedHeap;
  /** Slots whose order can be taken back (offered, queued), and whose device can be told to stop and was not told. */
  readonly outstanding: Set<number>;
  readonly stoppable: Set<number>;
}

/** A rollout nobody has been offered yet. Every device waits, is not connected and is taken to be up. */
export function begin(definition: RolloutDefinition): RolloutState {
  const { siteSizes, roleSizes, budgets } = definition;
  const sites = budgetsOf(siteSizes, budgets.downMaxPerSite, siteBudgets(definition));
  const roles = budgetsOf(roleSizes, budgets.downMaxPerRole, roleBudgets(definition));
  const atOnce = new AtOnce(roles, new Map(budgets.roles.flatMap((each) => atOnceOf(each))));
  const slots = makeSlots(definition.waves, sites, roles);
  const size = slots.ids.length;
  let firstSlot = 0;
  return {
    definition,
    phase: "running",
    reason: null,
    stoppedAt: null,
    resumedAt: [],
    waves: definition.waves.map(({ devices: { length } }) => newWave((firstSlot += length) - length, length)),
    slots,
    sites,
    roles,
    atOnce,
    othersDown: new Map(),
    ready: new ReadyQueues(definition.waves.length, slots, sites, roles, atOnce),
    due: new IndexedHeap(new Int32Array(size).fill(-1), (a, b) => compareDue(slots, a, b) < 0),
    outstanding: new Set(),
    stoppable: new Set(),
  };
}

/** What the wave's gate counts. */
export function sampleOfWave({ counts, planned, accepted }: WaveState, gate: Gate): Sample {
  const bad = counts.failed + counts.refused + counts["timed-out"] + counts.silent - accepted;
  return sampleOf(counts.succeeded, bad, planned - counts["not-applicable"], gate);
}

/** The counts of a wave in the words of the protocol. */
export function countsOfWave({ planned, unreached, counts }: WaveState): WaveCounts {
  return {
    planned,
    waiting: counts.waiting,
    unreached,
    offered: counts.offered,
    queued: counts.queued,
    running: counts.running,
    silent: counts.silent,
    timedOut: counts["timed-out"],
    succeeded: counts.succeeded,
    failed: counts.failed,
    refused: counts.refused,
    notApplicable: counts["not-applicable"],
    stopped: counts.stopped,
  };
}

/** The counts of one wave, or of all together. */
export function countsOf(state: RolloutState, wave?: number): WaveCounts {
  const chosen = wave === undefined ? state.waves : state.waves.slice(wave, wave + 1);
  const [first, ...others] = chosen.map(countsOfWave);
  if (first === undefined) throw new RangeError(`there is no wave ${wave}`);
  const sum: Record<keyof WaveCounts, number> = { ...first };
  for (const counts of others) for (const key of Object.keys(sum) as (keyof WaveCounts)[]) sum[key] += counts[key];
  return sum;
}

/** Offered or running: what `inFlightMax` bounds. */
export const inFlight = ({ waves }: RolloutState): number =>
  waves.reduce((sum, { counts }) => sum + counts.offered + counts.running, 0);

/** The wave whose gate is being looked at: the first that has not passed. Undefined when all have. */
export function currentWave(state: RolloutState): number | undefined {
  const wave = state.waves.findIndex(({ passed }) => passed === null);
  return wave < 0 ? undefined : wave;
}

function newWave(firstSlot: number, planned: number): WaveState {
  const counts = Object.fromEntries(DeviceStatus.options.map((status) => [status, 0])) as Record<DeviceStatus, number>;
  return {
    firstSlot,
    planned,
    counts: { ...counts, waiting: planned },
    unreached: planned,
    accepted: 0,
    openedAt: null,
    deadline: null,
    heldSince: null,
    heldIsStale: false,
    nothingApplies: "not-found",
    passed: null,
  };
}

const siteBudgets = ({ budgets }: RolloutDefinition) =>
  budgets.sites.map(({ site, downMax }) => ({ name: site, downMax }));
const atOnceOf = ({ role, atOnceMax }: RolloutDefinition["budgets"]["roles"][number]): [string, number][] =>
  atOnceMax === undefined ? [] : [[role, atOnceMax]];
const roleBudgets = ({ budgets }: RolloutDefinition) =>
  budgets.roles.map(({ role, downMax }) => ({ name: role, downMax }));
