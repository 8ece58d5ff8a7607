/**
 * How many ready devices wait at each site, or of each role, and which of those without room hold most of them back.
 *
 * Invariant: every answer is what a walk over all sites would give. It is kept with each change, so that saying why
 * nothing happens costs the same whether one site is full or all of them are.
 */
import { Frontier, IndexedHeap } from "./heap.ts";

export class HeldBack {
  readonly #waiting: Int32Array;
  readonly #isFull: Uint8Array;
  /** Full sites at which somebody waits; first the one with most, of equals the one with the lowest number. */
  readonly #holding: IndexedHeap;
  #devices = 0;

  /** @param size sites at which devices may come to wait; others may be full, but hold nobody back */
  constructor(size: number) {
    this.#waiting = new Int32Array(size);
    this.#isFull = new Uint8Array(size);
    this.#holding = new IndexedHeap(new Int32Array(size).fill(-1), (a, b) => this.#holdsMore(a, b));
  }

  /** How many sites hold somebody back. */
  get sites(): number {
    return this.#holding.items.length;
  }
  /** How many devices are held back by all of them. */
  get devices(): number {
    return this.#devices;
  }
  waitingAt(site: number): number {
    return this.#waiting[site] ?? 0;
  }

  /** Of the sites that hold somebody back those with most devices, at most `countMax`. */
  most(countMax: number): readonly number[] {
    const { items } = this.#holding;
    const found: number[] = [];
    const frontier = new Frontier<number>((a, b) => this.#holdsMore(items[a] ?? 0, items[b] ?? 0));
    for (let place: number | undefined = 0; found.length < countMax && place !== undefined; place = frontier.take()) {
      const site = items[place];
      if (site === undefined) break;
      found.push(site);
      for (const child of [2 * place + 1, 2 * place + 2]) if (child < items.length) frontier.add(child);
    }
    return found;
  }

  /** So many more ready devices wait at the site; fewer, if negative. */
  wait(site: number, change: number): void {
    const before = this.waitingAt(site);
    this.#waiting[site] = before + change;
    if (this.#isFull[site] === 1) this.#replace(site, before, before + change);
  }

  setFull(site: number, isFull: boolean): void {
    if ((this.#isFull[site] === 1) === isFull) return;
    this.#isFull[site] = isFull ? 1 : 0;
    const waiting = this.waitingAt(site);
    if (isFull) this.#replace(site, 0, waiting);
    else this.#replace(site, waiting, 0);
  }

  /** A full site held `before` devices back, and now `after`. */
  #replace(site: number, before: number, after: number): void {
    this.#devices += after - before;
    if (before > 0 && after > 0) this.#holding.moved(site);
    else if (after > 0) this.#holding.add(site);
    else if (before > 0) this.#holding.remove(site);
  }

  #holdsMore(a: number, b: number): boolean {
    const [first, second] = [this.waitingAt(a), this.waitingAt(b)];
    return first > second || (first === second && a < b);
  }
}
