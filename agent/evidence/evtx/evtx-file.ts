/**
 * An .evtx file: a header of 4 KiB, then chunks of 64 KiB, each of which can be read by itself.
 *
 * Pure. The chunks are walked to the end of the file. The header's count of chunks is written when a log is closed, so in
 * the log of a machine that crashed it is stale: it is believed only where neither its flag nor a chunk says otherwise.
 * Which records count, and which are merely recovered, is decided as libevtx does, so that figures can be compared.
 */
import type { ByteSource } from "../byte-source.ts";
import type { EventTally } from "../event-tally.ts";
import { hasBytes, isChunk, readChunk } from "./evtx-chunk.ts";
import { CHUNK_BYTES } from "./layout.ts";
import { crc32 } from "./crc.ts";
import { readWhole } from "../read-whole.ts";
import { WORKSPACE_BYTES } from "./render.ts";

const HEADER_BYTES = 4096;
const MAGIC = new TextEncoder().encode("ElfFile\0");
/** The header counts chunks in 16 bits, so what lies behind is no part of a log. */
const CHUNKS_MAX = 0x1_0000;
/** A list of losses that nobody reads to its end. */
const EMPTY_SAID_MAX = 100;
/** Looked at to find out whether a file without a good header is a log nevertheless. */
const SLOTS_LOOKED_AT = 4096;

/** By its header, or, where that is broken, by any chunk in its place. */
export function isEvtx(source: ByteSource): boolean {
  if (hasBytes(readWhole(source, 0, MAGIC.length), MAGIC)) return true;
  const slots = Math.min(SLOTS_LOOKED_AT, Math.ceil((source.size - HEADER_BYTES) / CHUNK_BYTES));
  for (let i = 0; i < slots; i++) if (isChunk(readWhole(source, HEADER_BYTES + i * CHUNK_BYTES, 8))) return true;
  return false;
}

/** @param chunksMax if there are more, those with the newest records are read, and no other is missed */
export function readEvtx(source: ByteSource, tally: EventTally, chunksMax: number): void {
  const header = readHeader(source);
  if (header.because !== undefined) tally.lose(0, header.because);
  const workspace = new Uint8Array(WORKSPACE_BYTES);
  let empty: number[] = [];
  const chunks = Math.ceil((source.size - HEADER_BYTES) / CHUNK_BYTES);
  if (chunks > CHUNKS_MAX) tally.lose(0, "only the first 4 GiB were read: no log is longer");
  for (const i of chunksToRead(source, Math.min(chunks, CHUNKS_MAX), chunksMax)) {
    const offset = HEADER_BYTES + i * CHUNK_BYTES;
    const bytes = readWhole(source, offset, Math.min(CHUNK_BYTES, source.size - offset));
    // Beyond the last chunk in use of a log that was closed in good order lies what is of earlier days, unless its records
    // come after all that the header knows of: then the header is stale, whatever it says of itself.
    const isInUse = i < header.chunksInUse || firstNumberIn(bytes) >= header.nextRecord;
    if (!readChunk(bytes, { name: `chunk ${i}`, isInUse }, workspace, tally)) {
      if (isInUse && empty.length < EMPTY_SAID_MAX) empty.push(i);
      continue;
    }
    // Space is used from the front, so what is empty in front of a chunk was not always.
    for (const lost of empty) tally.lose(0, `chunk ${lost} is nothing but zeros; what it held is lost`);
    empty = [];
  }
}

function chunksToRead(source: ByteSource, chunks: number, most: number): readonly number[] {
  const all = Array.from({ length: Math.max(0, chunks) }, (_, i) => i);
  if (chunks <= most) return all;
  const dated = all.flatMap((i) => {
    const head = readWhole(source, HEADER_BYTES + i * CHUNK_BYTES, 32);
    if (!isChunk(head) || head.length < 32) return [];
    return [{ i, lastRecord: new DataView(head.buffer, head.byteOffset).getBigUint64(0x10, true) }];
  });
  dated.sort((a, b) => (a.lastRecord < b.lastRecord ? 1 : a.lastRecord > b.lastRecord ? -1 : 0));
  return dated.slice(0, most).map(({ i }) => i);
}

/** The number of a chunk's first record; 0 if it has none. */
function firstNumberIn(chunk: Uint8Array): bigint {
  if (!isChunk(chunk) || chunk.length < 16) return 0n;
  return new DataView(chunk.buffer, chunk.byteOffset).getBigUint64(0x08, true);
}

interface FileHeader {
  readonly chunksInUse: number;
  /** The number that the next record will have, as far as the header knows. */
  readonly nextRecord: bigint;
  readonly because?: string;
}

function readHeader(source: ByteSource): FileHeader {
  const bytes = readWhole(source, 0, 128);
  const unknown = { chunksInUse: Number.POSITIVE_INFINITY, nextRecord: 0n };
  if (bytes.length < 128) return { ...unknown, because: "the file ends within its header" };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (!hasBytes(bytes, MAGIC) || view.getUint32(0x7c, true) !== crc32(bytes.subarray(0, 0x78)))
    return { ...unknown, because: "the header of the file is damaged; its chunks were read without it" };
  const isDirty = (view.getUint32(0x78, true) & 1) !== 0;
  return isDirty ? unknown : { chunksInUse: view.getUint16(0x2a, true), nextRecord: view.getBigUint64(0x18, true) };
}
