/** A source may give less than was asked for at a time; this asks until there is no more. Pure. */
import type { ByteSource } from "./byte-source.ts";

/** At most `length` bytes, fewer only at the end of the source. */
export function readWhole(source: ByteSource, offset: number, length: number): Uint8Array {
  const first = source.read(offset, length);
  if (first.length >= length || first.length === 0) return first.subarray(0, length);
  const whole = new Uint8Array(length);
  whole.set(first);
  let filled = first.length;
  while (filled < length) {
    const more = source.read(offset + filled, length - filled);
    if (more.length === 0) break;
    whole.set(more.subarray(0, length - filled), filled);
    filled += more.length;
  }
  return whole.subarray(0, filled);
}
