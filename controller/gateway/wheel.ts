/**
 * One timer for all connections: a wheel of slots, one turned up with every beat, so that each connection comes up once
 * a round and the work is spread evenly, also when thousands have connected in the same moment.
 */
import type { Clock } from "../ports.ts";

export class Wheel<Item extends { readonly serial: number }> {
  /** Beats since the start; the gateway's measure of time that no clock change can touch. */
  beat = 0;
  private readonly slots: Set<Item>[];
  private readonly clock: Clock;
  private readonly beatMs: number;
  private readonly onBeat: (due: Iterable<Item>) => void;
  private count = 0;
  private forget: () => void;

  constructor(clock: Clock, beatMs: number, roundMs: number, onBeat: (due: Iterable<Item>) => void) {
    this.clock = clock;
    this.beatMs = beatMs;
    this.onBeat = onBeat;
    this.slots = Array.from({ length: Math.max(1, Math.round(roundMs / beatMs)) }, () => new Set());
    this.forget = clock.after(beatMs, this.turn);
  }

  get size(): number {
    return this.count;
  }

  /** Each item goes into the slot of its serial number: neighbours in time are far apart on the wheel. */
  add(item: Item): void {
    this.slotOf(item).add(item);
    this.count++;
  }

  delete(item: Item): void {
    if (this.slotOf(item).delete(item)) this.count--;
  }

  *[Symbol.iterator](): Generator<Item> {
    for (const slot of this.slots) yield* slot;
  }

  stop(): void {
    this.forget();
  }

  private readonly turn = (): void => {
    this.forget = this.clock.after(this.beatMs, this.turn);
    this.beat++;
    this.onBeat(this.slots[this.beat % this.slots.length] ?? []);
  };

  private slotOf({ serial }: Item): Set<Item> {
    return this.slots[serial % this.slots.length] as Set<Item>; // a remainder is smaller than the length
  }
}
