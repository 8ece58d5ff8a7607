/** The least that could be done with the same changes: an array a fact, and how many are connected and leaving. */
import type { Change } from "../../../controller/store/feed.ts";
import { deviceId } from "../population/places.ts";

export class BareFleet {
  readonly #slotOf: ReadonlyMap<string, number>;
  readonly #heardAt: Float64Array;
  readonly #connected: Uint8Array;
  readonly #leaving: Uint8Array;
  connectedCount = 0;
  leavingCount = 0;

  constructor(size: number) {
    this.#slotOf = new Map(Array.from({ length: size }, (_, n) => [deviceId(n), n]));
    this.#heardAt = new Float64Array(size);
    this.#connected = new Uint8Array(size);
    this.#leaving = new Uint8Array(size);
  }

  apply({ deviceId: id, at, body }: Change): void {
    const slot = this.#slotOf.get(id);
    if (slot === undefined) return;
    const connected = Number(body.kind !== "dropped");
    const leaving = body.kind === "leaving" ? 1 : body.kind === "dropped" ? (this.#leaving[slot] ?? 0) : 0;
    this.connectedCount += connected - (this.#connected[slot] ?? 0);
    this.leavingCount += leaving - (this.#leaving[slot] ?? 0);
    this.#connected[slot] = connected;
    this.#leaving[slot] = leaving;
    this.#heardAt[slot] = at;
  }
}
