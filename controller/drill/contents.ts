/**
 * Which versions are on which disk, and since when; and which of them the controller was told of. A newer version of a
 * product takes the place of the older one; a machine that cannot be reached takes what it has missed when it is back.
 */
import type { Rows, Words } from "../detection/rows.ts";
import { habit } from "./dice.ts";

/** Versions that are remembered at a time: bits of a number. The oldest give way. */
const SLOTS = 32;

interface Slot {
  /** The detector's number; null: nobody has told of it yet. */
  version: number | null;
  readonly product: number;
  readonly share: number;
  readonly name: string;
  /** Ticks plus one; 0: never. Once it was told: as the controller dates it. */
  readonly writtenAt: Uint32Array;
}

export class Contents {
  /** A bit a slot: what waits until the machine is back, what is on its disk, and what the controller believes is there. */
  readonly pending: Words;
  readonly taken: Words;
  readonly told: Words;
  /** The names of versions by the detector's numbers. */
  readonly names: string[] = [];
  readonly #size: number;
  readonly #slots: (Slot | undefined)[] = [];
  #added = 0;

  constructor(rows: Rows, size: number) {
    this.#size = size;
    this.pending = rows.word();
    this.taken = rows.word();
    this.told = rows.word();
  }

  /** @param share of the fleet that has the product at all @returns the slot */
  add(name: string, product: number, share: number): number {
    const index = this.#added++ % SLOTS;
    const old = this.#slots[index];
    if (old !== undefined) {
      for (const bits of [this.pending, this.taken, this.told]) {
        for (let device = 0; device < this.#size; device++) bits.set(device, bits.get(device) & ~(1 << index));
      }
    }
    const writtenAt = old?.writtenAt.fill(0) ?? new Uint32Array(this.#size);
    this.#slots[index] = { version: null, product, share, name, writtenAt };
    return index;
  }

  gets(device: number, slot: number): boolean {
    const { product, share } = this.named(slot);
    return share >= 1 || habit(device, 1_000 + product) < share;
  }

  has(device: number, slot: number): boolean {
    return (this.taken.get(device) & (1 << slot)) !== 0;
  }

  /** @returns whether it is new on this disk */
  take(device: number, slot: number, tick: number): boolean {
    const before = this.taken.get(device);
    const bit = 1 << slot;
    this.pending.set(device, this.pending.get(device) & ~bit);
    if ((before & bit) !== 0) return false;
    this.taken.set(device, (before & ~this.ofProduct(slot)) | bit);
    this.named(slot).writtenAt[device] = tick + 1;
    return true;
  }

  /** The tick at which it was written, if it is on the disk. */
  written(device: number, slot: number): number {
    return (this.named(slot).writtenAt[device] ?? 0) - 1;
  }

  /** The controller knows of it now, and dates it so. */
  markTold(device: number, slot: number, tick: number): void {
    this.told.set(device, this.told.get(device) | (1 << slot));
    this.named(slot).writtenAt[device] = tick + 1;
  }

  /** Slots with versions of the same product, as bits. */
  ofProduct(slot: number): number {
    const { product } = this.named(slot);
    let bits = 0;
    for (const [index, other] of this.#slots.entries()) if (other?.product === product) bits |= 1 << index;
    return bits;
  }

  /** The number by which the detector knows it. @param first gives it one; null: nobody watches */
  version(slot: number, first: () => number | null): number {
    const found = this.named(slot);
    if (found.version === null) {
      found.version = first() ?? this.names.length;
      this.names[found.version] = found.name;
    }
    return found.version;
  }

  named(index: number): Slot {
    const slot = this.#slots[index];
    if (slot === undefined) throw new RangeError(`nothing was released into slot ${index}`);
    return slot;
  }
}
