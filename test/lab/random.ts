/**
 * The lab's dice. Everything a drill chooses comes from one seed through here, so that the same seed gives the same
 * fleet, the same disks and the same deaths, on every machine and in every version of Node.
 */
import { createHash } from "node:crypto";

/** A stream of numbers from a seed. Each purpose takes a stream of its own, so that one does not disturb another. */
export class Dice {
  readonly #purpose: string;
  #block = Buffer.alloc(0);
  #blocks = 0;

  constructor(seed: number | string, purpose: string) {
    this.#purpose = `${seed}/${purpose}`;
  }

  bytes(count: number): Buffer {
    while (this.#block.length < count) {
      const next = createHash("sha256")
        .update(`${this.#purpose}/${this.#blocks++}`)
        .digest();
      this.#block = Buffer.concat([this.#block, next]);
    }
    const taken = this.#block.subarray(0, count);
    this.#block = this.#block.subarray(count);
    return taken;
  }

  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number {
    return low + Math.floor((this.bytes(6).readUIntBE(0, 6) / 2 ** 48) * (high - low + 1));
  }

  /** A new array in random order. */
  shuffle<Item>(items: readonly Item[]): Item[] {
    const left = [...items];
    const shuffled: Item[] = [];
    while (left.length > 0) shuffled.push(...left.splice(this.between(0, left.length - 1), 1));
    return shuffled;
  }
}
