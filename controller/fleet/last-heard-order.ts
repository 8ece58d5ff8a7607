/**
 * The order in which devices were last heard. It changes with every report, so nothing is kept: a page is the best of
 * one scan over a column of times. Of devices that were heard at the same time, ids decide.
 */
import type { KeptOrder } from "./kept-order.ts";
import type { DevicePlace, Matches, SlotOrder } from "./slot-order.ts";

/**
 * The scan goes over blocks of so many slots in a scattered order: devices that reconnect in the order of their slots
 * would otherwise each be better than all before it.
 */
const BLOCK = 1_024;
/** A prime: it leads to every block once, unless their number is a multiple of it. */
const STRIDE = 7_919;

export class LastHeardOrder implements SlotOrder {
  private times: Float64Array = new Float64Array(1_024);
  private length = 0;
  private readonly ids: KeptOrder;

  /** @param ids the same slots by id */
  constructor(ids: KeptOrder) {
    this.ids = ids;
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
    const ranks = this.ids.ranksBySlot();
    const [time, rank] = [this.of(slot), ranks[slot] ?? 0];
    let count = 0;
    for (let other = 0; other < length; other++) {
      if (wanted[other] !== 0) continue;
      const otherTime = times[other] as number; // other < length, here and below
      if (otherTime < time || (otherTime === time && (ranks[other] as number) < rank)) count++;
    }
    return count;
  }

  /** @param sign 1 for the walk towards newer times, -1 for the walk towards older ones */
  private nearest(wanted: Matches, place: DevicePlace | null, limit: number, sign: 1 | -1): number[] {
    const { times, length } = this;
    const ranks = this.ids.ranksBySlot();
    const compare = (a: number, b: number): number =>
      sign * (this.of(a) - this.of(b) || (ranks[a] ?? 0) - (ranks[b] ?? 0));
    const best = new Best(limit, compare);
    const from = place?.sort === "last-heard" ? sign * place.at : -Infinity;
    const { before, through } = place === null ? { before: 0, through: 0 } : this.ids.ranksAt(place);
    let [worstTime, worstRank] = [Infinity, Infinity];
    const blocks = Math.ceil(length / BLOCK);
    const stride = blocks % STRIDE === 0 ? 1 : STRIDE;
    for (let i = 0; i < blocks; i++) {
      const start = ((i * stride) % blocks) * BLOCK;
      const end = Math.min(length, start + BLOCK);
      for (let slot = start; slot < end; slot++) {
        if (wanted[slot] !== 0) continue;
        const time = sign * (times[slot] as number); // slot < length, here and below
        if (time < from || time > worstTime) continue; // most of them cost no more than this
        const rank = ranks[slot] as number;
        if (time === from && (sign === 1 ? rank < through : rank >= before)) continue;
        if (time === worstTime && sign * rank > worstRank) continue;
        best.offer(slot);
        const last = best.last();
        if (last === undefined) continue;
        worstTime = sign * this.of(last);
        worstRank = sign * (ranks[last] ?? 0);
      }
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
