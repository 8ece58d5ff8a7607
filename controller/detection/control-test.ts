/**
 * The concurrent control test: was it the version, or would any machine have failed? At an event, q is the share of the
 * machines at risk that are exposed, a count as of the instant before. Were the version harmless, the failing machine
 * would be an exposed one with chance q; were it to multiply the rate by r, with chance r q / (r q + 1 - q). The ratio
 * of the two is the factor. Its mean under "harmless" is 1 whatever was seen before, so the product is a nonnegative
 * supermartingale, and by Ville's inequality P(it ever reaches 1 / alpha) <= alpha however often one looks.
 *
 * ter Schure, Perez-Ortiz, Ly, Grünwald, NEJSDS 2024, doi 10.51387/24-NEJSDS65.
 */
import { NEVER, TENTHS_A_MINUTE, UNKNOWN_WHEN } from "./clock.ts";
import type { Reached } from "./exposures.ts";
import type { Members } from "./risk-set.ts";

/** Rate ratios; the mean over them needs no guess of how bad a version is. */
export const RATES = [2, 5, 10, 50, 200, 1_000, 10_000] as const;
/** What "exposed" may mean. Without the lag bins a crash two hours after the update convicts innocents. */
export const LAGS = ["ever", "up to 30 min", "30 to 90 min", "1.5 to 4 h", "4 to 24 h"] as const;
const LAG_WEIGHTS = [0.4, 0.4, 0.08, 0.07, 0.05] as const;
export const FACTORS = LAGS.length * RATES.length;
const LAG_ENDS_TENTHS = [30, 90, 240, 1_440].map((minutes) => minutes * TENTHS_A_MINUTE);

/** The lag that a time since the write falls into, as an index of `LAGS`; 0: none but "ever". */
function lagOf(tenths: number): number {
  if (tenths >= (LAG_ENDS_TENTHS[2] as number)) return tenths < (LAG_ENDS_TENTHS[3] as number) ? 4 : 0;
  if (tenths < (LAG_ENDS_TENTHS[0] as number)) return 1;
  return tenths < (LAG_ENDS_TENTHS[1] as number) ? 2 : 3;
}

/** Exposed machines at risk, by lag; of how many whose exposure is known. */
export interface Counts {
  readonly exposed: Uint32Array;
  known: number;
  /** Exposed machines of which nobody knows any more whether they were at risk, by lag. */
  readonly perhaps: Uint32Array;
}
export const someCounts = (): Counts => ({
  exposed: new Uint32Array(LAGS.length),
  known: 0,
  perhaps: new Uint32Array(LAGS.length),
});

/** How many bits both have. */
function common(some: Int32Array, others: Int32Array): number {
  let sum = 0;
  for (let word = 0; word < others.length; word++) {
    let bits = (some[word] as number) & (others[word] as number);
    if (bits === 0) continue;
    bits -= (bits >>> 1) & 0x55_55_55_55;
    bits = (bits & 0x33_33_33_33) + ((bits >>> 2) & 0x33_33_33_33);
    sum += Math.imul((bits + (bits >>> 4)) & 0x0f_0f_0f_0f, 0x01_01_01_01) >>> 24;
  }
  return sum;
}

/**
 * Counts the exposed at risk as at `at`. A machine of which nobody knows since when it has the version is in neither
 * count, and an event on it gives no factor: the failing machine is asked about its content more closely than the
 * others, and counting what only a crash reveals would make every crash speak against the version.
 */
export function count(into: Counts, atRisk: Members, perhaps: Members, reached: Reached, at: number): void {
  into.known = atRisk.size - countExposed(into.exposed, atRisk, reached, at);
  if (perhaps.size > 0) countExposed(into.perhaps, perhaps, reached, at);
  else into.perhaps.fill(0);
}

/** @returns of how many nobody knows since when they have it */
function countExposed(exposed: Uint32Array, members: Members, reached: Reached, at: number): number {
  exposed.fill(0);
  if (at - reached.changedAt < (LAG_ENDS_TENTHS[3] as number)) return countByTimes(exposed, members, reached, at);
  // Beyond every lag, and as it is now.
  exposed[0] = common(members.bits, reached.exposed);
  return reached.unknown === undefined ? 0 : common(members.bits, reached.unknown);
}

