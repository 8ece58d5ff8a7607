import { describe, expect, test } from "vitest";
import { crashDumpReport, readCrashDump } from "../../../agent/evidence/crash-dump.ts";
import { CrashDump } from "../../../protocol/boot.ts";
import { bugcheckName } from "../../../protocol/bugcheck-names.ts";
import { crashDump } from "../../lab/crash-dump.ts";
import {
  aTriageDump,
  type DumpedDriver,
  FILTER,
  KERNEL,
  STACK_AT,
  type TriageDumpParts,
  VENDOR,
} from "../../support/a-triage-dump.ts";
import { byteSource } from "../../support/bytes.ts";

const CRASHED_AT = Date.UTC(2026, 6, 19, 4, 12, 33, 123);

function reading(bytes: Uint8Array) {
  const dump = readCrashDump(byteSource(bytes));
  if (dump.kind === "not-one") throw new Error(dump.because);
  return dump;
}
const stop = (code: number, ...parameters: bigint[]): TriageDumpParts => {
  const [a = 0n, b = 0n, c = 0n, d = 0n] = parameters;
  return { stop: { code, parameters: [a, b, c, d] } };
};

describe("what a dump says", () => {
  test("the bugcheck without its mark, the time, the uptime, the drivers and the suspect", () => {
    expect(reading(aTriageDump())).toEqual({
      kind: "crash-dump",
      bugcheck: { code: "7e", parameters: ["ffffffffc0000005", "fffff80430000123", "0", "0"] },
      crashedAt: CRASHED_AT,
      uptimeSeconds: 61.5,
      build: 19041,
      machine: "8664",
      drivers: [
        { name: "ntoskrnl.exe", path: "\\SystemRoot\\system32\\ntoskrnl.exe" },
        { name: "FLTMGR.SYS", path: null },
        { name: "acmeguard.sys", path: "\\SystemRoot\\system32\\DRIVERS\\acmeguard.sys" },
      ],
      suspect: {
        driver: "acmeguard.sys",
        because: "bugcheck 7e names in parameter 2 the code at fffff80430000123, in acmeguard.sys+123",
      },
      notes: [],
    });
  });

  test.each([96, 136, 144, 152, 168, 200])("drivers are found where an entry has %i bytes", (entryBytes) => {
    const names = reading(aTriageDump({ entryBytes })).drivers.map(({ name }) => name);
    expect(names).toEqual(["ntoskrnl.exe", "FLTMGR.SYS", "acmeguard.sys"]);
  });

  test("a MEMORY.DMP tells all but its drivers, and only its header is read", () => {
    const dump = Buffer.concat([aTriageDump(), Buffer.alloc(100_000)]);
    dump.writeUInt32LE(6, 0xf98);
    const file = { size: 64 * 2 ** 30, read: (at: number, length: number) => dump.subarray(at, at + length) };
    const asked: number[] = [];
    const told = readCrashDump({ ...file, read: (at, length) => (asked.push(at + length), file.read(at, length)) });
    expect(told).toMatchObject({ bugcheck: { code: "7e" }, crashedAt: CRASHED_AT, drivers: [], suspect: null });
    expect(told).toHaveProperty("notes", [expect.stringContaining("a kernel memory dump")]);
    expect(Math.max(...asked)).toBeLessThanOrEqual(0x2000);
  });

  test("no code is a bugcheck of two names", () => {
    expect(bugcheckName("50")).toBe("PAGE_FAULT_IN_NONPAGED_AREA");
    expect(bugcheckName("d1")).toBe("DRIVER_IRQL_NOT_LESS_OR_EQUAL");
    expect(bugcheckName("fffff")).toBeUndefined();
  });
});

