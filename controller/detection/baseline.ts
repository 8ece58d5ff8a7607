/**
 * The baseline test: do machines crash more often after taking the version than machines do otherwise? It sees what the
 * control test cannot, a version that everybody took at once. Under a rate of at most lambda0, rho^k exp(-(rho-1)
 * lambda0 T) is a supermartingale for k bugchecks in the machine-time T.
 *
 * lambda0 is three times the larger one of what was learnt and what the rest of the fleet did in the last six hours, as
 * a running maximum: compared event by event against windows that end later, 7 of 10 harmless versions were convicted at
 * 10,000 exposed. At most two bugchecks a cluster count, because sites crash together. T is rounded up: whoever took it
 * counts as at risk through the whole window, which can only make the version look better.
 *
 * Machines crash more often just after they came, and many take what is new just then. So to what is usual in the time T
 * comes what is usual for all comings since the version appeared, whoever of those had it.
 */
import { DAY_MS, HOUR_MS, MINUTE_MS } from "./clock.ts";
import { Ring, type SavedRing } from "./ring.ts";

const RHOS = [2, 5, 20, 100, 500] as const;
const LOG_RHOS = RHOS.map((rho) => Math.log(rho));
const WINDOWS_MS = [30 * MINUTE_MS, 24 * HOUR_MS] as const;
const WINDOW_BINS = 60;
const USUAL_TIMES = 3;
/** A site's crashes within five minutes beyond these are one cause. */
export const CAP_PER_CLUSTER = 2;
const RECENT_BIN_MS = 5 * MINUTE_MS;
const RECENT_BINS = 72;
/** Less machine-time of others than this says nothing about the rate. */
const OTHERS_MIN_DAYS = 1;

/** What the fleet did in the last six hours. */
export class RecentBugchecks {
  readonly #events: Ring;
  readonly #machineMs: Ring;

  constructor(saved?: { readonly events: SavedRing; readonly machineMs: SavedRing }) {
    this.#events = new Ring(RECENT_BIN_MS, RECENT_BINS, saved?.events);
    this.#machineMs = new Ring(RECENT_BIN_MS, RECENT_BINS, saved?.machineMs);
  }

  noteEvent(at: number): void {
    this.#events.add(at, 1);
  }
  noteTime(at: number, machineMs: number): void {
    this.#machineMs.add(at, machineMs);
  }

