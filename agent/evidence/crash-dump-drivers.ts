/**
 * The drivers in a triage dump (C:\Windows\Minidump): those that were loaded, those that had been unloaded, and the stack.
 *
 * Layouts are TRIAGE_DUMP64, DUMP_DRIVER_ENTRY64 and DUMP_UNLOADED_DRIVERS64 of Microsoft's debugger headers; every
 * offset in them counts from the start of the file. A driver's entry has another length in other versions of Windows, so
 * the length is found by which one makes the names come out. Counts are bounded by the file and by LIMITS.
 */
import type { ByteSource } from "./byte-source.ts";
import { HEADER_BYTES } from "./crash-dump-header.ts";
import { pieceOf, u32, u64, utf16 } from "./structure.ts";

/** A Windows machine has some 200 drivers; names of files end at 260 characters, paths of drivers soon after. */
const LIMITS = { drivers: 4_096, unloaded: 50, nameChars: 1_024, stackBytes: 0x10000 } as const;
const TRIAGE_BYTES = 0x50;
/** Fields of DUMP_DRIVER_ENTRY64 that are where they are in every version, and the entry's length in Windows 10. */
const ENTRY = { name: 0, base: 0x38, imageBytes: 0x48, usedBytes: 0x50, usualBytes: 144, longestBytes: 512 } as const;
const UNLOADED_BYTES = 56;

export interface LoadedDriver {
  /** As the dump says it: a file name, or a path in the kernel's own notation. */
  readonly name: string;
  readonly base: bigint;
  readonly end: bigint;
}
export interface Triage {
  readonly drivers: readonly LoadedDriver[];
  readonly unloaded: readonly LoadedDriver[];
  /** The driver that Windows itself took for the broken one, if it did. */
  readonly broken: string | null;
  /** Copied from the kernel's stack, the nearest call first. */
  readonly stack: { readonly address: bigint; readonly bytes: DataView } | null;
}

/** @param notes receives what could not be read */
export function readTriage(source: ByteSource, notes: string[]): Triage {
  const triage = pieceOf(source, HEADER_BYTES, TRIAGE_BYTES);
  if (triage === undefined) {
    notes.push("the dump ends before its list of drivers");
    return { drivers: [], unloaded: [], broken: null, stack: null };
  }
  const brokenEntry = pieceOf(source, u32(triage, 0x40), 4);
  return {
    drivers: readDrivers(source, triage, notes),
    unloaded: readUnloaded(source, u32(triage, 0x18)),
    broken: u32(triage, 0x40) === 0 || brokenEntry === undefined ? null : readName(source, u32(brokenEntry, 0)),
    stack: readStack(source, triage),
  };
}

function readDrivers(source: ByteSource, triage: DataView, notes: string[]): LoadedDriver[] {
  const start = u32(triage, 0x30);
  const said = u32(triage, 0x34);
  const room = Math.max(0, Math.floor((source.size - start) / ENTRY.usedBytes));
  const count = Math.min(said, LIMITS.drivers, start < HEADER_BYTES ? 0 : room);
  const entryBytes = entryBytesOf(source, start, count, u32(triage, 0x38));
  const drivers: LoadedDriver[] = [];
  for (let i = 0; i < count; i++) {
    const entry = pieceOf(source, start + i * entryBytes, ENTRY.usedBytes);
    if (entry === undefined) break;
    const name = readName(source, u32(entry, ENTRY.name));
    if (name === null) continue;
    const base = u64(entry, ENTRY.base);
    drivers.push({ name, base, end: base + BigInt(u32(entry, ENTRY.imageBytes)) });
  }
  if (drivers.length < said) notes.push(`of ${said} drivers that the dump announces, ${drivers.length} could be read`);
  return drivers;
}

/** The length with which most of the first entries have a name; the usual one if none is better. */
function entryBytesOf(source: ByteSource, start: number, count: number, poolStart: number): number {
  const between = Math.floor((poolStart - start) / Math.max(1, count));
  const tried = [ENTRY.usualBytes, between];
  for (let bytes = ENTRY.usedBytes; bytes <= ENTRY.longestBytes; bytes += 8) tried.push(bytes);
  const sample = Math.min(count, 8);
  let best = { bytes: ENTRY.usualBytes as number, named: -1 };
  for (const bytes of tried) {
    if (bytes < ENTRY.usedBytes || bytes > ENTRY.longestBytes) continue;
    let named = 0;
    for (let i = 0; i < sample; i++) {
      const entry = pieceOf(source, start + i * bytes, ENTRY.usedBytes);
      if (entry !== undefined && readName(source, u32(entry, ENTRY.name)) !== null) named++;
    }
    if (named > best.named) best = { bytes, named };
    if (best.named === sample) break;
  }
  return best.bytes;
}

/** DUMP_STRING: a count of characters, then UTF-16. */
function readName(source: ByteSource, offset: number): string | null {
  if (offset < HEADER_BYTES) return null;
  const length = pieceOf(source, offset, 4);
  if (length === undefined) return null;
  const chars = u32(length, 0);
  if (chars === 0 || chars > LIMITS.nameChars) return null;
  const letters = pieceOf(source, offset + 4, 2 * chars);
  const name = letters === undefined ? "" : utf16(letters);
  return name === "" ? null : name;
}

function readUnloaded(source: ByteSource, start: number): LoadedDriver[] {
  const counted = start < HEADER_BYTES ? undefined : pieceOf(source, start, 4);
  if (counted === undefined) return [];
  const unloaded: LoadedDriver[] = [];
  for (let i = 0; i < Math.min(u32(counted, 0), LIMITS.unloaded); i++) {
    const entry = pieceOf(source, start + 8 + i * UNLOADED_BYTES, UNLOADED_BYTES);
    if (entry === undefined) break;
    // The name is cut to twelve characters by Windows.
    const name = utf16(new DataView(entry.buffer, entry.byteOffset + 16, 24));
    if (name !== "") unloaded.push({ name, base: u64(entry, 40), end: u64(entry, 48) });
  }
  return unloaded;
}

function readStack(source: ByteSource, triage: DataView): Triage["stack"] {
  const start = u32(triage, 0x28);
  if (start < HEADER_BYTES) return null;
  const length = Math.min(u32(triage, 0x2c), LIMITS.stackBytes, Math.max(0, source.size - start));
  const bytes = pieceOf(source, start, length - (length % 8));
  return bytes === undefined || bytes.byteLength === 0 ? null : { address: u64(triage, 0x48), bytes };
}
