/**
 * Structures of Windows in a file: a piece of it that is there whole, or nothing.
 *
 * Offsets and lengths come out of the file itself and may be anything, so none is used before it was held against the
 * file's size.
 */
import type { ByteSource } from "./byte-source.ts";

/** Undefined: the file does not hold all of it. */
export function pieceOf(source: ByteSource, offset: number, length: number): DataView | undefined {
  if (!Number.isSafeInteger(offset) || offset < 0 || length < 0 || offset + length > source.size) return undefined;
  const bytes = source.read(offset, length);
  return bytes.length < length ? undefined : new DataView(bytes.buffer, bytes.byteOffset, length);
}

export const u32 = (view: DataView, offset: number): number => view.getUint32(offset, true);
export const u64 = (view: DataView, offset: number): bigint => view.getBigUint64(offset, true);

/** UTF-16 up to the first NUL. */
export function utf16(view: DataView): string {
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  return (new TextDecoder("utf-16le").decode(bytes).split("\0", 1)[0] ?? "").trim();
}
