/**
 * An order that is kept at all times, for keys that seldom change: names, ids.
 *
 * Invariant: every slot that was added and not taken out since is in the order once. New ones wait in a short list and
 * are merged in together, so that a million devices that come in any order cost seconds in all and never one long pause.
 */
import type { DevicePlace, Matches, SlotOrder } from "./slot-order.ts";

/** Merging so many into a million takes a few milliseconds. */
const WAITING_MAX = 4_096;

/** Negative where the slot comes first, positive where the other does, never 0 for two slots. */
type Compare = (slot: number, other: number) => number;

export class KeptOrder implements SlotOrder {
  private readonly compare: Compare;
  private readonly compareTo: (slot: number, place: DevicePlace) => number;
  private slots: Uint32Array = new Uint32Array(1_024);
  private length = 0;
  private waiting: number[] = [];
  /** By slot, as long as nothing came or went since they were asked for. */
  private ranks: Uint32Array | undefined;

  /** @param compareTo 0 for the slot that stands at the place */
  constructor(compare: Compare, compareTo: (slot: number, place: DevicePlace) => number) {
    this.compare = compare;
    this.compareTo = compareTo;
  }

  add(slot: number): void {
    const last = this.slots[this.length - 1];
    if (this.waiting.length === 0 && (last === undefined || this.compare(last, slot) < 0)) {
      this.reserve(this.length + 1);
      this.slots[this.length++] = slot;
      this.ranks = undefined;
      return;
    }
    this.waiting.push(slot);
    if (this.waiting.length >= WAITING_MAX) this.merge();
  }

  /** To be called while the slot still has the key that it was added with. */
  remove(slot: number): void {
    this.merge();
    const at = this.positionOf(slot);
    if (this.slots[at] !== slot) throw new Error("a slot was taken out of an order that it is not in");
    this.slots.copyWithin(at, at + 1, this.length--);
    this.ranks = undefined;
  }

  /** All slots after `place`, one by one. Nothing may be added meanwhile. */
  *each(place: DevicePlace | null): Generator<number> {
    this.merge();
    for (let at = this.firstAfter(place); at < this.length; at++) yield this.slots[at] as number; // at < length
  }

  /** By slot, how many stand before it: for deciding between many that are equal else. */
  ranksBySlot(): Uint32Array {
    this.merge();
    if (this.ranks === undefined) {
      this.ranks = new Uint32Array(this.length);
      for (let at = 0; at < this.length; at++) this.ranks[this.slots[at] as number] = at; // at < length
    }
    return this.ranks;
  }

  /** How many stand before the place, and how many up to it. */
  ranksAt(place: DevicePlace): { readonly before: number; readonly through: number } {
    this.merge();
    return { before: this.first((slot) => this.compareTo(slot, place) >= 0), through: this.firstAfter(place) };
  }

  after(wanted: Matches, place: DevicePlace | null, limit: number): number[] {
    this.merge();
    const found: number[] = [];
    for (let at = this.firstAfter(place); at < this.length && found.length < limit; at++) {
      const slot = this.slots[at] as number; // at < length
      if (wanted[slot] === 0) found.push(slot);
    }
    return found;
  }

  before(wanted: Matches, place: DevicePlace | null, limit: number): number[] {
    this.merge();
    const found: number[] = [];
    const end = place === null ? this.length : this.first((slot) => this.compareTo(slot, place) >= 0);
    for (let at = end - 1; at >= 0 && found.length < limit; at--) {
      const slot = this.slots[at] as number; // 0 <= at < length
      if (wanted[slot] === 0) found.push(slot);
    }
    return found;
  }

  countBefore(wanted: Matches, slot: number): number {
    this.merge();
    const end = this.positionOf(slot);
    let count = 0;
    for (let at = 0; at < end; at++) if (wanted[this.slots[at] as number] === 0) count++; // at < length
    return count;
  }

  private positionOf(slot: number): number {
    return this.first((other) => other === slot || this.compare(other, slot) > 0);
  }

  private firstAfter(place: DevicePlace | null): number {
    return place === null ? 0 : this.first((slot) => this.compareTo(slot, place) > 0);
  }

  /** The first position of which `is` is true; it is true of all after it. */
  private first(is: (slot: number) => boolean, end = this.length): number {
    let low = 0;
    let high = end;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (is(this.slots[middle] as number)) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  private merge(): void {
    if (this.waiting.length === 0) return;
    const coming = this.waiting.sort(this.compare);
    this.waiting = [];
    this.reserve(this.length + coming.length);
    let end = this.length;
    // From the last one: what stands behind it moves once, by as many places as are still to come.
    for (let i = coming.length - 1; i >= 0; i--) {
      const slot = coming[i] as number; // 0 <= i < length
      const at = this.first((other) => this.compare(other, slot) > 0, end);
      this.slots.copyWithin(at + i + 1, at, end);
      this.slots[at + i] = slot;
      end = at;
    }
    this.length += coming.length;
    this.ranks = undefined;
  }

  private reserve(length: number): void {
    if (length <= this.slots.length) return;
    const grown = new Uint32Array(Math.max(length, this.slots.length * 2));
    grown.set(this.slots);
    this.slots = grown;
  }
}
