/**
 * Sums over the recent past: a fixed number of bins of time that are overwritten as time goes on. Memory is bounded, and
 * what came late still falls into its bin if that is still there.
 */

export interface SavedRing {
  readonly head: number;
  readonly bins: readonly number[];
}

export class Ring {
  readonly binMs: number;
  readonly #bins: Float64Array;
  #head = Number.NEGATIVE_INFINITY;
  /** Of all bins. Amounts are whole numbers, so it is exact. */
  #total = 0;

  constructor(binMs: number, bins: number, saved?: SavedRing) {
    this.binMs = binMs;
    this.#bins = new Float64Array(bins);
    if (saved === undefined) return;
    this.#bins.set(saved.bins);
    this.#total = saved.bins.reduce((sum, amount) => sum + amount, 0);
    this.#head = saved.head < 0 ? Number.NEGATIVE_INFINITY : saved.head;
  }

  add(at: number, amount: number): void {
    const bin = Math.floor(at / this.binMs);
    this.#turnTo(bin);
    if (bin <= this.#head - this.#bins.length) return;
    const place = bin % this.#bins.length;
    this.#bins[place] = (this.#bins[place] as number) + amount;
    this.#total += amount;
  }

  /** What fell into the last `bins` bins, the one of `at` included. */
  sum(at: number, bins = this.#bins.length): number {
    const last = Math.floor(at / this.binMs);
    this.#turnTo(last);
    if (last === this.#head && bins >= this.#bins.length) return this.#total;
    let sum = 0;
    for (let bin = Math.max(last - bins + 1, this.#head - this.#bins.length + 1, 0); bin <= last; bin++) {
      sum += this.#bins[bin % this.#bins.length] as number;
    }
    return sum;
  }

  /** The fullest bin there is. */
  fullest(at: number): number {
    this.#turnTo(Math.floor(at / this.binMs));
    return this.#bins.reduce((most, amount) => Math.max(most, amount), 0);
  }

  /** Takes out what another ring of the same bins has counted. */
  subtract(other: Ring): void {
    this.#turnTo(other.#head);
    for (let back = 0; back < this.#bins.length; back++) {
      const bin = other.#head - back;
      if (bin < 0 || bin <= this.#head - this.#bins.length) break;
      const place = bin % this.#bins.length;
      const taken = Math.min(this.#bins[place] as number, other.#bins[place] as number);
      this.#bins[place] = (this.#bins[place] as number) - taken;
      this.#total -= taken;
    }
  }

  clear(): void {
    this.#bins.fill(0);
    this.#total = 0;
  }

  save(): SavedRing {
    return { head: Number.isFinite(this.#head) ? this.#head : -1, bins: [...this.#bins] };
  }

  #turnTo(bin: number): void {
    if (bin <= this.#head || !Number.isFinite(bin)) return;
    if (bin - this.#head >= this.#bins.length) this.clear();
    else {
      for (let next = this.#head + 1; next <= bin; next++) {
        const place = next % this.#bins.length;
        this.#total -= this.#bins[place] as number;
        this.#bins[place] = 0;
      }
    }
    this.#head = bin;
  }
}
