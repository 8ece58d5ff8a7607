/** Dumps and trails of real machines, compared with what independent readers found in them. */
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { describe, expect, test } from "vitest";
import { readCrashDump } from "../../../agent/evidence/crash-dump.ts";
import { readStartupRepair } from "../../../agent/evidence/startup-repair.ts";
import { byteSource } from "../../support/bytes.ts";
import { samples } from "../../support/samples.ts";

const dumps = samples("dump", ".dmp");
const windbg = samples("dump", ".windbg-analyze_v.txt");
const trails = samples("srt", ".txt");
const binaryTrails = samples("srt", ".log");

const PROGRAM = "usermode-calc.dmp";
const NO_TRAILS = ["it-bcdinfo.txt", "it-bootfailure.txt", "it-disklayout.txt"];

const source = (file: string) => byteSource(readFileSync(file));
const expectedOf = (file: string): Readonly<Record<string, unknown>> =>
  JSON.parse(readFileSync(`${file}.expected.json`, "utf8")) as Readonly<Record<string, unknown>>;
const dumpNamed = (name: string) => readCrashDump(source(dumps.files.find((file) => basename(file) === name) ?? ""));
const rowsOf = (files: readonly string[]) => files.map((file) => ({ file, name: basename(file) }));
const hexOf = (words: unknown): string => BigInt(String(words)).toString(16);

describe.skipIf(dumps.files.length === 0)(`crash dumps of real machines${dumps.note}`, () => {
  test.each(rowsOf(dumps.files).filter(({ name }) => name !== PROGRAM))("$name", ({ file }) => {
    const expected = expectedOf(file);
    const dump = readCrashDump(source(file));
    if (dump.kind === "not-one") throw new Error(dump.because);
    const drivers = expected["drivers"] as readonly { readonly name: string }[];
    expect({ ...dump, drivers: dump.drivers.map(({ name, path }) => path ?? name), suspect: null }).toEqual({
      kind: "crash-dump",
      bugcheck: {
        code: hexOf(expected["bugcheck_code_masked"]),
        parameters: (expected["bugcheck_params"] as unknown[]).map(hexOf),
      },
      crashedAt: Math.floor(Date.parse(String(expected["system_time"]))),
      uptimeSeconds: expected["system_up_time_seconds"],
      build: expected["minor_version_build"],
      machine: hexOf(expected["machine_type"]),
      drivers: drivers.map(({ name }) => name),
      suspect: null,
      notes: [],
    });
  });

  test("7e names the driver whose code parameter 2 is", () => {
    expect(dumpNamed("rizin-triage_x64.dmp")).toMatchObject({ suspect: { driver: "amdppm.sys" } });
  });

  test("4a points at no driver, and neither does WinDbg: its stack holds the kernel alone", () => {
    expect(dumpNamed("083125-14875-01.dmp")).toMatchObject({ suspect: null });
    expect(readFileSync(windbg.files[0] ?? "", "utf8")).toMatch(/^MODULE_NAME: nt\s*$/m);
  });

  test("the dump of a program is none", () => {
    const because = expect.stringContaining("user-mode") as string;
    expect(dumpNamed(PROGRAM)).toMatchObject({ kind: "not-one", because });
  });
});

describe.skipIf(trails.files.length === 0)(`trails of Startup Repair${trails.note}`, () => {
  test.each(rowsOf(trails.files).filter(({ name }) => !NO_TRAILS.includes(name)))("$name", ({ file }) => {
    const expected = expectedOf(file);
    const actions = expected["repair_actions"] as readonly Readonly<Record<string, string>>[];
    expect(readStartupRepair(source(file))).toEqual({
      kind: "startup-repair",
      repairAttempts: expected["repair_attempts"],
      lastSuccessfulBoot: expected["last_successful_boot_raw"],
      sessions: expected["sessions"],
      windowsDirectories: expected["windows_directories"],
      systemDisks: expected["system_disks"],
      tests: expected["tests"],
      rootCauses: expected["root_causes"],
      repairActions: actions.map((action) => {
        return { action: action["action"], result: action["result_line"], code: hexOf(action["code"]) };
      }),
      notes: [],
    });
  });

  const others = trails.files.filter((file) => NO_TRAILS.includes(basename(file)));
  test.each(rowsOf([...others, ...binaryTrails.files]))("$name is none", ({ file }) => {
    expect(readStartupRepair(source(file))).toMatchObject({ kind: "not-one" });
  });
});
