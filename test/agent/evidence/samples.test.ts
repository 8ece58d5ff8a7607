/** The readers against evidence of real machines, and what independent readers found in it. */
import { describe, expect, test } from "vitest";
import { readCrashDump } from "../../../agent/evidence/crash-dump.ts";
import { readStartupRepair } from "../../../agent/evidence/startup-repair.ts";
import { expectedSamples, haveSamples, readExpected, readSample } from "../../support/samples.ts";
import { sourceOf } from "../../support/source-of.ts";

const hexOf = (words: unknown): string => BigInt(String(words)).toString(16);

describe.skipIf(!haveSamples)("crash dumps of real machines (../shared/data/dump)", () => {
  const PROGRAM = "usermode-calc.dmp";

  test(`${PROGRAM} is the dump of a program`, async () => {
    const dump = readCrashDump(sourceOf(await readSample("dump", PROGRAM)));
    expect(dump).toMatchObject({ kind: "not-one", because: expect.stringContaining("user-mode") as string });
  });

  test.each(expectedSamples("dump").filter((name) => name !== PROGRAM))("%s", async (name) => {
    const expected = await readExpected("dump", name);
    const dump = readCrashDump(sourceOf(await readSample("dump", name)));
    if (dump.kind === "not-one") throw new Error(dump.because);
    const drivers = expected["drivers"] as readonly { readonly name: string }[];
    expect({ ...dump, drivers: dump.drivers.map(({ name: file, path }) => path ?? file), suspect: null }).toEqual({
      kind: "crash-dump",
      bugcheck: {
        code: hexOf(expected["bugcheck_code_masked"]),
        parameters: (expected["bugcheck_params"] as unknown[]).map(hexOf),
      },
      crashedAt: Math.floor(Date.parse(String(expected["system_time"]))),
      uptimeSeconds: expected["system_up_time_seconds"],
      build: expected["minor_version_build"],
      machine: hexOf(expected["machine_type"]),
      drivers: drivers.map((driver) => driver.name),
      suspect: null,
      notes: [],
    });
  });

  test("7e names the driver whose code parameter 2 is", async () => {
    const dump = readCrashDump(sourceOf(await readSample("dump", "rizin-triage_x64.dmp")));
    expect(dump).toMatchObject({ suspect: { driver: "amdppm.sys" } });
  });

  test("4a points at no driver, and neither does WinDbg: its stack holds the kernel alone", async () => {
    const dump = readCrashDump(sourceOf(await readSample("dump", "083125-14875-01.dmp")));
    expect(dump).toMatchObject({ suspect: null });
    const analysis = (await readSample("dump", "083125-14875-01.windbg-analyze_v.txt")).toString();
    expect(analysis).toMatch(/^MODULE_NAME: nt\s*$/m);
  });
});

describe.skipIf(!haveSamples)("trails of Startup Repair (../shared/data/srt)", () => {
  test.each(expectedSamples("srt"))("%s", async (name) => {
    const expected = await readExpected("srt", name);
    const actions = expected["repair_actions"] as readonly Readonly<Record<string, string>>[];
    expect(readStartupRepair(sourceOf(await readSample("srt", name)))).toEqual({
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

  test.each(["it-SrtTrail.log", "it-bcdinfo.txt", "it-bootfailure.txt", "it-disklayout.txt"])(
    "%s is none",
    async (name) => {
      expect(readStartupRepair(sourceOf(await readSample("srt", name)))).toMatchObject({ kind: "not-one" });
    },
  );
});
