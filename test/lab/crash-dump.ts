/**
 * Small crash dumps as Windows leaves them: a DUMP_HEADER64 that a reader can trust, and nothing behind it.
 *
 * Offsets are those of DUMP_HEADER64 in Microsoft's debugger headers, checked against dumps of real machines by
 * `crash-dump.test.ts`. Unused bytes hold "PAGE", as Windows fills them.
 */
export interface KernelStop {
  readonly code: number;
  readonly parameters: readonly [bigint, bigint, bigint, bigint];
}

const HEADER_BYTES = 0x2000;
const TRIAGE_DUMP = 4;
const AMD64 = 0x8664;
/** FILETIME counts 100 ns since 1601. */
const FILETIME_OF_1970 = 116_444_736_000_000_000n;

/** @param uptimeMs how long the kernel had been up when it stopped */
export function crashDump(stop: KernelStop, stoppedAt: number, uptimeMs: number): Buffer {
  const dump = Buffer.alloc(HEADER_BYTES, "PAGE", "latin1");
  dump.write("PAGEDU64", 0, "latin1");
  dump.writeUInt32LE(15, 0x08); // major version: free build
  dump.writeUInt32LE(19041, 0x0c); // minor version: the build of Windows
  dump.writeBigUInt64LE(0x1ad000n, 0x10); // DirectoryTableBase
  dump.writeBigUInt64LE(0xffff_f804_7c6f_c500n, 0x18); // PfnDataBase
  dump.writeBigUInt64LE(0xffff_f804_7c62_a390n, 0x20); // PsLoadedModuleList
  dump.writeBigUInt64LE(0xffff_f804_7c61_e0d0n, 0x28); // PsActiveProcessHead
  dump.writeUInt32LE(AMD64, 0x30);
  dump.writeUInt32LE(4, 0x34); // processors
  dump.writeUInt32LE(stop.code, 0x38);
  for (const [i, parameter] of stop.parameters.entries()) dump.writeBigUInt64LE(parameter, 0x40 + 8 * i);
  dump.writeUInt32LE(TRIAGE_DUMP, 0xf98);
  dump.writeBigUInt64LE(BigInt(HEADER_BYTES), 0xfa0); // RequiredDumpSpace
  dump.writeBigUInt64LE(FILETIME_OF_1970 + BigInt(Math.round(stoppedAt)) * 10_000n, 0xfa8); // SystemTime
  dump.writeBigUInt64LE(BigInt(Math.round(uptimeMs)) * 10_000n, 0x1030); // SystemUpTime
  dump.writeUInt32LE(1, 0x1040); // ProductType: workstation
  return dump;
}

/** `071926-14875-01.dmp`: month, day, year, milliseconds since boot, counter. */
export function dumpName(stoppedAt: number, uptimeMs: number, counter: number): string {
  const [year = "", month = "", day = ""] = new Date(stoppedAt).toISOString().slice(2, 10).split("-");
  return `${month}${day}${year}-${Math.round(uptimeMs)}-${String(counter).padStart(2, "0")}.dmp`;
}
