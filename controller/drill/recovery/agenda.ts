/**
 * What each machine does next, by the second. At most one thing a machine stands; a newer one replaces it.
 *
 * A bucket a second instead of a heap: millions of machines come and go, and each costs the same. Machines of one second
 * come in ascending order, so that whoever reads the agenda does the same things in the same order.
 */
const NOTHING = -1;

export class Agenda {
  readonly #heads: Int32Array;
  readonly #due: Int32Array;
  /** Entries: a replaced one stays until its second comes, and means nothing then. */
  #machines: Int32Array;
  #following: Int32Array;
  readonly #grain: number;
  #free = NOTHING;
  #used = 0;
  #second = 0;
  #waiting = 0;

  /**
   * @param seconds how far ahead anything may stand; what is later never happens
   * @param grain seconds that are looked at: every one, or every so many; what falls between waits for the next
   */
  constructor(machines: number, seconds: number, grain: number) {
    this.#grain = grain;
    this.#heads = new Int32Array(seconds + 1).fill(NOTHING);
    this.#due = new Int32Array(machines).fill(NOTHING);
    this.#machines = new Int32Array(Math.max(16, machines));
    this.#following = new Int32Array(Math.max(16, machines));
  }

  put(machine: number, wanted: number): void {
    const second = Math.ceil(wanted / this.#grain) * this.#grain;
    if (second >= this.#heads.length) {
      this.#due[machine] = NOTHING;
      return;
    }
    const entry = this.#newEntry();
    this.#machines[entry] = machine;
    this.#following[entry] = this.#heads[second] ?? NOTHING;
    this.#heads[second] = entry;
    this.#due[machine] = second;
    this.#waiting += 1;
    if (second < this.#second) this.#second = second;
  }

  drop(machine: number): void {
    this.#due[machine] = NOTHING;
  }

  /** When the machine does its next thing; -1: nothing stands. */
  dueOf(machine: number): number {
    return this.#due[machine] ?? NOTHING;
  }

  /** The next second at which anything stands; Infinity: none. Replaced things count, and cost a look. */
  nextSecond(): number {
    if (this.#waiting === 0) return Number.POSITIVE_INFINITY;
    while (this.#second < this.#heads.length && this.#heads[this.#second] === NOTHING) this.#second += 1;
    return this.#second < this.#heads.length ? this.#second : Number.POSITIVE_INFINITY;
  }

  /** Takes out who is due at this second. What they do next must be put after it. */
  take(second: number): readonly number[] {
    const found: number[] = [];
    let entry = this.#heads[second] ?? NOTHING;
    if (second < this.#heads.length) this.#heads[second] = NOTHING;
    while (entry !== NOTHING) {
      const machine = this.#machines[entry] ?? 0;
      const following = this.#following[entry] ?? NOTHING;
      this.#following[entry] = this.#free;
      this.#free = entry;
      this.#waiting -= 1;
      if (this.#due[machine] === second) {
        this.#due[machine] = NOTHING; // twice on the same second is once
        found.push(machine);
      }
      entry = following;
    }
    return found.sort((a, b) => a - b);
  }

  #newEntry(): number {
    const free = this.#free;
    if (free !== NOTHING) {
      this.#free = this.#following[free] ?? NOTHING;
      return free;
    }
    if (this.#used === this.#machines.length) {
      this.#machines = grown(this.#machines);
      this.#following = grown(this.#following);
    }
    return this.#used++;
  }
}

function grown(array: Int32Array): Int32Array {
  const larger = new Int32Array(array.length * 2);
  larger.set(array);
  return larger;
}
