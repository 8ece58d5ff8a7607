/**
 * Which versions are on which disk, and since when. A newer version of a product takes the place of the older one; a
 * machine that cannot be reached takes what it has missed when it is back.
 */
import type { ContentAtCrash, Detector } from "../detection/types.ts";
import { habit } from "./dice.ts";
import type { Times } from "./times.ts";

/** Versions that are remembered at a time: bits of a number. The oldest give way. */
const SLOTS = 32;

interface Slot {
  /** The detector's number. */
  readonly version: number;
  readonly product: number;
  readonly share: number;
  readonly name: string;
  /** Ticks plus one; 0: never. */
  readonly writtenAt: Uint32Array;
}

export class Contents {
  /** A bit a slot: what waits until the machine is back, and what is on its disk. */
  readonly pending: Uint32Array;
  readonly taken: Uint32Array;
  /** The names of versions by the detector's numbers. */
  readonly names: string[] = [];
  readonly #size: number;
  readonly #times: Times;
  readonly #detector: Detector | null;
  readonly #slots: (Slot | undefined)[] = [];
  #added = 0;

  constructor(size: number, times: Times, detector: Detector | null) {
    this.#size = size;
    this.#times = times;
    this.#detector = detector;
    this.pending = new Uint32Array(size);
    this.taken = new Uint32Array(size);
  }

  /** @param share of the fleet that has the product at all @returns the slot */
  add(tick: number, name: string, product: number, share: number): number {
    const index = this.#added++ % SLOTS;
    const old = this.#slots[index];
    if (old !== undefined) {
      for (let device = 0; device < this.#size; device++) {
        this.pending[device]! &= ~(1 << index);
        this.taken[device]! &= ~(1 << index);
      }
    }
    const version = this.#detector?.addVersion(this.#times.at(tick)) ?? this.names.length;
    this.names[version] = name;
    const writtenAt = old?.writtenAt.fill(0) ?? new Uint32Array(this.#size);
    this.#slots[index] = { version, product, share, name, writtenAt };
    return index;
  }

  gets(device: number, slot: number): boolean {
    const { product, share } = this.#slot(slot);
    return share >= 1 || habit(device, 1_000 + product) < share;
  }

  has(device: number, slot: number): boolean {
    return ((this.taken[device] ?? 0) & (1 << slot)) !== 0;
  }

  /** @returns whether it is new on this disk */
  take(device: number, slot: number, tick: number): boolean {
    const before = this.taken[device] ?? 0;
    const bit = 1 << slot;
    this.pending[device]! &= ~bit;
    if ((before & bit) !== 0) return false;
    const { product, writtenAt } = this.#slot(slot);
    let kept = before;
    for (let rest = before; rest !== 0; rest &= rest - 1) {
      const other = 31 - Math.clz32(rest & -rest);
      const older = this.#slot(other);
      if (older.product !== product) continue;
      kept &= ~(1 << other);
      this.#detector?.cleared(this.#times.at(tick), device, older.version);
    }
    this.taken[device] = kept | bit;
    writtenAt[device] = tick + 1;
    return true;
  }

  /** The device says what it has taken. */
  tell(device: number, slot: number, tick: number): void {
    const { version, writtenAt } = this.#slot(slot);
    const written = writtenAt[device] ?? 0;
    if (written === 0 || !this.has(device, slot)) return;
    this.#detector?.exposed(this.#times.at(tick), device, version, this.#times.at(written - 1));
  }

  versionOf(slot: number): number {
    return this.#slot(slot).version;
  }

  /** What a crash report says was on the disk. */
  onDisk(device: number): readonly ContentAtCrash[] {
    const found: ContentAtCrash[] = [];
    for (let rest = this.taken[device] ?? 0; rest !== 0; rest &= rest - 1) {
      const { version, writtenAt } = this.#slot(31 - Math.clz32(rest & -rest));
      found.push({ version, writtenAt: this.#times.at((writtenAt[device] ?? 1) - 1) });
    }
    return found;
  }

  #slot(index: number): Slot {
    const slot = this.#slots[index];
    if (slot === undefined) throw new RangeError(`nothing was released into slot ${index}`);
    return slot;
  }
}