  /** A machine and day, of those outside of a version's window. */
  ratePerDay(now: number, own: { readonly events: number; readonly machineMs: number }): number {
    const days = (this.#machineMs.sum(now) - own.machineMs) / DAY_MS;
    return Math.max(0, this.#events.sum(now) - own.events) / Math.max(OTHERS_MIN_DAYS, days);
  }

  save(): { readonly events: SavedRing; readonly machineMs: SavedRing } {
    return { events: this.#events.save(), machineMs: this.#machineMs.save() };
  }
}

/** Bugchecks of a machine and day, and early ones of all comings since the version appeared; learnt. */
export interface Usually {
  readonly perDay: number;
  readonly early: number;
}

export interface SavedWindow {
  readonly entered: readonly number[];
  readonly active: number;
  readonly machineMs: number;
  readonly nextBin: number;
  readonly counted: number;
  readonly ratePerDay: number;
  readonly recentEvents: SavedRing;
  readonly recentMs: SavedRing;
}

class Window {
  readonly #windowMs: number;
  /** Machines by when they took the version; they leave in the same bins, a bin late. */
  readonly #entered: Float64Array;
  readonly #binMs: number;
  #nextBin: number;
  #active: number;
  #machineMs: number;
  /** Bugchecks that the test counts. */
  counted: number;
  #ratePerDay: number;
  readonly #recentEvents: Ring;
  readonly #recentMs: Ring;

  constructor(windowMs: number, at: number, saved?: SavedWindow) {
    this.#windowMs = windowMs;
    this.#binMs = windowMs / WINDOW_BINS;
    this.#entered = Float64Array.from(saved?.entered ?? new Float64Array(WINDOW_BINS + 1));
    this.#nextBin = saved?.nextBin ?? Math.floor(at / this.#binMs) + 1;
    this.#active = saved?.active ?? 0;
    this.#machineMs = saved?.machineMs ?? 0;
    this.counted = saved?.counted ?? 0;
    this.#ratePerDay = saved?.ratePerDay ?? 0;
    this.#recentEvents = new Ring(RECENT_BIN_MS, RECENT_BINS, saved?.recentEvents);
    this.#recentMs = new Ring(RECENT_BIN_MS, RECENT_BINS, saved?.recentMs);
  }

  holds(sinceWriteMs: number): boolean {
    return sinceWriteMs < this.#windowMs;
  }

  take(now: number, writtenAt: number): void {
    this.#turnTo(now);
    const sinceMs = now - writtenAt;
    if (!this.holds(sinceMs)) {
      this.#machineMs += this.#windowMs;
      return;
    }
    const running = this.#nextBin - 1;
    const bin = Math.min(running, Math.max(Math.floor(writtenAt / this.#binMs), running - WINDOW_BINS));
    const place = bin % this.#entered.length;
    this.#entered[place] = (this.#entered[place] as number) + 1;
    this.#active++;
    // Time runs in whole bins from the bin of the write on.
    const before = (this.#nextBin - bin) * this.#binMs;
    this.#machineMs += before;
    this.#recentMs.add(now, before);
  }

  /** Machines of the window crashed, whether the test counts it or not: the others' rate must not hold it. */
  noteOwn(at: number): void {
    this.#recentEvents.add(at, 1);
  }

  /** Logarithms of the evidence by rho, into `logs` from `first` on. */
  evidence(logs: Float64Array, first: number, now: number, usually: Usually, recent: RecentBugchecks | null): void {
    this.#turnTo(now);
    const own = { events: this.#recentEvents.sum(now), machineMs: this.#recentMs.sum(now) };
    const usual = Math.max(usually.perDay, recent?.ratePerDay(now, own) ?? 0) * (recent === null ? 1 : USUAL_TIMES);
    this.#ratePerDay = Math.max(this.#ratePerDay, usual);
    // The bin that runs now counts as a whole, too.
    const inTime = (this.#ratePerDay * (this.#machineMs + this.#active * this.#binMs)) / DAY_MS;
    const expected = inTime + (recent === null ? 0 : USUAL_TIMES * usually.early);
    for (let i = 0; i < RHOS.length; i++) {
      logs[first + i] = this.counted * (LOG_RHOS[i] as number) - ((RHOS[i] as number) - 1) * expected;
    }
  }

  #turnTo(now: number): void {
    const until = Math.floor(now / this.#binMs);
    for (let bin = this.#nextBin; bin <= until; bin++) {
      if (this.#active === 0) {
        this.#entered.fill(0);
        this.#nextBin = until + 1;
        return;
      }
      const grown = this.#active * this.#binMs;
      this.#machineMs += grown;
      this.#recentMs.add(bin * this.#binMs, grown);
      const place = bin % this.#entered.length;
      this.#active -= this.#entered[place] as number;
      this.#entered[place] = 0;
      this.#nextBin = bin + 1;
    }
  }

  save(): SavedWindow {
    return {
      entered: [...this.#entered],
      active: this.#active,
      machineMs: this.#machineMs,
      nextBin: this.#nextBin,
      counted: this.counted,
      ratePerDay: this.#ratePerDay,
      recentEvents: this.#recentEvents.save(),
      recentMs: this.#recentMs.save(),
    };
  }
}

export class Baseline {
  readonly #windows: readonly Window[];
  readonly #logs = new Float64Array(WINDOWS_MS.length * RHOS.length);

  constructor(at: number, saved?: readonly SavedWindow[]) {
    this.#windows = WINDOWS_MS.map((windowMs, i) => new Window(windowMs, at, saved?.[i]));
  }

  /** A machine took the version. */
  take(now: number, writtenAt: number): void {
    for (const window of this.#windows) window.take(now, writtenAt);
  }

  /** @param isCapped its cluster has given enough already */
  crash(now: number, sinceWriteMs: number, isCapped: boolean): void {
    for (const window of this.#windows) {
      if (!window.holds(sinceWriteMs)) continue;
      window.noteOwn(now);
      if (!isCapped) window.counted++;
    }
  }

  /** The mean over windows and rates, as a logarithm. @param recent null: only what was learnt counts */
  log(now: number, usually: Usually, recent: RecentBugchecks | null): number {
    const logs = this.#logs;
    for (const [i, window] of this.#windows.entries()) window.evidence(logs, i * RHOS.length, now, usually, recent);
    let most = Number.NEGATIVE_INFINITY;
    for (const log of logs) if (log > most) most = log;
    let sum = 0;
    for (const log of logs) sum += Math.exp(log - most);
    return most + Math.log(sum / logs.length);
  }

  /** After a conviction explained what was counted. */
  restart(): void {
    for (const window of this.#windows) window.counted = 0;
  }

  save(): SavedWindow[] {
    return this.#windows.map((window) => window.save());
  }
}
