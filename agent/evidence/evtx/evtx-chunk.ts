/**
 * One chunk of an .evtx file: a header of 512 bytes, records one after another, and space that is free or was
 * given up.
 *
 * Pure, and bounded: every step goes forward. As in libevtx, records count from the start of the chunk up to the last
 * one that its header names; what is found behind them, or behind the first that is broken, or in a chunk without a
 * good header, is recovered. A wrong checksum alone takes nothing away.
 */
import { isOfBoots } from "../boot-marks.ts";
import { type EventRecord, parseEvent } from "../event-record.ts";
import type { EventTally } from "../event-tally.ts";
import { crc32 } from "./crc.ts";
import { CHUNK_BYTES, RECORD_HEADER_BYTES, type RecordPlace } from "./layout.ts";
import { ChunkRenderer } from "./render.ts";

const RECORDS_BEGIN = 512;
const CHUNK_MAGIC = new TextEncoder().encode("ElfChnk\0");
/** `**\0\0` */
const RECORD_MAGIC = 0x0000_2a2a;

export interface ChunkPosition {
  readonly name: string;
  /** False for a chunk behind those that a log closed in good order says it uses: all that is there is recovered. */
  readonly isInUse: boolean;
}

export const hasBytes = (bytes: Uint8Array, expected: Uint8Array): boolean =>
  bytes.length >= expected.length && expected.every((byte, i) => bytes[i] === byte);
/** Word by word where they lie so: a log may have gigabytes of space that was never used. */
function isEmpty(bytes: Uint8Array): boolean {
  const isAligned = bytes.byteOffset % 4 === 0;
  const words = isAligned ? new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length >>> 2) : new Uint32Array();
  for (let i = 0; i < words.length; i++) if (words[i] !== 0) return false;
  for (let i = 4 * words.length; i < bytes.length; i++) if (bytes[i] !== 0) return false;
  return true;
}

export const isChunk = (bytes: Uint8Array): boolean => hasBytes(bytes, CHUNK_MAGIC);

/**
 * False if there is nothing in it, not even a header: it was never used, or was lost.
 * @param workspace of WORKSPACE_BYTES, for this reader alone; what is in it does not matter
 */
export function readChunk(
  bytes: Uint8Array,
  { name, isInUse }: ChunkPosition,
  workspace: Uint8Array,
  tally: EventTally,
): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (isEmpty(bytes)) return false;
  if (bytes.length < CHUNK_BYTES) {
    if (isInUse) loseCutChunk(bytes, view, name, tally);
    return true;
  }
  const header = readHeader(bytes, view);
  const places = header.isUsable ? walk(view, header.lastRecordAt) : [];
  const end = places.at(-1);
  const recovered = salvage(view, header.isUsable ? (end === undefined ? RECORDS_BEGIN : end.at + end.size) : 0);
  tally.recover(recovered + (isInUse ? 0 : places.length));
  if (!isInUse) return true;
  if (!header.isUsable) tally.lose(0, `${name} has no good header; ${recovered} records were recovered from it`);
  else if (header.damage !== undefined) tally.lose(0, `${name} is damaged: ${header.damage}`);
  const missing = header.recordsPromised - places.length;
  if (missing > 0) tally.lose(missing, `${name}: ${missing} of ${header.recordsPromised} records are not readable`);

  const unreadable = { records: 0, data: 0 };
  const renderer = new ChunkRenderer(bytes, workspace);
  for (const place of places) {
    const record = readRecord(renderer, place);
    if (record === undefined) unreadable.records++;
    else tally.add(record);
    if (record?.isWhole === false) unreadable.data++;
  }
  if (unreadable.records > 0)
    tally.lose(unreadable.records, `${name}: the content of ${unreadable.records} records is not readable`);
  if (unreadable.data > 0) tally.lose(0, `${name}: ${unreadable.data} records of boots are read but for their data`);
  return true;
}

/** Its data only where they tell of boots: they cost more than all the rest. */
function readRecord(renderer: ChunkRenderer, place: RecordPlace): (EventRecord & { isWhole: boolean }) | undefined {
  const { xml } = renderer.render(place, false);
  const record = xml === undefined ? undefined : parseEvent(xml, isOfBoots);
  if (record === undefined || !isOfBoots(record.provider, record.eventId))
    return record && { ...record, isWhole: true };
  const whole = renderer.render(place, true);
  return { ...((whole.xml === undefined ? undefined : parseEvent(whole.xml)) ?? record), isWhole: whole.isWhole };
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
  const isGood = isHeaderGood(bytes, view);
  const areRecordsGood = view.getUint32(0x34, true) === crc32(bytes.subarray(RECORDS_BEGIN, freeAt));
  const damage = isGood
    ? areRecordsGood
      ? undefined
      : "the checksum of its records does not match"
    : "the checksum of its header does not match";
  return { isUsable, damage, lastRecordAt, recordsPromised: isGood ? promised(view) : 0 };
}

function promised(view: DataView): number {
  const count = view.getBigUint64(0x10, true) - view.getBigUint64(0x08, true) + 1n;
  const most = BigInt(Math.floor((CHUNK_BYTES - RECORDS_BEGIN) / RECORD_HEADER_BYTES));
  return count > 0n && count <= most ? Number(count) : 0;
}

/** Its records are checked by nothing, and libevtx does not read it either. */
function loseCutChunk(bytes: Uint8Array, view: DataView, name: string, tally: EventTally): void {
  const count = bytes.length >= RECORDS_BEGIN && isChunk(bytes) && isHeaderGood(bytes, view) ? promised(view) : 0;
  const records = count > 0 ? `; its ${count} records are left out` : "";
  tally.lose(count, `the file ends within ${name}${records}`);
}

const isHeaderGood = (bytes: Uint8Array, view: DataView): boolean =>
  view.getUint32(0x7c, true) === crc32(bytes.subarray(0, 0x78), bytes.subarray(0x80, 0x200));

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
