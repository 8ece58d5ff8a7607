/**
 * What is used of `@ts-evtx/core`, with types: its own don't resolve under Node's module rules, and would let anything
 * through unchecked.
 */
import * as library from "@ts-evtx/core";

/** Reads from the bytes it is given. */
export type Reader = object;

interface Chunk {
  /** The name at that offset. */
  getString(at: number): string | null;
}

interface Library {
  readonly BinaryReader: new (bytes: Uint8Array) => Reader;
  readonly ChunkHeader: new (reader: Reader, at: number) => Chunk;
  readonly Record: new (reader: Reader, at: number, chunk: Chunk) => { renderXml(): string };
  /** CRC-32, possibly as a negative number. */
  crc32Checksum(bytes: Uint8Array): number;
}

export const evtx = library as unknown as Library;
