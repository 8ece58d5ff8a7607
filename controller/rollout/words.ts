/** Times and durations as a person reads them. Always UTC and said so: a console may add its own zone, a log must not. */
import type { Instant } from "../../protocol/time.ts";

/** "2026-11-22T12:00:00Z" */
export const utc = (instant: Instant): string => new Date(instant).toISOString().replace(/\.\d{3}Z$/, "Z");

const UNITS = [
  [86_400_000, "d"],
  [3_600_000, "h"],
  [60_000, "min"],
  [1_000, "s"],
] as const;

/** "1 h 30 min": the two largest units; "0 s" for less than a second. */
export function duration(ms: number): string {
  const first = UNITS.findIndex(([unit]) => ms >= unit);
  if (first < 0) return "0 s";
  let left = ms;
  const parts = UNITS.slice(first, first + 2).flatMap(([unit, name]) => {
    const count = Math.floor(left / unit);
    left -= count * unit;
    return count > 0 ? [`${count} ${name}`] : [];
  });
  return parts.join(" ");
}

/** "1 device", "2 devices" */
export const devices = (count: number): string => `${count} ${count === 1 ? "device" : "devices"}`;
