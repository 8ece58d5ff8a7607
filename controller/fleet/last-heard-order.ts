/**
 * The order in which devices were last heard. It changes with every report, so nothing is kept: a page is the best of
 * one scan over a column of times.
 */
import type { DevicePlace, Matches, SlotOrder } from "./slot-order.ts";

export class LastHeardOrder implements SlotOrder {
  private times: Float64Array = new Float64Array(1_024);
  private length = 0;
  private readonly compareIds: (slot: number, other: number) => number;
  private readonly compareIdTo: (slot: number, place: DevicePlace) => number;

  constructor(compareIds: LastHeardOrder["compareIds"], compareIdTo: LastHeardOrder["compareIdTo"]) {
    this.compareIds = compareIds;
    this.compareIdTo = compareIdTo;
  }

  set(slot: number, lastHeardAt: number | null): void {
    if (slot >= this.times.length) {
      const grown = new Float64Array(this.times.length * 2);
      grown.set(this.times);
      this.times = grown;
    }
    this.length = Math.max(this.length, slot + 1);
    this.times[slot] = lastHeardAt ?? 0;
  }

  of(slot: number): number {
    return this.times[slot] ?? 0;
  }

  after(wanted: Matches, place: DevicePlace | null, limit: number): number[] {
    return this.nearest(wanted, place, limit, 1);
  }

  before(wanted: Matches, place: DevicePlace | null, limit: number): number[] {
    return this.nearest(wanted, place, limit, -1);
  }

  countBefore(wanted: Matches, slot: number): number {
    const { times, length } = this;
    const time = this.of(slot);
    let count = 0;
    for (let other = 0; other < length; other++) {
      if (wanted[other] !== 0) continue;
      const difference = (times[other] as number) - time; // other < length
      if (difference < 0 || (difference === 0 && this.compareIds(other, slot) < 0)) count++;
    }
    return count;
  }

  /** @param sign 1 for the walk towards newer times, -1 for the walk towards older ones */
  private nearest(wanted: Matches, place: DevicePlace | null, limit: number, sign: 1 | -1): number[] {
    const { times, length } = this;
    const compare = (a: number, b: number): number => sign * (this.of(a) - this.of(b) || this.compareIds(a, b));
    const best = new Best(limit, compare);
    const from = place?.sort === "last-heard" ? sign * place.at : -Infinity;
    let worst = Infinity;
    for (let slot = 0; slot < length; slot++) {
      if (wanted[slot] !== 0) continue;
      const time = sign * (times[slot] as number); // slot < length
      if (time < from || time > worst) continue; // most of them cost no more than this
      if (time === from && place !== null && sign * this.compareIdTo(slot, place) <= 0) continue;
      best.offer(slot);
      const last = best.last();
      if (last !== undefined) worst = sign * this.of(last);
    }
    return best.sorted();
  }
}

/** The first few of many: a heap with the last of them on top. */
class Best {
  private readonly limit: number;
  private readonly compare: (a: number, b: number) => number;
  private readonly heap: number[] = [];

  constructor(limit: number, compare: (a: number, b: number) => number) {
    this.limit = limit;
    this.compare = compare;
  }

  /** The last of the few, once there are enough: what comes after it is not wanted. */
  last(): number | undefined {
    return this.heap.length < this.limit ? undefined : this.heap[0];
  }

  offer(slot: number): void {
    const last = this.last();
    if (last === undefined) this.rise(slot);
    else if (this.compare(slot, last) < 0) this.sink(slot);
  }

  sorted(): number[] {
    return this.heap.toSorted(this.compare);
  }

  private rise(slot: number): void {
    const { heap } = this;
    let at = heap.push(slot) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent] as number; // parent < at
      if (this.compare(above, slot) >= 0) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = slot;
  }

  /** Takes the place of the top. */
  private sink(slot: number): void {
    const { heap } = this;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      const right = heap[child + 1];
      if (right !== undefined && this.compare(right, heap[child] as number) > 0) child++; // child < length
      const below = heap[child] as number; // child < length
      if (this.compare(below, slot) <= 0) break;
      heap[at] = below;
      at = child;
    }
    heap[at] = slot;
  }
}
