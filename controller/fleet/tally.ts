/** How many there are of each. A count that falls to nothing is forgotten. */
export class Tally<Key> implements Iterable<[Key, number]> {
  private readonly counts = new Map<Key, number>();

  of(key: Key): number {
    return this.counts.get(key) ?? 0;
  }

  /** One less of `from` and one more of `to`, of each if there is any. */
  move(from: Key | undefined, to: Key | undefined): void {
    if (from === to) return;
    if (from !== undefined) this.add(from, -1);
    if (to !== undefined) this.add(to, 1);
  }

  private add(key: Key, by: number): void {
    const count = this.of(key) + by;
    if (count === 0) this.counts.delete(key);
    else this.counts.set(key, count);
  }

  [Symbol.iterator](): Iterator<[Key, number]> {
    return this.counts[Symbol.iterator]();
  }
}
