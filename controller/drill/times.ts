/** From ticks of a simulated world to the detector's milliseconds, and to what the clocks on the walls show. */
import { MINUTE, TICK_MS } from "./calendar.ts";

/** A Monday, 0:00 UTC. */
const ORIGIN_MS = Date.UTC(2026, 0, 5);
const WEEK_MINUTES = 10_080;
export const DAY_MINUTES = 1_440;

export class Times {
  /** Of the week, UTC, Monday 0:00 is 0. */
  readonly #startMinute: number;

  constructor(startMinute: number) {
    this.#startMinute = startMinute;
  }

  /** Milliseconds since 1970. */
  at(tick: number): number {
    return ORIGIN_MS + this.#startMinute * 60_000 + tick * TICK_MS;
  }

  /** The minute of the week where clocks are `zone` minutes ahead of UTC. */
  weekMinute(tick: number, zone: number): number {
    const minute = this.#startMinute + zone + tick / MINUTE;
    return ((minute % WEEK_MINUTES) + WEEK_MINUTES) % WEEK_MINUTES;
  }
}

/** Monday is 0. */
export const dayOf = (weekMinute: number): number => Math.floor(weekMinute / DAY_MINUTES);
