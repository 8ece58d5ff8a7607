/**
 * What is kept of each device: a row each, in the order of slots. A block's devices have adjoining slots, so looking at
 * all machines that could have failed instead reads from front to end.
 */
import { grown } from "./arrays.ts";
import { ONGOING } from "./clock.ts";
import { Rows } from "./rows.ts";

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
  readonly #rows = new Rows(0);
  /** The last two intervals online; tenths. */
  readonly since = this.#rows.word();
  readonly end = this.#rows.word();
  readonly sinceBefore = this.#rows.word();
  readonly endBefore = this.#rows.word();
  /** The last two events; tenths. */
  readonly event = this.#rows.word();
  readonly eventBefore = this.#rows.word();
  readonly block = this.#rows.word();
  readonly deviceOf = this.#rows.word();
  readonly site = this.#rows.word();
  readonly segment = this.#rows.word();
  readonly region = this.#rows.half();
  readonly os = this.#rows.half();
  readonly model = this.#rows.half();
  readonly gateway = this.#rows.half();
  /** For learning its class: share of the time online, of leavings by sleep, comings a day, and since which day. */
  readonly onlineShare = this.#rows.half();
  readonly knownSinceDay = this.#rows.half();
  readonly sleepShare = this.#rows.byte();
  readonly comings = this.#rows.byte();
  /** The last two days on which it was gone for long without a word, and nothing accounts for that; 0: none. */
  readonly gapDay = this.#rows.half();
  readonly gapDayBefore = this.#rows.half();
  readonly class = this.#rows.byte();
  readonly #flags = this.#rows.byte();

  /** The new device's number, which is its slot until blocks are built. */
  add(): number {
    const device = this.size++;
    this.slotOf = grown(this.slotOf, this.size);
    this.#rows.grow(this.size);
    this.slotOf[device] = device;
    this.deviceOf.set(device, device);
    return device;
  }

  copy(): Columns {
    const copy = new Columns();
    copy.size = this.size;
    copy.slotOf = this.slotOf.slice(0, this.size);
    copy.#rows.fill(this.#rows, this.size);
    return copy;
  }

  reorder(order: Uint32Array): void {
    this.#rows.reorder(order);
    for (let slot = 0; slot < order.length; slot++) this.slotOf[this.deviceOf.get(slot)] = slot;
  }

  /** Much will be asked of this device soon. */
  touch(device: number): void {
    this.#rows.touch(this.slotOf[device] as number);
  }

  isOnline(slot: number): boolean {
    return this.end.get(slot) === ONGOING; // an interval that never began has no end
  }

  flags(slot: number): number {
    return this.#flags.get(slot);
  }
  /** Any of these flags. */
  has(slot: number, flags: number): boolean {
    return (this.#flags.get(slot) & flags) !== 0;
  }
  raise(slot: number, flags: number): void {
    this.#flags.set(slot, this.#flags.get(slot) | flags);
  }
  lower(slot: number, flags: number): void {
    this.#flags.set(slot, this.#flags.get(slot) & ~flags);
  }
}
