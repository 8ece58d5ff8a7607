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

export class Calendar {
  /** The first tick that is not simulated. */
  readonly end: number;
  now = 0;
  /** Of what `take` found. */
  device = 0;
  what = 0;
  readonly #heads: Int32Array;
  #next: Int32Array;
  #devices: Uint32Array;
  #whats: Uint32Array;
  #free = -1;
  #used = 0;

  constructor(end: number, capacity: number) {
    this.end = end;
    this.#heads = new Int32Array(end).fill(-1);
    this.#next = new Int32Array(capacity);
    this.#devices = new Uint32Array(capacity);
    this.#whats = new Uint32Array(capacity);
  }

  /** @param tick what is past comes now */
  add(tick: number, device: number, what: number): void {
    const at = tick < this.now ? this.now : Math.floor(tick);
    if (at >= this.end) return;
    let node = this.#free;
    if (node >= 0)
      this.#free = this.#next[node] as number; // nodes come from 0 up, and each has an entry
    else {
      node = this.#used++;
      if (node === this.#next.length) this.#grow();
    }
    this.#devices[node] = device;
    this.#whats[node] = what;
    this.#next[node] = this.#heads[at] as number; // at < end
    this.#heads[at] = node;
  }

  /** Takes one that is due at `now`, if there is any. */
  take(): boolean {
    const node = this.#heads[this.now];
    if (node === undefined || node < 0) return false;
    this.#heads[this.now] = this.#next[node] as number; // nodes come from 0 up, and each has an entry
    this.#next[node] = this.#free;
    this.#free = node;
    this.device = this.#devices[node] as number;
    this.what = this.#whats[node] as number;
    return true;
  }

  #grow(): void {
    const capacity = Math.ceil(this.#next.length * 1.5) + 1_024;
    const wider = <Column extends Int32Array | Uint32Array>(from: Column, to: Column): Column => (to.set(from), to);
    this.#next = wider(this.#next, new Int32Array(capacity));
    this.#devices = wider(this.#devices, new Uint32Array(capacity));
    this.#whats = wider(this.#whats, new Uint32Array(capacity));
  }
}
