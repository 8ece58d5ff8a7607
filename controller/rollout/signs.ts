/** What reaches the engine of devices beside their rows: signs of life, presence, who is down, who was told to stop. */
import type { Instant } from "../../protocol/time.ts";
import { countDown, noteDue, setConnected, setDown, setStatus } from "./device-status.ts";
import { statusAtSlot } from "./slots.ts";
import type { RolloutState } from "./state.ts";
import type { RolloutChange } from "./types.ts";

type ChangeOf<Kind extends RolloutChange["kind"]> = Extract<RolloutChange, { kind: Kind }>;

export function onHeard(state: RolloutState, { device, at }: ChangeOf<"heard">): void {
  const slot = state.slots.slotOf.get(device);
  if (slot !== undefined) hear(state, slot, at);
}

/** Coming is a sign of life, and so is going: until then the device was there. Being away is none. */
export function onPresence(state: RolloutState, { device, connected, at }: ChangeOf<"presence">): void {
  const { slots } = state;
  const slot = slots.slotOf.get(device);
  if (slot === undefined) return;
  const was = slots.connected[slot] === 1;
  if (was !== connected) setConnected(state, slot, connected, at);
  if (connected) return hear(state, slot, at);
  // After a restart of the controller the first word about a device starts its clock, whatever it says.
  if (was || slots.heardAt[slot] === Number.POSITIVE_INFINITY) noteHeard(state, slot, at);
  noteDue(state, slot);
}

export function onWithdrawn({ slots, stoppable }: RolloutState, { device, order }: ChangeOf<"withdrawn">): void {
  const slot = slots.slotOf.get(device);
  if (slot === undefined || slots.orders[slot] !== order) return;
  slots.told[slot] = 1;
  stoppable.delete(slot);
}

export function onAvailability(state: RolloutState, { device, up }: ChangeOf<"availability">): void {
  const { slots, sites, roles, othersDown } = state;
  const slot = slots.slotOf.get(device.id);
  if (slot !== undefined) {
    if ((slots.down[slot] === 1) === up) setDown(state, slot, !up);
    return;
  }
  const before = othersDown.get(device.id);
  if (before !== undefined) countDown(state, sites.numberOf(before.site), roles.numberOf(before.role), -1);
  othersDown.delete(device.id);
  if (up) return;
  othersDown.set(device.id, device);
  countDown(state, sites.numberOf(device.site), roles.numberOf(device.role), 1);
}

/** A silent device that is heard runs again; the time that its order may take runs on. */
function hear(state: RolloutState, slot: number, at: Instant): void {
  noteHeard(state, slot, at);
  if (statusAtSlot(state.slots, slot) === "silent") setStatus(state, slot, "running", at, false);
  else noteDue(state, slot);
}

export function noteHeard({ slots }: RolloutState, slot: number, at: Instant): void {
  const before = slots.heardAt[slot] ?? 0;
  slots.heardAt[slot] = Number.isFinite(before) ? Math.max(before, at) : at;
}
