/** Text as Windows writes it to a file: UTF-16 or UTF-8, with or without a mark in front, perhaps with NULs behind. */
import type { ByteSource } from "./byte-source.ts";

/** @param bytesMax what is behind is left out, so that a file of any length can be looked at */
export function textOf(source: ByteSource, bytesMax: number): string {
  const bytes = source.read(0, Math.min(source.size, bytesMax));
  const text = new TextDecoder(encodingOf(bytes)).decode(bytes);
  let end = text.length;
  while (text[end - 1] === "\0") end--;
  return text.slice(0, end);
}

/** By the first bytes of a file. The decoder itself drops the mark. Letters of most languages have a zero as every second byte in UTF-16. */
export function encodingOf([first, second]: Uint8Array): string {
  if (first === 0xfe && second === 0xff) return "utf-16be";
  if (first === 0xff && second === 0xfe) return "utf-16le";
  return first !== undefined && first !== 0 && second === 0 ? "utf-16le" : "utf-8";
}
