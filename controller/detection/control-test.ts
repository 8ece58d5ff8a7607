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
import type { Places } from "./risk-set.ts";

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
}
export const someCounts = (): Counts => ({ exposed: new Uint32Array(LAGS.length), known: 0 });

/**
 * Counts the exposed at risk as at `at`. A machine of which nobody knows since when it has the version is in neither
 * count, and an event on it gives no factor: the failing machine is asked about its content more closely than the
 * others, and counting what only a crash reveals would make every crash speak against the version.
 */
export function count(
  into: Counts,
  { places, size }: Places,
  written: Uint32Array,
  cleared: Uint32Array | undefined,
  at: number,
): void {
  const { exposed } = into;
  exposed.fill(0);
  let known = 0;
  for (let i = 0; i < size; i++) {
    const place = places[i] as number;
    const time = written[place] as number;
    if (time === UNKNOWN_WHEN) continue;
    known++;
    if (time === NEVER || time > at) continue;
    if (cleared !== undefined) {
      const gone = cleared[place] as number;
      if (gone !== NEVER && gone <= at) continue;
    }
    exposed[0] = (exposed[0] as number) + 1;
    const lag = lagOf(at - time);
    if (lag > 0) exposed[lag] = (exposed[lag] as number) + 1;
  }
  into.known = known;
}

/** The factor for each lag and rate of an event on a machine that took the version at `time`; 0: it never did. */
export function factors(into: Float64Array, counts: Counts, time: number, at: number, hasLags: boolean): void {
  const lag = time === NEVER ? -1 : lagOf(at - time);
  for (let test = 0; test < LAGS.length; test++) {
    const q = (counts.exposed[test] as number) / counts.known;
    const isExposed = lag >= 0 && (test === 0 || test === lag);
    for (let r = 0; r < RATES.length; r++) {
      const rate = RATES[r] as number;
      const isOff = test > 0 && !hasLags;
      into[test * RATES.length + r] = isOff ? 1 : (isExposed ? rate : 1) / (rate * q + 1 - q);
    }
  }
}

/** The mean over rates and the weighted mean over lags, from logarithms, as a logarithm. */
export function logMixture(logs: Float64Array, hasLags: boolean): number {
  let most = Number.NEGATIVE_INFINITY;
  for (const log of logs) if (log > most) most = log;
  let sum = 0;
  for (let test = 0; test < LAGS.length; test++) {
    const weight = hasLags ? (LAG_WEIGHTS[test] as number) : Number(test === 0);
    for (let r = 0; r < RATES.length; r++) sum += weight * Math.exp((logs[test * RATES.length + r] as number) - most);
  }
  return most + Math.log(sum / RATES.length);
}
