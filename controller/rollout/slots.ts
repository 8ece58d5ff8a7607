/** The devices of a rollout in flat arrays, one slot each: a million of them take about 130 bytes a device. */
import type { DeviceId, OrderId } from "../../protocol/ids.ts";
import { DeviceStatus } from "../../protocol/rollout.ts";
import type { Budgeted } from "./budgets.ts";
import type { RolloutDefinition } from "./types.ts";

const STATUSES = DeviceStatus.options;
const CODES = new Map(STATUSES.map((status, code) => [status, code]));
const code = (status: DeviceStatus): number => CODES.get(status) ?? 0; // every status is in the table

/**
 * The devices by slot number. `statusAt`: since when it has its status. `beganAt`: when it took the order; the time an
 * order may take counts from there, however often the device falls silent. `heardAt`: last sign of life, Infinity while
 * none was seen since the state was rebuilt, because a restart of the controller makes no device silent.
 */
export interface Slots {
  readonly ids: readonly DeviceId[];
  readonly slotOf: Map<DeviceId, number>;
  readonly wave: Uint8Array;
  readonly site: Int32Array;
  readonly role: Int32Array;
  readonly status: Uint8Array;
  readonly generation: Uint32Array;
  readonly orders: (OrderId | null)[];
  readonly connected: Uint8Array;
  readonly down: Uint8Array;
  /** The withdrawal of its order is stored. */
  readonly told: Uint8Array;
  /** It is bad, and a person accepted that. */
  readonly accepted: Uint8Array;
  readonly statusAt: Float64Array;
  readonly presentAt: Float64Array;
  readonly beganAt: Float64Array;
  readonly heardAt: Float64Array;
  readonly dueAt: Float64Array;
}

/** Slots in the order of the plan, so that those of a wave follow one another. */
export function makeSlots(waves: RolloutDefinition["waves"], sites: Budgeted, roles: Budgeted): Slots {
  const devices = waves.flatMap((wave) => wave.devices);
  const size = devices.length;
  const slots: Slots = {
    ids: devices.map(({ id }) => id),
    slotOf: new Map(),
    wave: new Uint8Array(size),
    site: Int32Array.from(devices, ({ site }) => sites.numberOf(site)),
    role: Int32Array.from(devices, ({ role }) => roles.numberOf(role)),
    status: new Uint8Array(size).fill(code("waiting")),
    generation: new Uint32Array(size),
    orders: Array.from({ length: size }, () => null),
    connected: new Uint8Array(size),
    down: new Uint8Array(size),
    told: new Uint8Array(size),
    accepted: new Uint8Array(size),
    statusAt: new Float64Array(size),
    presentAt: new Float64Array(size),
    beganAt: new Float64Array(size),
    heardAt: new Float64Array(size),
    dueAt: new Float64Array(size).fill(Number.POSITIVE_INFINITY),
  };
  for (const [slot, id] of slots.ids.entries()) slots.slotOf.set(id, slot);
  let firstSlot = 0;
  for (const [wave, { devices: ofWave }] of waves.entries()) {
    slots.wave.fill(wave, firstSlot, firstSlot + ofWave.length);
    firstSlot += ofWave.length;
  }
  return slots;
}

export const statusAtSlot = (slots: Slots, slot: number): DeviceStatus =>
  STATUSES[slots.status[slot] ?? 0] ?? "waiting";
export function setStatusAtSlot(slots: Slots, slot: number, status: DeviceStatus): void {
  slots.status[slot] = code(status);
}

/** Earliest deadline first; at the same time, in the order of the plan. */
export const compareDue = ({ dueAt }: Slots, a: number, b: number): number =>
  (dueAt[a] ?? 0) - (dueAt[b] ?? 0) || a - b;
