/**
 * Triage dumps as Windows leaves them in C:\Windows\Minidump: the lab's header, with drivers, names and a stack behind it.
 *
 * Written from the layouts of Microsoft's debugger headers, apart from the reader's code; the sample lane holds the
 * reader against dumps of real machines.
 */
import { crashDump, type KernelStop } from "../lab/crash-dump.ts";

export interface DumpedDriver {
  readonly name: string;
  readonly base: bigint;
  readonly bytes?: number;
}
export interface TriageDumpParts {
  readonly stop?: KernelStop;
  readonly crashedAt?: number;
  readonly uptimeMs?: number;
  readonly drivers?: readonly DumpedDriver[];
  readonly unloaded?: readonly DumpedDriver[];
  /** The words of the stack, the nearest call first; the stack pointer is at the first. */
  readonly stack?: readonly bigint[];
  /** Which driver Windows named, by its place in the list. */
  readonly broken?: number;
  /** Where the processor was when it stopped. */
  readonly instruction?: bigint;
  readonly exceptionAddress?: bigint;
  /** Other versions of Windows have longer entries. */
  readonly entryBytes?: number;
}

export const KERNEL: DumpedDriver = {
  name: "\\SystemRoot\\system32\\ntoskrnl.exe",
  base: 0xffff_f804_1000_0000n,
  bytes: 0x100_0000,
};
export const FILTER: DumpedDriver = { name: "FLTMGR.SYS", base: 0xffff_f804_2000_0000n };
export const VENDOR: DumpedDriver = {
  name: "\\SystemRoot\\system32\\DRIVERS\\acmeguard.sys",
  base: 0xffff_f804_3000_0000n,
};
export const STACK_AT = 0xffff_8504_0000_1000n;
const IMAGE_BYTES = 0x1_0000;
const TRIAGE_AT = 0x2000;

export function aTriageDump(parts: TriageDumpParts = {}): Buffer {
  const stop = parts.stop ?? { code: 0x1000_007e, parameters: [0xffff_ffff_c000_0005n, VENDOR.base + 0x123n, 0n, 0n] };
  const { drivers = [KERNEL, FILTER, VENDOR], unloaded = [], stack = [], entryBytes = 144 } = parts;
  const header = crashDump(stop, parts.crashedAt ?? Date.UTC(2026, 6, 19, 4, 12, 33, 123), parts.uptimeMs ?? 61_500);
  header.writeBigUInt64LE(parts.instruction ?? KERNEL.base + 0x10n, 0x348 + 0xf8);
  header.writeBigUInt64LE(STACK_AT, 0x348 + 0x98);
  header.writeBigUInt64LE(parts.exceptionAddress ?? KERNEL.base + 0x10n, 0xf10);

  const unloadedAt = TRIAGE_AT + 0x80;
  const stackAt = unloadedAt + 8 + 56 * unloaded.length;
  const listAt = stackAt + 8 * stack.length;
  const poolAt = listAt + entryBytes * drivers.length;
  const strings = drivers.map(({ name }) => {
    const string = Buffer.alloc(4 + 2 * name.length + 2 + 6); // a NUL behind, then up to the next multiple of eight
    string.writeUInt32LE(name.length, 0);
    string.write(name, 4, "utf16le");
    return string.subarray(0, (4 + 2 * name.length + 2 + 7) & ~7);
  });
  const list = Buffer.alloc(entryBytes * drivers.length);
  let nameAt = poolAt;
  for (const [i, { base, bytes = IMAGE_BYTES }] of drivers.entries()) {
    list.writeUInt32LE(nameAt, i * entryBytes);
    list.writeBigUInt64LE(base, i * entryBytes + 0x38);
    list.writeUInt32LE(bytes, i * entryBytes + 0x48);
    nameAt += strings[i]?.length ?? 0;
  }
  const triage = Buffer.alloc(0x80);
  const fields: readonly (readonly [number, number])[] = [
    [0x18, unloadedAt],
    [0x28, stackAt],
    [0x2c, 8 * stack.length],
    [0x30, listAt],
    [0x34, drivers.length],
    [0x38, poolAt],
    [0x3c, nameAt - poolAt],
    [0x40, parts.broken === undefined ? 0 : listAt + entryBytes * parts.broken],
  ];
  for (const [offset, value] of fields) triage.writeUInt32LE(value, offset);
  triage.writeBigUInt64LE(STACK_AT, 0x48);
  return Buffer.concat([header, triage, unloadedList(unloaded), words(stack), list, ...strings]);
}

function unloadedList(drivers: readonly DumpedDriver[]): Buffer {
  const list = Buffer.alloc(8 + 56 * drivers.length);
  list.writeUInt32LE(drivers.length, 0);
  for (const [i, { name, base, bytes = IMAGE_BYTES }] of drivers.entries()) {
    list.write(name.slice(0, 12), 8 + 56 * i + 16, "utf16le");
    list.writeBigUInt64LE(base, 8 + 56 * i + 40);
    list.writeBigUInt64LE(base + BigInt(bytes), 8 + 56 * i + 48);
  }
  return list;
}

function words(stack: readonly bigint[]): Buffer {
  const bytes = Buffer.alloc(8 * stack.length);
  for (const [i, word] of stack.entries()) bytes.writeBigUInt64LE(word, 8 * i);
  return bytes;
}
