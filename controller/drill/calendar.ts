/**
 * What happens when: one slot a tenth of a second, from the beginning of a world to its end, and in each a list. Adding
 * and taking cost the same however many wait, and waiting costs twelve bytes.
 *
 * Nothing is ever taken out again: who puts something in gives a number with it by which he knows, when it comes, whether
 * it still holds. What would come after the end is not kept at all.
 */
export const TICK_MS = 100;
export const SECOND = 10;
export const MINUTE = 600;
export const HOUR = 36_000;
export const DAY = 864_000;
const NUMBERS = 3;

export class Calendar {
  /** The first tick that is not simulated. */
  readonly end: number;
  now = 0;
  /** Of what `take` found. */
  device = 0;
  what = 0;
  readonly #heads: Int32Array;
  /** Three numbers each, side by side because they are read together: the next one, device, what. */
  #nodes: Uint32Array;
  #free = -1;
  #used = 0;

  constructor(end: number, capacity: number) {
    this.end = end;
    this.#heads = new Int32Array(end).fill(-1);
    this.#nodes = new Uint32Array(NUMBERS * capacity);
  }

  /** @param tick what is past comes now */
  add(tick: number, device: number, what: number): void {
    const at = tick < this.now ? this.now : Math.floor(tick);
    if (at >= this.end) return;
    let node = this.#free;
    if (node >= 0)
      this.#free = (this.#nodes[node] as number) | 0; // a node of the free ones has been filled before
    else {
      node = this.#used;
      this.#used += NUMBERS;
      if (node === this.#nodes.length) this.#grow();
    }
    this.#nodes[node] = this.#heads[at] as number; // at < end
    this.#nodes[node + 1] = device;
    this.#nodes[node + 2] = what;
    this.#heads[at] = node;
  }

  /** Takes one that is due at `now`, if there is any. */
  take(): boolean {
    const node = this.#heads[this.now];
    if (node === undefined || node < 0) return false;
    this.#heads[this.now] = (this.#nodes[node] as number) | 0; // what is in a list has been filled
    this.#nodes[node] = this.#free;
    this.#free = node;
    this.device = this.#nodes[node + 1] as number;
    this.what = this.#nodes[node + 2] as number;
    return true;
  }

  #grow(): void {
    const capacity = Math.ceil((this.#nodes.length / NUMBERS) * 1.5) + 1_024;
    const wider = new Uint32Array(NUMBERS * capacity);
    wider.set(this.#nodes);
    this.#nodes = wider;
  }
}
