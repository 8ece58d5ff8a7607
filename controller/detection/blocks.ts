/**
 * Where each device stands: blocks of adjoining slots. Built once devices are known and rebuilt rarely, on a day's
 * boundary or after many came, never because of an exposure or an event. Who comes in between waits in blocks of
 * newcomers at the end, in the order of coming.
 */
import type { Columns } from "./columns.ts";
import { BLOCK_MAX, partition } from "./strata.ts";

export class Blocks {
  readonly #columns: Columns;
  readonly #isSplit: boolean;
  #starts: number[] = [];
  /** Blocks that were built; the ones after them hold newcomers. */
  #built = 0;
  #settled = 0;
  #changed = 0;

  constructor(columns: Columns, isSplit: boolean) {
    this.#columns = columns;
    this.#isSplit = isSplit;
  }

  get count(): number {
    return this.#starts.length;
  }
  get isEmpty(): boolean {
    return this.#settled === 0;
  }

  start(block: number): number {
    return this.#starts[block] as number;
  }
  end(block: number): number {
    return this.#starts[block + 1] ?? this.#columns.size;
  }
  /** Room in a block: newcomers may still come. */
  room(block: number): number {
    return block < this.#built ? this.end(block) - this.start(block) : BLOCK_MAX;
  }

  /** Takes a device in that has the last slot. */
  take(slot: number): void {
    const last = this.#starts.length - 1;
    if (last < this.#built || slot - (this.#starts[last] as number) >= BLOCK_MAX) this.#starts.push(slot);
    this.#columns.block.set(slot, this.#starts.length - 1);
    this.#changed++;
  }

  noteChange(): void {
    this.#changed++;
  }

  /** Enough has changed that machines are no longer compared with their like. */
  get isStale(): boolean {
    return this.#changed >= Math.max(50, this.#settled / 50);
  }
  get isOutgrown(): boolean {
    return this.#columns.size >= this.#settled * 1.25 + 50;
  }

  /** The order in which the slots of now stand afterwards; the caller moves what is kept by slot. */
  rebuild(): Uint32Array {
    const { order, starts } = partition(this.#columns, this.#isSplit);
    this.#columns.reorder(order);
    this.#settle(starts, starts.length);
    return order;
  }

  /** Puts the devices where they stood before a restart. */
  restore(blocks: readonly number[], built: number): Uint32Array {
    const order = Uint32Array.from(this.#columns.slotOf.subarray(0, this.#columns.size));
    order.sort((a, b) => (blocks[a] ?? 0) - (blocks[b] ?? 0) || a - b);
    const starts: number[] = [];
    let previous = -1;
    for (let slot = 0; slot < order.length; slot++) {
      const block = blocks[order[slot] as number] ?? 0;
      if (block !== previous || slot - (starts[starts.length - 1] as number) >= BLOCK_MAX) starts.push(slot);
      previous = block;
    }
    this.#columns.reorder(order);
    this.#settle(starts, Math.min(built, starts.length));
    return order;
  }

  get built(): number {
    return this.#built;
  }

  #settle(starts: number[], built: number): void {
    this.#starts = starts;
    this.#built = built;
    this.#settled = this.#columns.size;
    this.#changed = 0;
    for (let block = 0; block < starts.length; block++) {
      for (let slot = this.start(block); slot < this.end(block); slot++) this.#columns.block.set(slot, block);
    }
  }
}
