/**
 * Who has a version, since when: an array of times for each block in which anybody has it, so that a version costs the
 * blocks it reached. What was cleared is kept with its time too: an event before that still sees it.
 */
import type { Blocks } from "./blocks.ts";
import { NEVER, UNKNOWN_WHEN } from "./clock.ts";
import type { Columns } from "./columns.ts";

export class Exposures {
  readonly #columns: Columns;
  readonly #blocks: Blocks;
  #written: (Uint32Array | undefined)[] = [];
  #cleared: (Uint32Array | undefined)[] = [];
  /** Devices that have it now. */
  count = 0;

  constructor(columns: Columns, blocks: Blocks) {
    this.#columns = columns;
    this.#blocks = blocks;
  }

  /** Tenths by place in the block; undefined: nobody there has it. */
  written(block: number): Uint32Array | undefined {
    return this.#written[block];
  }
  cleared(block: number): Uint32Array | undefined {
    return this.#cleared[block];
  }

  /** The time of the write as it is known now; 0: it has it not. */
  at(slot: number): number {
    const block = this.#columns.block[slot] as number;
    const written = this.#written[block];
    if (written === undefined) return NEVER;
    const place = slot - this.#blocks.start(block);
    return (this.#cleared[block]?.[place] ?? NEVER) === NEVER ? (written[place] as number) : NEVER;
  }

  /** The time of the write as at `when`: 0 where it did not have it then. */
  asAt(slot: number, when: number): number {
    const block = this.#columns.block[slot] as number;
    const written = this.#written[block];
    if (written === undefined) return NEVER;
    const place = slot - this.#blocks.start(block);
    const time = written[place] as number;
    const cleared = this.#cleared[block]?.[place] ?? NEVER;
    return time > when || (cleared !== NEVER && cleared <= when) ? NEVER : time;
  }

  /** @returns whether that is news: a known time stays, unless an earlier one or the first one comes */
  set(slot: number, time: number): boolean {
    const known = this.at(slot);
    if (known !== NEVER && (time === UNKNOWN_WHEN || (known !== UNKNOWN_WHEN && known <= time))) return false;
    if (known === NEVER) this.count++;
    this.#put(slot, time, NEVER);
    return true;
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
    const written = this.#written;
    const cleared = this.#cleared;
    this.#written = [];
    this.#cleared = [];
    for (let slot = 0; slot < order.length; slot++) {
      const old = order[slot] as number;
      const block = oldBlock[old] as number;
      const time = written[block]?.[old - oldStart(block)] ?? NEVER;
      if (time !== NEVER) this.#put(slot, time, cleared[block]?.[old - oldStart(block)] ?? NEVER);
    }
  }

  #put(slot: number, time: number, cleared: number): void {
    const block = this.#columns.block[slot] as number;
    const place = slot - this.#blocks.start(block);
    let column = this.#written[block];
    if (column === undefined) {
      column = new Uint32Array(this.#blocks.room(block));
      this.#written[block] = column;
    }
    column[place] = time;
    let gone = this.#cleared[block];
    if (gone === undefined && cleared !== NEVER) {
      gone = new Uint32Array(column.length);
      this.#cleared[block] = gone;
    }
    if (gone !== undefined) gone[place] = cleared;
  }
}
