/**
 * What waits to be evaluated: a crash until what other machines wrote before it has been reported too, a silence until
 * the machine should have been back. Looked at on a fixed grid of time, and in an order of its own, so that the numbers
 * depend neither on when somebody asks nor on the order of reports within a tick.
 */
import type { Crash } from "./types.ts";

export const TICK_MS = 2_000;

export interface WaitingCrash {
  readonly device: number;
  readonly crash: Crash;
}
export interface SavedDue {
  readonly crashes: readonly (readonly [number, readonly WaitingCrash[]])[];
  readonly silences: readonly (readonly [number, readonly number[]])[];
}

export class Due {
  readonly #crashes: Map<number, WaitingCrash[]>;
  readonly #silences: Map<number, number[]>;

  constructor(saved?: SavedDue) {
    this.#crashes = new Map(saved?.crashes.map(([tick, crashes]) => [tick, [...crashes]]));
    this.#silences = new Map(saved?.silences.map(([tick, devices]) => [tick, [...devices]]));
  }

  addCrash(dueAt: number, waiting: WaitingCrash): void {
    add(this.#crashes, dueAt, waiting);
  }
  addSilence(dueAt: number, device: number): void {
    add(this.#silences, dueAt, device);
  }

  /** Crashes that are due at this tick, by when they happened. */
  crashes(tick: number): readonly WaitingCrash[] {
    const due = taken(this.#crashes, tick);
    return due.sort((a, b) => a.crash.crashedAt - b.crash.crashedAt || a.device - b.device);
  }
  /** Devices whose silence is due, each once. */
  silences(tick: number): readonly number[] {
    return taken(this.#silences, tick);
  }

  get isEmpty(): boolean {
    return this.#crashes.size === 0 && this.#silences.size === 0;
  }

  save(): SavedDue {
    return { crashes: [...this.#crashes], silences: [...this.#silences] };
  }
}

/** The first tick that is not before `at`. */
export const tickAt = (at: number): number => Math.ceil(at / TICK_MS) * TICK_MS;

function add<T>(waiting: Map<number, T[]>, dueAt: number, what: T): void {
  const tick = tickAt(dueAt);
  const there = waiting.get(tick);
  if (there === undefined) waiting.set(tick, [what]);
  else there.push(what);
}

function taken<T>(waiting: Map<number, T[]>, tick: number): T[] {
  const due = waiting.get(tick) ?? [];
  waiting.delete(tick);
  return due;
}
