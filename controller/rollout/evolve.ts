/**
 * Takes in one change: O(1), or O(log n) where a queue or the heap of deadlines moves. Only `resumed`, the act of a
 * person, looks at every device.
 *
 * Rows are believed as they were stored, except those of an order that a newer one has replaced. Rebuilding a state is
 * the same call: first the events in order, then the rows in any order, then who is connected and who is down.
 */
import { assertNever } from "../../protocol/exhaustive.ts";
import type { Actor, RolloutEvent } from "../../protocol/rollout.ts";
import { type Instant, later } from "../../protocol/time.ts";
import { accept, hasBegun, setStatus } from "./device-status.ts";
import { noteHeld } from "./held.ts";
import { isStopped, phaseAfter } from "./phases.ts";
import { isBad } from "./sample.ts";
import { noteHeard, onAvailability, onHeard, onPresence, onWithdrawn } from "./signs.ts";
import { statusAtSlot } from "./slots.ts";
import type { RolloutState } from "./state.ts";
import type { RolloutChange } from "./types.ts";

type Row = Extract<RolloutChange, { kind: "device" }>;
type PhaseEvent = Extract<RolloutEvent, { kind: "paused" | "resumed" | "halted" | "aborted" | "completed" }>;

/** Changes the state, which belongs to whoever called `begin`. Devices outside the plan concern only the budgets. */
export function evolve(state: RolloutState, change: RolloutChange): void {
  switch (change.kind) {
    case "event":
      return onEvent(state, change.event);
    case "device":
      return onRow(state, change);
    case "heard":
      return onHeard(state, change);
    case "withdrawn":
      return onWithdrawn(state, change);
    case "presence":
      return onPresence(state, change);
    case "availability":
      return onAvailability(state, change);
    default:
      return assertNever(change);
  }
}

function onEvent(state: RolloutState, event: RolloutEvent): void {
  switch (event.kind) {
    case "started":
      return;
    case "wave-opened": {
      const wave = state.waves[event.wave];
      if (wave === undefined || wave.openedAt !== null) return;
      wave.openedAt = event.at;
      wave.deadline = event.deadline;
      state.ready.openWave(event.wave);
      return;
    }
    case "gate-decided": {
      const wave = state.waves[event.wave];
      if (wave === undefined || wave.openedAt === null) return;
      const { verdict, rule, counts } = event.decision;
      if (verdict === "proceed") wave.passed ??= { at: event.at, decision: event.decision };
      const allSaidSo = counts.planned > 0 && counts.notApplicable === counts.planned;
      if (rule === "deadline" && allSaidSo) wave.nothingApplies = "found";
      return;
    }
    case "paused":
    case "resumed":
    case "halted":
    case "aborted":
    case "completed":
      return onPhaseEvent(state, event);
    default:
      return assertNever(event);
  }
}

/** An event that is not legal in this phase changes nothing: a stop stands until a person resumes. */
function onPhaseEvent(state: RolloutState, event: PhaseEvent): void {
  const phase = phaseAfter(state.phase, event.kind);
  if (phase === undefined) return;
  state.phase = phase;
  state.reason = { at: event.at, by: "by" in event ? nameOf(event.by) : "the engine", because: event.because };
  if (isStopped(phase)) state.stoppedAt ??= event.at;
  if (event.kind === "resumed") onResumed(state, event.at);
}

/** What is bad now is accepted, what was stopped waits again, and the open wave gets its time anew. */
function onResumed(state: RolloutState, at: Instant): void {
  state.stoppedAt = null;
  state.resumedAt.push(at);
  const { slots } = state;
  for (let slot = 0; slot < slots.ids.length; slot += 1) {
    const status = statusAtSlot(slots, slot);
    if (status === "stopped") setStatus(state, slot, "waiting", at, false);
    else if (isBad(status)) accept(state, slot);
  }
  for (const [i, wave] of state.waves.entries()) {
    const gate = state.definition.waves[i]?.gate;
    if (gate === undefined || wave.openedAt === null || wave.passed !== null) continue;
    wave.deadline = later(at, gate.deadlineMs);
    if (wave.nothingApplies === "found") wave.nothingApplies = "accepted";
    noteHeld(wave, gate, at);
  }
}

const nameOf = (actor: Actor): string => (actor.kind === "person" ? actor.name : "the engine");

function onRow(state: RolloutState, row: Row): void {
  const { slots } = state;
  const slot = slots.slotOf.get(row.device);
  if (slot === undefined) return;
  const generation = slots.generation[slot] ?? 0;
  const resumedAt = state.resumedAt.at(-1);
  if (row.generation < generation) return; // of an order that was replaced
  const isNewOrder = row.generation > generation;
  // Live, every order begins as offered or queued. A row that begins further on was stored before this state was made.
  const isRestored = isNewOrder && row.status !== "offered" && row.status !== "queued";
  if (isNewOrder) slots.told[slot] = 0;
  slots.generation[slot] = row.generation;
  slots.orders[slot] = row.order;
  if (hasBegun(row.status)) noteBegun(state, slot, row, isRestored);

  const stoppedBefore = row.status === "stopped" && (state.stoppedAt === null || row.at < state.stoppedAt);
  // A device that answers a withdrawal after the resuming waits again at once, as if it had answered before.
  const status = stoppedBefore ? "waiting" : row.status;
  setStatus(state, slot, status, stoppedBefore ? latest(row.at, resumedAt) : row.at, isNewOrder);
  if (!isRestored) return;
  const wave = state.waves[slots.wave[slot] ?? 0];
  if (wave !== undefined) wave.heldIsStale = true;
  if (isBad(status) && resumedAt !== undefined && row.at <= resumedAt) accept(state, slot);
}

/** Once begun, the order's clock runs on through silence and late signs of life. */
function noteBegun(state: RolloutState, slot: number, { status, at }: Row, isRestored: boolean): void {
  const { slots } = state;
  if (isRestored || !hasBegun(statusAtSlot(slots, slot))) {
    slots.beganAt[slot] = at;
    slots.heardAt[slot] = isRestored ? Number.POSITIVE_INFINITY : at;
  } else if (status === "running") {
    noteHeard(state, slot, at);
  }
}

const latest = (at: Instant, other: Instant | undefined): Instant => Math.max(at, other ?? at) as Instant;
