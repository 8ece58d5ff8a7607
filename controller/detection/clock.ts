/**
 * Time in the columns: tenths of a second since a start of the detector's own, so that millions of times fit in 32 bits
 * for 13 years. Two small values are kept free, because a time is also an answer: never, and nobody knows when.
 */
export const NEVER = 0;
export const UNKNOWN_WHEN = 1;
const FIRST = 2;
/** As the end of an interval: it has not ended. */
export const ONGOING = 0xff_ff_ff_ff;

export const SECOND_MS = 1_000;
export const MINUTE_MS = 60 * SECOND_MS;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;
export const TENTHS_A_MINUTE = 600;
export const TENTHS_A_DAY = 864_000;

const TENTH_MS = 100;
/** What happened longer before the first telling than this is dated so. */
const PAST_MS = 400 * DAY_MS;

export class Clock {
  startMs: number;

  constructor(startMs: number | null) {
    this.startMs = startMs ?? Number.NaN;
  }

  get hasBegun(): boolean {
    return !Number.isNaN(this.startMs);
  }

  begin(at: number): void {
    this.startMs = Math.floor(at / DAY_MS) * DAY_MS - PAST_MS;
  }

  tenths(ms: number): number {
    const tenths = Math.floor((ms - this.startMs) / TENTH_MS);
    if (tenths < FIRST) return FIRST;
    return tenths < ONGOING ? tenths : ONGOING - 1;
  }

  ms(tenths: number): number {
    return this.startMs + tenths * TENTH_MS;
  }
}
