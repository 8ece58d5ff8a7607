/**
 * How much of a year's error each version may use up. Hundreds of versions a year are each watched for weeks; judged at
 * alpha each, a harmless one would be convicted every few days. The shares are fixed at first sight, so no version's
 * evidence moves another's, and they sum up to one: over a year, the chance that any harmless version is ever convicted
 * is alpha at most.
 */
import { DAY_MS } from "./clock.ts";

const YEAR_MS = 365 * DAY_MS;
/** What a fleet in its steady state has in hand; a new one begins with that instead of waiting for days. */
const AHEAD_MS = 2 * DAY_MS;
const MEAN_DAYS = 30;

export interface SavedBudget {
  readonly yearBeganAt: number;
  readonly beganAt: number;
  readonly given: number;
  readonly added: readonly number[];
}

export class Budget {
  #beganAt: number;
  #yearBeganAt: number;
  #given: number;
  /** When the new versions of the last 30 days appeared. */
  #added: number[];

  constructor(saved?: SavedBudget) {
    this.#beganAt = saved?.beganAt ?? Number.NaN;
    this.#yearBeganAt = saved?.yearBeganAt ?? Number.NaN;
    this.#given = saved?.given ?? 0;
    this.#added = [...(saved?.added ?? [])];
  }

  begin(at: number): void {
    if (!Number.isNaN(this.#beganAt)) return;
    this.#beganAt = at;
    this.#yearBeganAt = at;
  }

  /** The share of a version that is new at `at`. */
  give(at: number): number {
    while (at - this.#yearBeganAt >= YEAR_MS) {
      this.#yearBeganAt += YEAR_MS;
      this.#given = 0;
    }
    this.#added = this.#added.filter((before) => at - before < MEAN_DAYS * DAY_MS);
    this.#added.push(at);
    const days = Math.min(MEAN_DAYS, Math.max(1, (at - this.#beganAt) / DAY_MS));
    const aDay = Math.max(1, this.#added.length / days);
    const today = this.#added.filter((before) => Math.floor(before / DAY_MS) === Math.floor(at / DAY_MS)).length;
    const due = Math.min(1, (at - this.#yearBeganAt + AHEAD_MS) / YEAR_MS);
    const share = (due - this.#given) / (2 * Math.max(aDay, today));
    this.#given += share;
    return share;
  }

  save(): SavedBudget {
    return { yearBeganAt: this.#yearBeganAt, beganAt: this.#beganAt, given: this.#given, added: this.#added };
  }
}
