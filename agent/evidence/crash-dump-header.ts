/**
 * The header that every crash dump of a 64-bit Windows kernel opens with, from a minidump to a MEMORY.DMP of gigabytes.
 *
 * Offsets are those of DUMP_HEADER64 in Microsoft's debugger headers; dumps of real machines agree. Windows fills what
 * it does not write with "PAGE", so a field may hold that instead of a value. A field that holds nothing sensible is
 * null, and a note says so.
 */
import { INSTANT_MAX, type Instant } from "../../protocol/time.ts";
import type { ByteSource } from "./byte-source.ts";
import { pieceOf, u32, u64 } from "./structure.ts";

export const HEADER_BYTES = 0x2000;
/** Up to the end of the bugcheck's parameters: with less, a dump says nothing. */
const LEAST_BYTES = 0x60;
const FILLER = 0x4547_4150; // "PAGE"
/** Set in the code when the bugcheck came through an exception filter (0x1000007E); it is the same bugcheck. */
const M_BIT = 0x1000_0000;
/** FILETIME counts 100 ns since 1601. */
const FILETIME_OF_1970 = 116_444_736_000_000_000n;
/** Dates beyond are no dates of crashes; the filler would be in the 174th century. */
const LAST_DATE_MS = Math.min(INSTANT_MAX, Date.UTC(10_000, 0));
/** A hundred years. */
const LONGEST_UPTIME_SECONDS = 100 * 366 * 86_400;
const AMD64 = 0x8664;
const ARM64 = 0xaa64;

export interface DumpHeader {
  readonly code: number;
  readonly parameters: readonly [bigint, bigint, bigint, bigint];
  readonly build: number;
  readonly machine: number;
  /** What kind of dump it is; 4 is a triage dump, which alone has a list of drivers. Null: cut off before it. */
  readonly type: number | null;
  readonly crashedAt: Instant | null;
  readonly uptimeSeconds: number | null;
  /** What the processor was at when it stopped. */
  readonly context: { readonly instruction: bigint; readonly stack: bigint } | null;
  readonly exceptionAddress: bigint | null;
}

/** @param notes receives what could not be read */
export function readHeader(source: ByteSource, notes: string[]): DumpHeader | undefined {
  const start = pieceOf(source, 0, LEAST_BYTES);
  if (start === undefined) return undefined;
  const whole = pieceOf(source, 0, HEADER_BYTES);
  if (whole === undefined)
    notes.push(`the dump is cut off in its header, after ${source.size} of ${HEADER_BYTES} bytes`);
  const at = (offset: number): bigint | null => {
    const field = pieceOf(source, offset, 8);
    return field === undefined ? null : u64(field, 0);
  };
  const type = at(0xf98);
  const machine = u32(start, 0x30);
  return {
    code: (u32(start, 0x38) & ~M_BIT) >>> 0,
    parameters: [u64(start, 0x40), u64(start, 0x48), u64(start, 0x50), u64(start, 0x58)],
    build: u32(start, 0x0c),
    machine,
    type: type === null ? null : Number(type & 0xffff_ffffn),
    crashedAt: instantOf(at(0xfa8), notes),
    uptimeSeconds: uptimeOf(at(0x1030), notes),
    context: contextOf(whole, machine),
    exceptionAddress: at(0xf10),
  };
}

const isFiller = (value: bigint): boolean => Number(value & 0xffff_ffffn) === FILLER;

function instantOf(filetime: bigint | null, notes: string[]): Instant | null {
  if (filetime === null) return null; // cut off: said once for the header
  const ms = Number((filetime - FILETIME_OF_1970) / 10_000n);
  if (!isFiller(filetime) && ms >= 0 && ms < LAST_DATE_MS) return ms as Instant;
  notes.push("the dump does not say when the machine crashed");
  return null;
}

function uptimeOf(ticks: bigint | null, notes: string[]): number | null {
  if (ticks === null) return null;
  const seconds = Number(ticks) / 1e7;
  if (!isFiller(ticks) && seconds <= LONGEST_UPTIME_SECONDS) return seconds;
  notes.push("the dump does not say how long the machine had been up");
  return null;
}

/** CONTEXT stands at 0x348; where its registers are depends on the processor. */
function contextOf(header: DataView | undefined, machine: number): DumpHeader["context"] {
  if (header === undefined) return null;
  if (machine === AMD64) return { instruction: u64(header, 0x348 + 0xf8), stack: u64(header, 0x348 + 0x98) };
  if (machine === ARM64) return { instruction: u64(header, 0x348 + 0x108), stack: u64(header, 0x348 + 0x100) };
  return null;
}
