/**
 * Who has a version, since when: an array of times for each block in which anybody has it, so that a version costs the
 * blocks it reached. What was cleared is kept with its time too: an event before that still sees it.
 *
 * Beside the times stand bits, one a place, of who has it now: most versions under test have been everywhere for days,
 * and then an event counts bits instead of reading a thousand times.
 */
import type { Blocks } from "./blocks.ts";
import { NEVER, UNKNOWN_WHEN } from "./clock.ts";
import type { Columns } from "./columns.ts";

/** A version in a block; times in tenths by place. */
export interface Reached {
  /** The block's first slot. */
  readonly from: number;
  /** 0: that machine never had it. */
  readonly written: Uint32Array;
  /** Undefined: nobody lost it again. */
  cleared: Uint32Array | undefined;
  /** Who has it now, if it is known since when. */
  readonly exposed: Int32Array;
  /** Of whom nobody knows since when; undefined: there are none. */
  unknown: Int32Array | undefined;
  /** No write and no loss is later: what is true after that is what the bits say. */
  changedAt: number;
}

const withBit = (bits: Int32Array, place: number, isSet: boolean): void => {
  const word = place >> 5;
  const bit = 1 << (place & 31);
  bits[word] = isSet ? (bits[word] as number) | bit : (bits[word] as number) & ~bit;
};

export class Exposures {
  readonly #columns: Columns;
  readonly #blocks: Blocks;
  #reached: (Reached | undefined)[] = [];
  /** Devices that have it now. */
  count = 0;

  constructor(columns: Columns, blocks: Blocks) {
    this.#columns = columns;
    this.#blocks = blocks;
  }

  /** Undefined: nobody in the block ever had it. */
  in(block: number): Reached | undefined {
    return this.#reached[block];
  }

  /** The time of the write as it is known now; 0: it has it not. */
  at(slot: number): number {
    const reached = this.#reached[this.#columns.block.get(slot)];
    if (reached === undefined) return NEVER;
    const place = slot - reached.from;
    return (reached.cleared?.[place] ?? NEVER) === NEVER ? (reached.written[place] as number) : NEVER;
  }

  /** The time of the write as at `when`: 0 where it did not have it then. */
  asAt(slot: number, when: number): number {
    const reached = this.#reached[this.#columns.block.get(slot)];
    if (reached === undefined) return NEVER;
    const place = slot - reached.from;
    const time = reached.written[place] as number;
    const cleared = reached.cleared?.[place] ?? NEVER;
    return time > when || (cleared !== NEVER && cleared <= when) ? NEVER : time;
  }

  /** @returns whether that is news: a known time stays, unless an earlier one or the first one comes; null: it is none */
  set(slot: number, time: number): "first" | "news" | null {
    const known = this.at(slot);
    if (known !== NEVER && (time === UNKNOWN_WHEN || (known !== UNKNOWN_WHEN && known <= time))) return null;
    if (known === NEVER) this.count++;
    this.#put(slot, time, NEVER);
    return known === NEVER ? "first" : "news";
  }

  clear(slot: number, time: number): boolean {
    const known = this.at(slot);
    if (known === NEVER) return false;
    this.count--;
    this.#put(slot, known, time);
    return true;
  }

  /** After the slots were put into another order. */
  move(order: Uint32Array, oldBlock: Uint32Array, oldStart: (block: number) => number): void {
    const before = this.#reached;
    this.#reached = [];
    for (let slot = 0; slot < order.length; slot++) {
      const old = order[slot] as number;
      const block = oldBlock[old] as number;
      const reached = before[block];
      if (reached === undefined) continue;
      const place = old - oldStart(block);
      const time = reached.written[place] as number;
      if (time !== NEVER) this.#put(slot, time, reached.cleared?.[place] ?? NEVER);
    }
  }

  #put(slot: number, time: number, cleared: number): void {
    const block = this.#columns.block.get(slot);
    let reached = this.#reached[block];
    if (reached === undefined) {
      const room = this.#blocks.room(block);
      const exposed = new Int32Array((room + 31) >> 5);
      reached = {
        from: this.#blocks.start(block),
        written: new Uint32Array(room),
        cleared: undefined,
        exposed,
        unknown: undefined,
        changedAt: NEVER,
      };
      this.#reached[block] = reached;
    }
    const place = slot - reached.from;
    reached.written[place] = time;
    if (cleared !== NEVER) reached.cleared ??= new Uint32Array(reached.written.length);
    if (reached.cleared !== undefined) reached.cleared[place] = cleared;
    withBit(reached.exposed, place, time !== UNKNOWN_WHEN && cleared === NEVER);
    if (time === UNKNOWN_WHEN) reached.unknown ??= new Int32Array(reached.exposed.length);
    if (reached.unknown !== undefined) withBit(reached.unknown, place, time === UNKNOWN_WHEN);
    reached.changedAt = Math.max(reached.changedAt, time, cleared);
  }
}
