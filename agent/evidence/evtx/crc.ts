/** The checksum of .evtx files, over one or several stretches as if they were one. */
import { evtx } from "./library.ts";

export function crc32(...stretches: readonly Uint8Array[]): number {
  const [only] = stretches;
  if (only !== undefined && stretches.length === 1) return evtx.crc32Checksum(only) >>> 0;
  const whole = new Uint8Array(stretches.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const stretch of stretches) {
    whole.set(stretch, at);
    at += stretch.length;
  }
  return evtx.crc32Checksum(whole) >>> 0;
}
