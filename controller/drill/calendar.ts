/**
 * What happens when: one list a tenth of a second, from the beginning of a world to its end; what was put in last comes
 * first. Adding and taking cost the same however many wait. A list is a chain of chunks of one cache line each, for with
 * millions of devices it is reading from memory that costs.
 *
 * Nothing is ever taken out again: who puts something in gives a number with it by which he knows, when it comes, whether
 * it still holds. What would come after the end is not kept at all.
 */
export const TICK_MS = 100;
export const SECOND = 10;
export const MINUTE = 600;
export const HOUR = 36_000;
export const DAY = 864_000;

/** Of a chunk: where the list goes on when it is empty, then pairs of device and what, then one that is not used. */
const CHUNK_NUMBERS = 16;
const ENTRIES = 7;
const FIRST = 1;
const LAST = FIRST + 2 * (ENTRIES - 1);
/** The first chunk is nobody's, so that 0 is no entry. */
const NONE = 0;

export class Calendar {
  /** The first tick that is not simulated. */
  readonly end: number;
  now = 0;
  /** Of what `take` found. */
  device = 0;
  what = 0;
  /** Hears of the next few that `take` will find, of all of them at once. */
  soon: (device: number) => void = () => undefined;
  /** The entry that comes next, of each tick. */
  readonly #heads: Uint32Array;
  #chunks: Uint32Array;
  /** Chunks that have been emptied, each with the next one. */
  #free = NONE;
  /** The chunk whose entries were said to come soon. */
  #near = NONE;
  #used = CHUNK_NUMBERS;

  constructor(end: number, capacity: number) {
    this.end = end;
    this.#heads = new Uint32Array(end);
    this.#chunks = new Uint32Array(CHUNK_NUMBERS * Math.ceil(capacity / ENTRIES + 1));
  }

  /** @param tick what is past comes now */
  add(tick: number, device: number, what: number): void {
    const at = tick < this.now ? this.now : Math.floor(tick);
    if (at >= this.end) return;
    const head = this.#heads[at] as number; // at < end
    const isFull = head === NONE || head % CHUNK_NUMBERS === LAST;
    const entry = isFull ? this.#chunk(head) + FIRST : head + 2;
    this.#chunks[entry] = device;
    this.#chunks[entry + 1] = what;
    this.#heads[at] = entry;
  }

  /** Takes one that is due at `now`, if there is any. */
  take(): boolean {
    const entry = this.#heads[this.now] ?? NONE;
    if (entry === NONE) return false;
    if (entry - (entry % CHUNK_NUMBERS) !== this.#near) this.#announce(entry);
    this.device = this.#chunks[entry] as number;
    this.what = this.#chunks[entry + 1] as number;
    if (entry % CHUNK_NUMBERS !== FIRST) this.#heads[this.now] = entry - 2;
    else {
      const chunk = entry - FIRST;
      this.#heads[this.now] = this.#chunks[chunk] as number;
      this.#chunks[chunk] = this.#free;
      this.#free = chunk;
    }
    return true;
  }

  #announce(entry: number): void {
    this.#near = entry - (entry % CHUNK_NUMBERS);
    for (let next = entry; next > this.#near; next -= 2) this.soon(this.#chunks[next] as number);
  }

  /** An empty one, after which the list goes on at `next`. */
  #chunk(next: number): number {
    let chunk = this.#free;
    if (chunk !== NONE) this.#free = this.#chunks[chunk] as number;
    else {
      chunk = this.#used;
      this.#used += CHUNK_NUMBERS;
      if (this.#used > this.#chunks.length) this.#grow();
    }
    this.#chunks[chunk] = next;
    return chunk;
  }

  #grow(): void {
    const wider = new Uint32Array(CHUNK_NUMBERS * (Math.ceil((this.#chunks.length / CHUNK_NUMBERS) * 1.5) + 1_024));
    wider.set(this.#chunks);
    this.#chunks = wider;
  }
}
