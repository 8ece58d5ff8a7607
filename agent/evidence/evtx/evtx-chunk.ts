/**
 * One chunk of an .evtx file: a header of 512 bytes, records one after another, and space that is free or was
 * given up.
 *
 * Pure, and bounded: every step goes forward. As in libevtx, records count from the start of the chunk up to the last
 * one that its header names; what is found behind them, or behind the first that is broken, or in a chunk without a
 * good header, is recovered. A wrong checksum alone takes nothing away.
 */
import { parseEvent } from "../event-record.ts";
import type { EventTally } from "../event-tally.ts";
import { crc32 } from "./crc.ts";
import type { RecordPlace } from "./lower.ts";
import { ChunkRenderer } from "./render.ts";

export const CHUNK_BYTES = 64 * 1024;
const RECORDS_BEGIN = 512;
const CHUNK_MAGIC = new TextEncoder().encode("ElfChnk\0");
/** `**\0\0` */
const RECORD_MAGIC = 0x0000_2a2a;
const RECORD_HEADER_BYTES = 24;

export interface ChunkPosition {
  readonly name: string;
  /** False for a chunk behind those that a log closed in good order says it uses: all that is there is recovered. */
  readonly isInUse: boolean;
}

export const hasBytes = (bytes: Uint8Array, expected: Uint8Array): boolean =>
  bytes.length >= expected.length && expected.every((byte, i) => bytes[i] === byte);
export const isChunk = (bytes: Uint8Array): boolean => hasBytes(bytes, CHUNK_MAGIC);

export function readChunk(bytes: Uint8Array, { name, isInUse }: ChunkPosition, tally: EventTally): void {
  if (bytes.every((byte) => byte === 0)) return;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < CHUNK_BYTES) return loseCutChunk(view, name, tally);
  const header = readHeader(bytes, view);
  const places = header.isUsable ? walk(view, header.lastRecordAt) : [];
  const end = places.at(-1);
  const recovered = salvage(view, header.isUsable ? (end === undefined ? RECORDS_BEGIN : end.at + end.size) : 0);
  tally.recover(recovered + (isInUse ? 0 : places.length));
  if (!isInUse) return;
  if (!header.isUsable) tally.lose(0, `${name} has no good header; ${recovered} records were recovered from it`);
  else if (header.damage !== undefined) tally.lose(0, `${name} is damaged: ${header.damage}`);
  const missing = header.recordsPromised - places.length;
  if (missing > 0) tally.lose(missing, `${name}: ${missing} of ${header.recordsPromised} records are not readable`);

  const renderer = new ChunkRenderer(bytes);
  const unreadable = { records: 0, data: 0 };
  for (const place of places) {
    const rendered = renderer.render(place);
    const record = rendered.xml === undefined ? undefined : parseEvent(rendered.xml);
    if (record === undefined) unreadable.records++;
    else tally.add(record);
    if (record !== undefined && !rendered.isWhole) unreadable.data++;
  }
  if (unreadable.records > 0)
    tally.lose(unreadable.records, `${name}: the content of ${unreadable.records} records is not readable`);
  if (unreadable.data > 0)
    tally.lose(0, `${name}: ${unreadable.data} records are read but for a part of what they say`);
}

interface ChunkHeader {
  readonly isUsable: boolean;
  readonly damage: string | undefined;
  readonly lastRecordAt: number;
  /** By the numbers of its first and last record; 0 if these can't be. */
  readonly recordsPromised: number;
}

function readHeader(bytes: Uint8Array, view: DataView): ChunkHeader {
  const lastRecordAt = view.getUint32(0x2c, true);
  const freeAt = view.getUint32(0x30, true);
  const isUsable =
    isChunk(bytes) && view.getUint32(0x28, true) === 128 && freeAt >= RECORDS_BEGIN && freeAt <= CHUNK_BYTES;
  if (!isUsable) return { isUsable, damage: undefined, lastRecordAt: 0, recordsPromised: 0 };
  const isHeaderGood = view.getUint32(0x7c, true) === crc32(bytes.subarray(0, 0x78), bytes.subarray(0x80, 0x200));
  const areRecordsGood = view.getUint32(0x34, true) === crc32(bytes.subarray(RECORDS_BEGIN, freeAt));
  const damage = isHeaderGood
    ? areRecordsGood
      ? undefined
      : "the checksum of its records does not match"
    : "the checksum of its header does not match";
  return { isUsable, damage, lastRecordAt, recordsPromised: isHeaderGood ? promised(view) : 0 };
}

function promised(view: DataView): number {
  const count = view.getBigUint64(0x10, true) - view.getBigUint64(0x08, true) + 1n;
  const most = BigInt(Math.floor((CHUNK_BYTES - RECORDS_BEGIN) / RECORD_HEADER_BYTES));
  return count > 0n && count <= most ? Number(count) : 0;
}

/** Its records are checked by nothing, and libevtx does not read it either. */
function loseCutChunk(view: DataView, name: string, tally: EventTally): void {
  const count = view.byteLength >= RECORDS_BEGIN ? promised(view) : 0;
  const records = count > 0 ? `; its ${count} records are left out` : "";
  tally.lose(count, `the file ends within ${name}${records}`);
}

function walk(view: DataView, lastRecordAt: number): RecordPlace[] {
  const places: RecordPlace[] = [];
  for (let at = RECORDS_BEGIN; at <= lastRecordAt; ) {
    const size = recordSizeAt(view, at);
    if (size === undefined) break;
    places.push({ at, size });
    at += size;
  }
  return places;
}

function salvage(view: DataView, from: number): number {
  let found = 0;
  for (let at = from; at < CHUNK_BYTES - 4; at += 4) {
    const size = recordSizeAt(view, at);
    if (size === undefined || !hasContent(view, at, size)) continue;
    found++;
    at += size - 4;
  }
  return found;
}

/** Of the record there; undefined if there is none, or one whose two sizes disagree. */
function recordSizeAt(view: DataView, at: number): number | undefined {
  const rest = view.byteLength - at;
  if (rest < RECORD_HEADER_BYTES + 4 || view.getUint32(at, true) !== RECORD_MAGIC) return undefined;
  const size = view.getUint32(at + 4, true);
  if (size < RECORD_HEADER_BYTES || size > rest - 4) return undefined;
  return view.getUint32(at + size - 4, true) === size ? size : undefined;
}

/** Binary XML begins with a fragment header, version 1.1, or with a processing instruction. */
function hasContent(view: DataView, at: number, size: number): boolean {
  const content = at + RECORD_HEADER_BYTES;
  const length = size - RECORD_HEADER_BYTES - 4;
  if (length >= 5 && view.getUint8(content) === 0x0a) return true;
  return length >= 4 && view.getUint32(content, true) === 0x0001_010f;
}