function countByTimes(exposed: Uint32Array, members: Members, reached: Reached, at: number): number {
  const { written, cleared, exposed: now, unknown } = reached;
  let unsure = 0;
  for (let word = 0; word < now.length; word++) {
    let rest = members.bits[word] as number;
    if (cleared === undefined) rest &= (now[word] as number) | (unknown === undefined ? 0 : (unknown[word] as number));
    for (; rest !== 0; rest &= rest - 1) {
      const place = word * 32 + 31 - Math.clz32(rest & -rest);
      const time = written[place] as number;
      if (time === UNKNOWN_WHEN) {
        unsure++;
        continue;
      }
      if (time === NEVER || time > at) continue;
      if (cleared !== undefined) {
        const gone = cleared[place] as number;
        if (gone !== NEVER && gone <= at) continue;
      }
      exposed[0] = (exposed[0] as number) + 1;
      const lag = lagOf(at - time);
      if (lag > 0) exposed[lag] = (exposed[lag] as number) + 1;
    }
  }
  return unsure;
}

/**
 * The factor for each lag and rate of an event on a machine that took the version at `time`; 0: it never did. Who was
 * perhaps at risk counts where that speaks for the version: the factor is smaller, the larger q is, so the mean stays 1 at
 * most whoever of them was there.
 * @returns whether it says anything: where all that are at risk are exposed, or nobody is, all factors are 1
 */
export function factors(into: Float64Array, counts: Counts, time: number, at: number, hasLags: boolean): boolean {
  const lag = time === NEVER ? -1 : lagOf(at - time);
  let isNews = false;
  for (let test = 0; test < LAGS.length; test++) {
    const perhaps = counts.perhaps[test] as number;
    const exposed = (counts.exposed[test] as number) + perhaps;
    const known = counts.known + perhaps;
    const first = test * RATES.length;
    if (exposed === 0 || exposed === known || (test > 0 && !hasLags)) {
      into.fill(1, first, first + RATES.length);
      continue;
    }
    isNews = true;
    const q = exposed / known;
    const isExposed = lag >= 0 && (test === 0 || test === lag);
    for (let r = 0; r < RATES.length; r++) {
      const rate = RATES[r] as number;
      into[first + r] = (isExposed ? rate : 1) / (rate * q + 1 - q);
    }
  }
  return isNews;
}

/** Beyond this only the size of the number grows, and JSON has no infinity. */
export const LOG_E_MAX = 690;

/** The evidence of one signal, or of one hardware model: logarithms by lag and rate, and their weighted mean. */
export class Evidence {
  readonly logs: Float64Array;
  /** By lag, the mean over rates. */
  readonly #means = new Float64Array(LAGS.length);
  /** Lags whose mean is not up to date; a bit each. */
  #stale = (1 << LAGS.length) - 1;
  #mean = 1;
  readonly #hasLags: boolean;

  constructor(hasLags: boolean, logs: ArrayLike<number> = new Float64Array(FACTORS)) {
    this.logs = Float64Array.from(logs);
    this.#hasLags = hasLags;
  }

  /** Takes a cluster's old factor out and its new one in. */
  replace(test: number, old: number, log: number): void {
    this.logs[test] = (this.logs[test] as number) + log - old;
    this.#stale |= 1 << Math.floor(test / RATES.length);
  }

  /** Nothing speaks against it any more; what speaks for it stays. */
  restart(): void {
    for (let i = 0; i < FACTORS; i++) this.logs[i] = Math.min(0, this.logs[i] as number);
    this.#stale = (1 << LAGS.length) - 1;
  }

  /** The mean over rates and the weighted mean over lags. */
  get mean(): number {
    if (this.#stale === 0) return this.#mean;
    let mean = 0;
    for (let lag = 0; lag < LAGS.length; lag++) {
      if ((this.#stale & (1 << lag)) !== 0) this.#means[lag] = this.#meanOf(lag);
      mean += (this.#hasLags ? (LAG_WEIGHTS[lag] as number) : Number(lag === 0)) * (this.#means[lag] as number);
    }
    this.#stale = 0;
    this.#mean = mean;
    return mean;
  }

  #meanOf(lag: number): number {
    let sum = 0;
    for (let r = 0; r < RATES.length; r++) {
      const log = this.logs[lag * RATES.length + r] as number;
      sum += log === 0 ? 1 : Math.exp(Math.min(LOG_E_MAX, log));
    }
    return sum / RATES.length;
  }
}
