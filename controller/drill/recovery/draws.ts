/**
 * Chance without state: the same seed, machine and purpose give the same number, in whatever order they are asked for.
 *
 * So two runs that decide differently still meet the same machines, and a difference between them is the strategy's.
 */

/** What is drawn; each purpose has numbers of its own. */
export const DRAW = {
  rung: 1,
  order: 2,
  boot: 3,
  settle: 4,
  pickUp: 5,
  begin: 6,
  moment: 7,
  gap: 8,
  heal: 9,
  visit: 10,
  fails: 11,
  worse: 12,
  away: 13,
  lucky: 14,
  exposed: 15,
} as const;
type Purpose = (typeof DRAW)[keyof typeof DRAW];

export class Draws {
  readonly #seed: number;

  constructor(seed: number) {
    this.#seed = mixed(seed | 0);
  }

  /** From 0 up to, not including, 1. @param nth of several numbers for the same purpose */
  share(machine: number, purpose: Purpose, nth = 0): number {
    return this.word(machine, purpose, nth) / 2 ** 32;
  }

  /** A whole number; both ends included. */
  between(least: number, most: number, machine: number, purpose: Purpose, nth = 0): number {
    return least + Math.floor(this.share(machine, purpose, nth) * (most - least + 1));
  }

  word(machine: number, purpose: Purpose, nth = 0): number {
    return (
      mixed(mixed(this.#seed ^ Math.imul(machine + 1, 0x9e3779b1)) ^ (purpose * 0x85ebca6b + nth * 0xc2b2ae35)) >>> 0
    );
  }
}

/** Every bit of the input reaches every bit of the result. */
function mixed(word: number): number {
  let bits = word;
  bits = Math.imul(bits ^ (bits >>> 16), 0x7feb352d);
  bits = Math.imul(bits ^ (bits >>> 15), 0x846ca68b);
  return bits ^ (bits >>> 16);
}
