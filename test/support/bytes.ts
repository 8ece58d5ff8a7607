import type { ByteSource } from "../../agent/evidence/byte-source.ts";

/** Bytes in memory, as a reader of files sees them. */
export function byteSource(bytes: Uint8Array): ByteSource {
  return { size: bytes.length, read: (offset, length) => bytes.subarray(offset, offset + length) };
}