describe("the driver that the evidence points at", () => {
  const at = VENDOR.base + 0x40n;
  const VENDOR_NAME = "acmeguard.sys";

  test.each([
    ["50: parameter 3", stop(0x50, 0x9cn, 0n, at, 2n)],
    ["a: parameter 4", stop(0xa, 0x10n, 2n, 0n, at)],
    ["d1: parameter 4", stop(0xd1, 0x10n, 2n, 0n, at)],
    ["3b: parameter 2", stop(0x3b, 0xc000_0005n, at)],
    ["1e: parameter 2", stop(0x1e, 0xc000_0005n, at)],
    ["1000008e: parameter 2", stop(0x1000_008e, 0xc000_0005n, at)],
    ["fc: parameter 1", stop(0xfc, at)],
  ])("%s", (_name, parts) => {
    expect(reading(aTriageDump(parts)).suspect).toEqual({
      driver: VENDOR_NAME,
      because: expect.stringMatching(
        /^bugcheck \w+ names in parameter \d the code at fffff80430000040, in acme/,
      ) as string,
    });
  });

  test("139: what its trap frame on the stack holds", () => {
    const stack = Array.from({ length: 100 }, () => 0n);
    stack[2 + 0x168 / 8] = at;
    const { suspect } = reading(aTriageDump({ ...stop(0x139, 3n, STACK_AT + 16n), stack }));
    expect(suspect).toMatchObject({ driver: VENDOR_NAME, because: expect.stringContaining("trap frame") as string });
  });

  test("where the processor stopped, or the exception was raised, if the bugcheck names no code", () => {
    const ef = stop(0xef);
    const stopped = reading(aTriageDump({ ...ef, instruction: at })).suspect;
    expect(stopped).toMatchObject({ driver: VENDOR_NAME, because: expect.stringContaining("processor") as string });
    const raised = reading(aTriageDump({ ...ef, exceptionAddress: at })).suspect;
    expect(raised).toMatchObject({ driver: VENDOR_NAME, because: expect.stringContaining("exception") as string });
  });

  test("the one Windows named", () => {
    expect(reading(aTriageDump({ ...stop(0xef), broken: 2 })).suspect).toEqual({
      driver: VENDOR_NAME,
      because: "Windows itself named it as the broken driver",
    });
  });

  test("the nearest on the stack that is neither kernel nor thoroughfare, and it is said that this is weak", () => {
    const other: DumpedDriver = { name: "other.sys", base: 0xffff_f804_4000_0000n };
    const stack = [KERNEL.base + 1n, FILTER.base + 1n, 0n, VENDOR.base, at, other.base + 1n];
    const { suspect } = reading(
      aTriageDump({ ...stop(0x50, 0n, 0n, KERNEL.base + 5n), drivers: [KERNEL, FILTER, VENDOR, other], stack }),
    );
    expect(suspect).toMatchObject({ driver: VENDOR_NAME, because: expect.stringContaining("weak") as string });
  });

  test("a driver that was unloaded too early", () => {
    const gone: DumpedDriver = { name: "gone.sys", base: 0xffff_f804_5000_0000n };
    const { suspect } = reading(aTriageDump({ ...stop(0xce, 0n, 0n, gone.base + 9n), unloaded: [gone] }));
    expect(suspect).toMatchObject({ driver: "gone.sys", because: expect.stringContaining("unloaded") as string });
  });

  test("none, and why, where only the kernel is at hand", () => {
    const dump = reading(aTriageDump({ ...stop(0xa, 0n, 2n, 0n, KERNEL.base + 5n), stack: [FILTER.base + 3n] }));
    expect(dump.suspect).toBeNull();
    expect(dump.notes).toEqual([expect.stringContaining("ntoskrnl.exe")]);
    expect(reading(aTriageDump(stop(0x50, 0n, 0n, 0x1234n))).notes).toEqual([
      expect.stringContaining("no driver is loaded"),
    ]);
  });
});

describe("damage costs only what it damages", () => {
  test.each([0x60, 0x100, 0xf98, 0x1030, 0x1fff, 0x2000, 0x2010])("cut off after %i bytes", (bytes) => {
    const dump = reading(aTriageDump().subarray(0, bytes));
    expect(dump).toMatchObject({ bugcheck: { code: "7e" }, build: 19041, suspect: null, drivers: [] });
    expect(dump.notes).not.toEqual([]);
  });

  test("cut off in the names: the drivers before, and how many are missing", () => {
    const whole = aTriageDump();
    const dump = reading(whole.subarray(0, whole.length - 60));
    expect(dump.drivers.map(({ name }) => name)).toEqual(["ntoskrnl.exe", "FLTMGR.SYS"]);
    expect(dump.notes).toEqual(expect.arrayContaining(["of 3 drivers that the dump announces, 2 could be read"]));
  });

  test("a header that Windows did not fill says so instead of a date in the 174th century", () => {
    const dump = aTriageDump();
    dump.write("PAGEPAGE", 0xfa8, "latin1");
    dump.write("PAGEPAGE", 0x1030, "latin1");
    expect(reading(dump)).toMatchObject({ crashedAt: null, uptimeSeconds: null, suspect: { driver: "acmeguard.sys" } });
  });

  test("four thousand million drivers are not believed", () => {
    const dump = aTriageDump();
    dump.writeUInt32LE(0xffff_ffff, 0x2034);
    expect(reading(dump).drivers.length).toBeLessThan(200);
  });
});

test.each([
  ["a user-mode minidump", "MDMP\x93\xa7\0\0", "user-mode minidump"],
  ["a 32-bit kernel's", "PAGEDUMP", "32-bit"],
  ["something else", "ElfFile\0", "no crash dump"],
  ["nothing", "", "no crash dump"],
  ["a header without anything", "PAGEDU64", "cut off"],
])("%s is none", (_name, start, because) => {
  const answer = readCrashDump(byteSource(Buffer.from(start, "latin1")));
  expect(answer).toEqual({ kind: "not-one", because: expect.stringContaining(because) as string });
});

describe("the report", () => {
  test("holds what the protocol asks for", () => {
    expect(crashDumpReport("071926-61500-01.dmp", reading(aTriageDump()))).toEqual({
      file: "071926-61500-01.dmp",
      bugcheck: { code: "7e", parameters: ["ffffffffc0000005", "fffff80430000123", "0", "0"] },
      crashedAt: CRASHED_AT,
      uptimeMs: 61_500,
      build: 19041,
      suspect: { driver: "acmeguard.sys", because: expect.stringContaining("parameter 2") as string },
    });
    expect(crashDumpReport("a.dmp", reading(crashDump({ code: 1, parameters: [0n, 0n, 0n, 0n] }, 0, 0)))).toBeDefined();
  });

  test("can be said whatever the dump calls its driver", () => {
    const name = `evil\u0007\u202e\ud800${"x".repeat(900)}.sys`;
    const drivers = [KERNEL, { ...VENDOR, name }];
    const report = crashDumpReport("\u0000", reading(aTriageDump({ drivers, uptimeMs: 500 * 86_400_000 })));
    expect(CrashDump.safeParse(report).success).toBe(true);
    expect(report.suspect?.driver.startsWith("evil ")).toBe(true);
  });
});
