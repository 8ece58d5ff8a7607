/**
 * What every part of the controller may ask for: the time, dice, a wake-up, a log.
 *
 * What the parts ask of each other stands in `ports/`. The orchestrator and the edges meet only there; main.ts chooses.
 */
import type { Instant } from "../protocol/time.ts";

export interface Clock {
  now(): Instant;
  /** Calls back once, not before `ms` have passed; returns how to forget it. */
  after(ms: number, call: () => void): () => void;
}

/** At least `count` random bytes; a seed in the simulator. */
export type Random = (count: number) => Uint8Array;

/** Wakes whoever reads the change feed or shows it. A lost wake-up delays, it loses nothing. */
export interface Bus {
  feedGrew(): void;
  onFeedGrew(call: () => void): () => void;
}

/** Structured log lines; never a secret, never a file's contents. */
export interface Log {
  info(fields: Readonly<Record<string, unknown>>, message: string): void;
  warn(fields: Readonly<Record<string, unknown>>, message: string): void;
  error(fields: Readonly<Record<string, unknown>>, message: string): void;
}
