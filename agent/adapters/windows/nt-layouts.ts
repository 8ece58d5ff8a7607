/** The structures of Windows' file calls, as bytes: 64-bit, little endian, on x64 and arm64 alike (ntifs.h). Pure. */
import { type Instant, INSTANT_MAX } from "../../../protocol/time.ts";
import type { Handle } from "./nt.ts";

/** FILE_INFORMATION_CLASS */
export const INFORMATION = {
  basic: 4,
  standard: 5,
  internal: 6,
  rename: 10,
  disposition: 13,
  attributeTag: 35,
  directory: 37,
} as const;

/** Times in units of 100 ns since 1601, UTC: kept whole, because they are put back. */
export interface FileTimes {
  readonly createdAt: bigint;
  readonly accessedAt: bigint;
  readonly writtenAt: bigint;
}
export interface BasicInformation extends FileTimes {
  readonly changedAt: bigint;
  readonly attributes: number;
}

export const BASIC_BYTES = 40;
export const readBasic = (bytes: Buffer): BasicInformation => ({
  createdAt: bytes.readBigInt64LE(0),
  accessedAt: bytes.readBigInt64LE(8),
  writtenAt: bytes.readBigInt64LE(16),
  changedAt: bytes.readBigInt64LE(24),
  attributes: bytes.readUInt32LE(32),
});

/** The change time is the file system's own: 0 leaves it. */
export function basicInformation(times: FileTimes, attributes: number): Buffer {
  const bytes = Buffer.alloc(BASIC_BYTES);
  bytes.writeBigInt64LE(times.createdAt, 0);
  bytes.writeBigInt64LE(times.accessedAt, 8);
  bytes.writeBigInt64LE(times.writtenAt, 16);
  bytes.writeUInt32LE(attributes, 32);
  return bytes;
}

export const STANDARD_BYTES = 24;
export const readStandard = (bytes: Buffer) => ({
  sizeBytes: Number(bytes.readBigInt64LE(8)),
  links: bytes.readUInt32LE(16),
});

export const renameInformation = (folder: Handle, name: string, replace: boolean): Buffer => {
  const letters = Buffer.from(name, "utf16le");
  const bytes = Buffer.alloc(Math.max(24, 20 + letters.length));
  bytes.writeUInt8(replace ? 1 : 0, 0);
  bytes.writeBigInt64LE(BigInt(folder), 8);
  bytes.writeUInt32LE(letters.length, 16);
  letters.copy(bytes, 20);
  return bytes;
};

export interface DirectoryEntry {
  readonly name: string;
  readonly attributes: number;
}

const NAME_AT = 104;
/** What one FILE_ID_BOTH_DIR_INFORMATION buffer holds. Every offset is held against the buffer. */
export function readDirectory(bytes: Buffer): readonly DirectoryEntry[] {
  const entries: DirectoryEntry[] = [];
  for (let at = 0; at + NAME_AT <= bytes.length; ) {
    const nameEnd = Math.min(bytes.length, at + NAME_AT + bytes.readUInt32LE(at + 60));
    entries.push({ name: bytes.toString("utf16le", at + NAME_AT, nameEnd), attributes: bytes.readUInt32LE(at + 56) });
    const next = bytes.readUInt32LE(at);
    if (next === 0) break;
    at += next;
  }
  return entries;
}

/** Milliseconds between 1601 and 1970. */
const EPOCH_MS = 11_644_473_600_000n;
/** A time that no clock of ours can show becomes the nearest that can. */
export const instantOf = (fileTime: bigint): Instant =>
  Math.min(INSTANT_MAX, Math.max(0, Number(fileTime / 10_000n - EPOCH_MS))) as Instant;
