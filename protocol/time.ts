/** Time on the wire and in storage: integer milliseconds UTC. Decisions take the time as an argument. */
import { z } from "zod";

/** Milliseconds since the epoch. Branded so that a duration is never passed for a time. */
export const Instant = z.int().min(0).brand<"Instant">();
export type Instant = z.infer<typeof Instant>;

/** A duration in milliseconds, at most a year: longer is a mistake in the unit. */
export const DurationMs = z
  .int()
  .min(0)
  .max(366 * 86_400_000);

export const at = (iso: string): Instant => Instant.parse(Date.parse(iso));
export const later = (instant: Instant, ms: number): Instant => (instant + ms) as Instant;
