/**
 * What is kept of each device: 64 bytes in flat columns, in the order of slots. A block's devices have adjoining slots,
 * so looking at all machines that could have failed instead reads memory from front to end.
 */
import { grown, reordered } from "./arrays.ts";
import { ONGOING } from "./clock.ts";

export const COUNTS_NOT = 1;
/** The latest interval, and the one before it, ended without a word. */
export const DROPPED = 2;
export const DROPPED_BEFORE = 4;
/** It went silent, and it is not yet known whether that is an event. */
export const SILENCE_OPEN = 8;
/** Its latest event is a silence: a crash report may still come for the same death. */
export const EVENT_IS_SILENCE = 16;
/** The caller says that it is a server. */
export const DECLARED_SERVER = 32;
/** The caller says that it is carried about. */
export const DECLARED_MOBILE = 64;
/** It was gone for long without a word, twice at least. */
export const HAS_GAPS = 128;

export class Columns {
  size = 0;
  slotOf = new Uint32Array(0);
  deviceOf = new Uint32Array(0);
  block = new Uint32Array(0);
  /** The last two intervals online; tenths. */
  since = new Uint32Array(0);
  end = new Uint32Array(0);
  sinceBefore = new Uint32Array(0);
  endBefore = new Uint32Array(0);
  /** The last two events; tenths. */
  event = new Uint32Array(0);
  eventBefore = new Uint32Array(0);
  site = new Uint32Array(0);
  segment = new Uint32Array(0);
  region = new Uint16Array(0);
  os = new Uint16Array(0);
  model = new Uint16Array(0);
  gateway = new Uint16Array(0);
  class = new Uint8Array(0);
  flags = new Uint8Array(0);
  /** For learning its class: share of the time online, of leavings by sleep, comings a day, and since which day. */
  onlineShare = new Uint16Array(0);
  sleepShare = new Uint8Array(0);
  comings = new Uint8Array(0);
  knownSinceDay = new Uint16Array(0);
  /** The last two days on which it was gone for long without a word, and nothing accounts for that; 0: none. */
  gapDay = new Uint16Array(0);
  gapDayBefore = new Uint16Array(0);

  /** The new device's number, which is its slot until blocks are built. */
  add(): number {
    const size = this.size + 1;
    this.slotOf = grown(this.slotOf, size);
    if (this.deviceOf.length < size) this.#each((column) => grown(column, size));
    this.size = size;
    this.slotOf[size - 1] = size - 1;
    this.deviceOf[size - 1] = size - 1;
    return size - 1;
  }

  reorder(order: Uint32Array): void {
    this.#each((column) => reordered(column, order));
    for (let slot = 0; slot < order.length; slot++) this.slotOf[this.deviceOf[slot] as number] = slot;
  }

  isOnline(slot: number): boolean {
    return this.end[slot] === ONGOING; // an interval that never began has no end
  }

  #each(change: <C extends Uint8Array | Uint16Array | Uint32Array>(column: C) => C): void {
    this.deviceOf = change(this.deviceOf);
    this.block = change(this.block);
    this.since = change(this.since);
    this.end = change(this.end);
    this.sinceBefore = change(this.sinceBefore);
    this.endBefore = change(this.endBefore);
    this.event = change(this.event);
    this.eventBefore = change(this.eventBefore);
    this.site = change(this.site);
    this.segment = change(this.segment);
    this.region = change(this.region);
    this.os = change(this.os);
    this.model = change(this.model);
    this.gateway = change(this.gateway);
    this.class = change(this.class);
    this.flags = change(this.flags);
    this.onlineShare = change(this.onlineShare);
    this.sleepShare = change(this.sleepShare);
    this.comings = change(this.comings);
    this.knownSinceDay = change(this.knownSinceDay);
    this.gapDay = change(this.gapDay);
    this.gapDayBefore = change(this.gapDayBefore);
  }
}
