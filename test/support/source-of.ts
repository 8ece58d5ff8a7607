/** A file in memory, as a reader sees it. */
import type { ByteSource } from "../../agent/evidence/byte-source.ts";

export const sourceOf = (bytes: Uint8Array): ByteSource => ({
  size: bytes.length,
  read: (offset, length) => bytes.subarray(offset, offset + length),
});
