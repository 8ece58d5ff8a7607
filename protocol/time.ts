/** Time on the wire and in storage: integer milliseconds UTC. Decisions take the time as an argument. */
import { z } from "zod";

/** The last time that a Date can hold: one later cannot be shown, and must not stop who tries. */
export const INSTANT_MAX = 8_640_000_000_000_000;
/** Milliseconds since the epoch. Branded so that a duration is never passed for a time. */
export const Instant = z.int().min(0).max(INSTANT_MAX).brand<"Instant">();
export type Instant = z.infer<typeof Instant>;

/** A year. A longer duration in a frame is a mistake in the unit; what really lasted longer is said to be this. */
export const DURATION_MS_MAX = 366 * 86_400_000;
/** A duration in milliseconds, at most a year. */
export const DurationMs = z.int().min(0).max(DURATION_MS_MAX);

export const at = (iso: string): Instant => Instant.parse(Date.parse(iso));
export const later = (instant: Instant, ms: number): Instant => (instant + ms) as Instant;
