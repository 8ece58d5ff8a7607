/**
 * The least that could be done with the same changes: an array a fact and a counter a status, no queue, no deadline, no
 * budget, nothing decided. What the engine costs beyond this is what it does.
 */
import type { PlacedDevice, RolloutChange } from "../../../controller/rollout/types.ts";
import { DeviceStatus } from "../../../protocol/rollout.ts";

const CODES = new Map(DeviceStatus.options.map((status, code) => [status, code]));

export class BareCounters {
  readonly #slotOf: ReadonlyMap<string, number>;
  readonly #status: Uint8Array;
  readonly #connected: Uint8Array;
  readonly #down: Uint8Array;
  readonly #heardAt: Float64Array;
  readonly #counts = new Int32Array(CODES.size);
  #connectedCount = 0;
  #downCount = 0;

  constructor(devices: readonly PlacedDevice[]) {
    this.#slotOf = new Map(devices.map(({ id }, slot) => [id, slot]));
    this.#status = new Uint8Array(devices.length);
    this.#connected = new Uint8Array(devices.length);
    this.#down = new Uint8Array(devices.length);
    this.#heardAt = new Float64Array(devices.length);
    this.#counts[0] = devices.length;
  }

  fold(change: RolloutChange): void {
    if (change.kind === "event") return;
    const slot = this.#slotOf.get(typeof change.device === "string" ? change.device : change.device.id);
    if (slot === undefined) return;
    switch (change.kind) {
      case "device": {
        const [before, after] = [this.#status[slot] ?? 0, CODES.get(change.status) ?? 0];
        this.#counts[before] = (this.#counts[before] ?? 0) - 1;
        this.#counts[after] = (this.#counts[after] ?? 0) + 1;
        this.#status[slot] = after;
        return;
      }
      case "heard":
        this.#heardAt[slot] = change.at;
        return;
      case "presence":
        this.#connectedCount += Number(change.connected) - (this.#connected[slot] ?? 0);
        this.#connected[slot] = Number(change.connected);
        return;
      case "availability":
        this.#downCount += Number(!change.up) - (this.#down[slot] ?? 0);
        this.#down[slot] = Number(!change.up);
        return;
      case "withdrawn":
        return;
    }
  }

  /** Reads every counter, so that none of them is optimised away. */
  sum(): number {
    return this.#counts.reduce((sum, count) => sum + count, this.#connectedCount + this.#downCount);
  }
}
