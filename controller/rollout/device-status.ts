/**
 * What hangs on the status of one device: the counters of its wave, its place among the ready, the budgets of its site
 * and role, its deadline. They change here together and nowhere else, so that they never disagree.
 */
import type { DeviceStatus } from "../../protocol/rollout.ts";
import type { Instant } from "../../protocol/time.ts";
import { noteHeld } from "./held.ts";
import { setStatusAtSlot, statusAtSlot } from "./slots.ts";
import type { RolloutState } from "./state.ts";

/** Took its order, and nothing final is known of it. */
export const hasBegun = (status: DeviceStatus): boolean =>
  status === "running" || status === "silent" || status === "timed-out";

/** @param isNewOrder the status belongs to another order than before, even if it is the same status */
export function setStatus(
  state: RolloutState,
  slot: number,
  status: DeviceStatus,
  at: Instant,
  isNewOrder: boolean,
): void {
  const { slots, outstanding, stoppable } = state;
  const index = slots.wave[slot] ?? 0;
  const [wave, gate] = [state.waves[index], state.definition.waves[index]?.gate];
  if (wave === undefined || gate === undefined) return;
  const before = statusAtSlot(slots, slot);
  if (before === status && !isNewOrder) {
    noteDue(state, slot); // another sign of life, perhaps
    return;
  }

  const weighed = weighs(state, slot);
  if (before === "waiting") leaveWaiting(state, slot);
  wave.counts[before] -= 1;
  if (slots.accepted[slot] === 1) wave.accepted -= 1; // what was accepted is not what is now
  slots.accepted[slot] = 0;
  setStatusAtSlot(slots, slot, status);
  slots.statusAt[slot] = at;
  wave.counts[status] += 1;
  noteWeight(state, slot, weighed);
  noteUnderOrder(state, slot, before, status);
  if (status === "waiting") enterWaiting(state, slot);

  if (status === "offered" || status === "queued") outstanding.add(slot);
  else outstanding.delete(slot);
  if (hasBegun(status) && slots.told[slot] !== 1) stoppable.add(slot);
  else stoppable.delete(slot);
  noteDue(state, slot);
  noteHeld(wave, gate, at);
}

/** A person has seen that this device is bad and goes on without it. It is not called timed out on top of silent. */
export function accept(state: RolloutState, slot: number): void {
  const wave = state.waves[state.slots.wave[slot] ?? 0];
  if (wave === undefined || state.slots.accepted[slot] === 1) return;
  state.slots.accepted[slot] = 1;
  wave.accepted += 1;
  noteDue(state, slot);
}

export function setConnected(state: RolloutState, slot: number, connected: boolean, at: Instant): void {
  const waits = statusAtSlot(state.slots, slot) === "waiting";
  if (waits) leaveWaiting(state, slot);
  state.slots.connected[slot] = connected ? 1 : 0;
  state.slots.presentAt[slot] = at;
  if (waits) enterWaiting(state, slot);
}

export function setDown(state: RolloutState, slot: number, down: boolean): void {
  const waits = statusAtSlot(state.slots, slot) === "waiting";
  if (waits) leaveWaiting(state, slot);
  const weighed = weighs(state, slot);
  state.slots.down[slot] = down ? 1 : 0;
  noteWeight(state, slot, weighed);
  if (waits) enterWaiting(state, slot);
}

/** One more or one fewer device is down at the site and of the role. */
export function countDown({ sites, roles, ready }: RolloutState, site: number, role: number, change: 1 | -1): void {
  const [siteHadRoom, roleHadRoom] = [sites.room(site) > 0, roles.room(role) > 0];
  sites.add(site, change);
  roles.add(role, change);
  if (sites.room(site) > 0 !== siteHadRoom) ready.siteChanged(site);
  if (roles.room(role) > 0 !== roleHadRoom) ready.roleChanged(role);
}

/** When the engine next has something to say of this device. */
export function noteDue(state: RolloutState, slot: number): void {
  const { slots, due } = state;
  const before = slots.dueAt[slot] ?? Number.POSITIVE_INFINITY;
  const dueAt = dueOf(state, slot);
  if (dueAt === before) return;
  slots.dueAt[slot] = dueAt;
  if (before === Number.POSITIVE_INFINITY) due.add(slot);
  else if (dueAt === Number.POSITIVE_INFINITY) due.remove(slot);
  else due.moved(slot);
}

function dueOf({ slots, definition: { patience } }: RolloutState, slot: number): number {
  const status = statusAtSlot(slots, slot);
  if (status === "offered") return (slots.statusAt[slot] ?? 0) + patience.offerMs;
  const timesOutAt = (slots.beganAt[slot] ?? 0) + patience.orderMs;
  // A device that is connected is there, however long a step takes: it may time out, but it is not silent.
  const isThere = slots.connected[slot] === 1;
  if (status === "running")
    return isThere ? timesOutAt : Math.min(timesOutAt, (slots.heardAt[slot] ?? 0) + patience.silentMs);
  if (status === "silent" && slots.accepted[slot] !== 1) return timesOutAt;
  return Number.POSITIVE_INFINITY;
}

/**
 * Does this device use up a place of its budgets? It does while it is down or taken. One that is behind another order
 * counts as taken too, because it begins by itself when that order ends.
 */
function weighs({ slots }: RolloutState, slot: number): boolean {
  if (slots.down[slot] === 1) return true;
  const status = statusAtSlot(slots, slot);
  return status === "offered" || status === "queued" || status === "running" || status === "silent";
}

function noteWeight(state: RolloutState, slot: number, before: boolean): void {
  const after = weighs(state, slot);
  const { site, role } = state.slots;
  if (before !== after) countDown(state, site[slot] ?? 0, role[slot] ?? 0, after ? 1 : -1);
}

/** It has an order, or will begin one by itself. A device that went silent on it is the gate's matter. */
const isUnderOrder = (status: DeviceStatus): boolean =>
  status === "offered" || status === "queued" || status === "running";

function noteUnderOrder(
  { slots, atOnce, ready }: RolloutState,
  slot: number,
  was: DeviceStatus,
  is: DeviceStatus,
): void {
  if (isUnderOrder(was) === isUnderOrder(is)) return;
  const role = slots.role[slot] ?? 0;
  atOnce.add(role, isUnderOrder(is) ? 1 : -1);
  ready.atOnceChanged(role);
}

function leaveWaiting({ slots, waves, ready }: RolloutState, slot: number): void {
  const wave = waves[slots.wave[slot] ?? 0];
  if (slots.connected[slot] === 1) ready.remove(slot);
  else if (wave !== undefined) wave.unreached -= 1;
}

/** Ready since it waits and is connected, whichever came last: that is its place in the queue. */
function enterWaiting({ slots, waves, ready }: RolloutState, slot: number): void {
  const wave = waves[slots.wave[slot] ?? 0];
  const readyAt = Math.max(slots.statusAt[slot] ?? 0, slots.presentAt[slot] ?? 0);
  if (slots.connected[slot] === 1) ready.add(slot, readyAt, slots.down[slot] === 1);
  else if (wave !== undefined) wave.unreached += 1;
}
