/**
 * Numbers in rows of 64 bytes, one row a device: most of what happens concerns one device, and its row is one line of the
 * processor's cache, whereas an array for each number would be a read from memory for each. Where a fleet has millions of
 * devices, that is most of what an event costs.
 */
import { grown } from "./arrays.ts";

const ROW_BYTES = 64;
const ROW_WORDS = ROW_BYTES / 4;
const ROW_HALVES = ROW_BYTES / 2;

export class Rows {
  /** The same memory as numbers of 32, 16 and 8 bits. */
  words = new Uint32Array(0);
  halves = new Uint16Array(0);
  bytes = new Uint8Array(0);
  /** Words are given out from the front of a row, narrower numbers from its end. */
  #front = 0;
  #end = ROW_BYTES;
  /** What `touch` has read: of no use, but what nobody keeps is not read at all. */
  touched = 0;

  /** @param size rows to begin with, all zero */
  constructor(size: number) {
    this.grow(size);
  }

  word(): Words {
    this.#front += 4;
    this.#checkRoom();
    return new Words(this, this.#front / 4 - 1);
  }

  half(): Halves {
    this.#end = 2 * Math.floor(this.#end / 2) - 2;
    this.#checkRoom();
    return new Halves(this, this.#end / 2);
  }

  byte(): Bytes {
    this.#end -= 1;
    this.#checkRoom();
    return new Bytes(this, this.#end);
  }

  /** Brings a row near: of rows that are touched right after each other, the processor waits for memory once, not for each. */
  touch(row: number): void {
    this.touched ^= this.words[row * ROW_WORDS] as number;
  }

  /** Makes room for so many; pages that nobody writes to cost nothing. */
  grow(size: number): void {
    if (size * ROW_WORDS > this.words.length) this.#see(grown(this.words, size * ROW_WORDS));
  }

  /** Takes the first rows of another table. */
  fill(other: Rows, size: number): void {
    this.#see(other.words.slice(0, size * ROW_WORDS));
  }

  /** What was row `order[i]` is row `i` afterwards. */
  reorder(order: Uint32Array): void {
    const before = this.words;
    const words = new Uint32Array(before.length);
    for (let row = 0; row < order.length; row++) {
      const from = (order[row] as number) * ROW_WORDS;
      for (let word = 0; word < ROW_WORDS; word++) words[row * ROW_WORDS + word] = before[from + word] as number;
    }
    this.#see(words);
  }

  #see(words: Uint32Array<ArrayBuffer>): void {
    this.words = words;
    this.halves = new Uint16Array(words.buffer);
    this.bytes = new Uint8Array(words.buffer);
  }

  #checkRoom(): void {
    if (this.#front > this.#end) throw new RangeError(`a row has ${ROW_BYTES} bytes and no room for one number more`);
  }
}

/** One number of each row. A class for each width: one that reads all of them is compiled for all, and far slower. */
export class Words {
  readonly #rows: Rows;
  readonly #at: number;

  constructor(rows: Rows, at: number) {
    this.#rows = rows;
    this.#at = at;
  }

  get(row: number): number {
    return this.#rows.words[row * ROW_WORDS + this.#at] as number;
  }
  set(row: number, value: number): void {
    this.#rows.words[row * ROW_WORDS + this.#at] = value;
  }
}

export class Halves {
  readonly #rows: Rows;
  readonly #at: number;

  constructor(rows: Rows, at: number) {
    this.#rows = rows;
    this.#at = at;
  }

  get(row: number): number {
    return this.#rows.halves[row * ROW_HALVES + this.#at] as number;
  }
  set(row: number, value: number): void {
    this.#rows.halves[row * ROW_HALVES + this.#at] = value;
  }
}

export class Bytes {
  readonly #rows: Rows;
  readonly #at: number;

  constructor(rows: Rows, at: number) {
    this.#rows = rows;
    this.#at = at;
  }

  get(row: number): number {
    return this.#rows.bytes[row * ROW_BYTES + this.#at] as number;
  }
  set(row: number, value: number): void {
    this.#rows.bytes[row * ROW_BYTES + this.#at] = value;
  }
}
