/**
 * Seeded dice for a simulated fleet. A name is the whole seed: each part of a world has dice of its own, so that one roll
 * more in one part changes nothing in another, and a world can be played again from its seed alone.
 */
const UNIT = 2 ** -32;

export class DrillDice {
  readonly #name: string;
  /** Of the generator sfc32; a typed array, since whole numbers of 32 bits in fields would be boxed. */
  readonly #state: Int32Array;

  constructor(name: string) {
    this.#name = name;
    this.#state = new Int32Array(4);
    for (let lane = 0; lane < 3; lane++) this.#state[lane] = hashOf(`${lane}/${name}`);
    this.#state[3] = 1;
    for (let round = 0; round < 12; round++) this.word();
  }

  of(part: string): DrillDice {
    return new DrillDice(`${this.#name}/${part}`);
  }

  /** A whole number of 32 bits. */
  word(): number {
    const state = this.#state;
    const b = state[1] as number; // four lanes, all written in the constructor
    const c = state[2] as number;
    const d = state[3] as number;
    const sum = ((state[0] as number) + b + d) | 0;
    state[3] = d + 1;
    state[0] = b ^ (b >>> 9);
    state[1] = c + (c << 3);
    state[2] = ((c << 21) | (c >>> 11)) + sum;
    return sum >>> 0;
  }

  /** From 0 up to, but not 1. */
  unit(): number {
    return this.word() * UNIT;
  }

  below(bound: number): number {
    return Math.floor(this.unit() * bound);
  }

  /** Any number from `least` to `most`. */
  between(least: number, most: number): number {
    return least + this.unit() * (most - least);
  }

  chance(probability: number): boolean {
    return this.unit() < probability;
  }

  exponential(mean: number): number {
    return -mean * Math.log(1 - this.unit());
  }

  normal(mean: number, deviation: number): number {
    return mean + deviation * Math.sqrt(-2 * Math.log(1 - this.unit())) * Math.cos(2 * Math.PI * this.unit());
  }

  logNormal(median: number, sigma: number): number {
    return median * Math.exp(this.normal(0, sigma));
  }

  poisson(mean: number): number {
    if (mean > 50) return Math.max(0, Math.round(this.normal(mean, Math.sqrt(mean))));
    let count = -1;
    for (let product = 1; product > Math.exp(-mean); count++) product *= 1 - this.unit();
    return Math.max(0, count);
  }
}

/** The same number of 32 bits for the same number, spread evenly: habits of a device that need no memory. */
export function mixed(number: number, salt: number): number {
  let hash = Math.imul(number ^ Math.imul(salt, 0x9e3779b1), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 15), 0xc2b2ae35);
  hash = Math.imul(hash ^ (hash >>> 13), 0x27d4eb2f);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** The same, from 0 up to 1. */
export const habit = (number: number, salt: number): number => mixed(number, salt) * UNIT;

function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return mixed(hash, 7) | 0;
}
