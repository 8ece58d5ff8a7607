/** The real command, as a person or a script starts it: no settings, no state folder, no controller. */
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { inspectFiles } from "../../agent/inspect-files.ts";
import { renderRecord } from "../lab/event-log.ts";
import { bootRecords } from "../lab/event-records.ts";
import { aTrail, asUtf16, GERMAN } from "../support/a-trail.ts";
import { aTriageDump, KERNEL, VENDOR } from "../support/a-triage-dump.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const MAIN = fileURLToPath(new URL("../../agent/main.ts", import.meta.url));
const NO_SUCH_THING = "is no event log, kernel crash dump or Startup Repair trail; it looks like";

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}
const inspectIn = (folder: string, ...args: readonly string[]): Promise<Ended> =>
  new Promise((resolve) => {
    execFile(process.execPath, [MAIN, "inspect", ...args], { cwd: folder }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });

async function folderOf(files: Readonly<Record<string, Uint8Array | string>>) {
  const folder = await temporaryFolder();
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder.path, name), content);
  return folder;
}

const TRAIL = aTrail(GERMAN, {
  attempts: 3,
  lastBoot: "\u200e19.\u200e07.\u200e2026",
  sessions: [{ causes: ["Ein Treiber ist schuld."], actions: [["Wiederherstellung", 0x490]] }],
});

test("a person is told what happened, when, and whose driver it was", async () => {
  await using folder = await folderOf({ "crash.bin": aTriageDump(), "repair.bin": asUtf16(TRAIL) });
  const ended = await inspectIn(folder.path, "crash.bin", "repair.bin");
  expect(ended).toEqual({
    code: 0,
    stderr: "",
    stdout: [
      "crash.bin: crash dump, Windows build 19041 on x64",
      "  Bugcheck        7e SYSTEM_THREAD_EXCEPTION_NOT_HANDLED",
      "  Parameters      ffffffffc0000005, fffff80430000123, 0, 0",
      "  Crashed         2026-07-19 04:12:33 UTC",
      "  Had been up     61.5 seconds",
      "  Suspect         acmeguard.sys",
      "                  bugcheck 7e names in parameter 2 the code at fffff80430000123, in acmeguard.sys+123",
      "                  \\SystemRoot\\system32\\DRIVERS\\acmeguard.sys",
      "  Drivers         3 were loaded, at last ntoskrnl.exe, FLTMGR.SYS, acmeguard.sys",
      "",
      "repair.bin: trail of Windows' Startup Repair (in the words of the machine's language)",
      "  Found           Ein Treiber ist schuld.",
      "  Tried           Wiederherstellung: Fehler. Fehlercode (490)",
      "  Attempts        3",
      "  Last good boot  19.07.2026",
      "  Windows         C:\\Windows, \\Device\\Harddisk0",
      "  Trail           1 session, 2 tests",
      "",
    ].join("\n"),
  });
});

test("a program gets one document a file, one a line", async () => {
  await using folder = await folderOf({ "crash.bin": aTriageDump(), "repair.bin": asUtf16(TRAIL) });
  const { code, stdout } = await inspectIn(folder.path, "--json", "crash.bin", "repair.bin");
  expect(code).toBe(0);
  const documents = stdout.split("\n").map((line) => (line === "" ? undefined : (JSON.parse(line) as unknown)));
  expect(documents).toEqual([
    {
      file: "crash.bin",
      kind: "crash-dump",
      bugcheck: { code: "7e", parameters: ["ffffffffc0000005", "fffff80430000123", "0", "0"] },
      crashedAt: Date.UTC(2026, 6, 19, 4, 12, 33, 123),
      uptimeSeconds: 61.5,
      build: 19041,
      machine: "8664",
      drivers: [
        { name: "ntoskrnl.exe", path: KERNEL.name },
        { name: "FLTMGR.SYS", path: null },
        { name: "acmeguard.sys", path: VENDOR.name },
      ],
      suspect: { driver: "acmeguard.sys", because: expect.stringContaining("parameter 2") as string },
      notes: [],
    },
    {
      file: "repair.bin",
      kind: "startup-repair",
      repairAttempts: 3,
      lastSuccessfulBoot: "\u200e19.\u200e07.\u200e2026",
      sessions: 1,
      windowsDirectories: ["C:\\Windows"],
      systemDisks: ["\\Device\\Harddisk0"],
      tests: 2,
      rootCauses: ["Ein Treiber ist schuld."],
      repairActions: [{ action: "Wiederherstellung", result: "Fehler. Fehlercode", code: "490" }],
      notes: [],
    },
    undefined,
  ]);
});

describe("a log of boots", () => {
  const HOUR = 3_600_000;
  const FIRST = Date.UTC(2026, 6, 19, 4);
  const stop = { code: 0x50, parameters: [0xffff_9c8e_0000_0123n, 0n, VENDOR.base, 2n] } as const;

  /** A boot every hour, each ended by a bugcheck half an hour in. */
  function logOf(boots: number): string {
    const records = Array.from({ length: boots }, (_, i) => {
      const at = FIRST + i * HOUR;
      const crash = { kind: "bugcheck", stop, dumpPath: "C:\\a.dmp", at: at - HOUR / 2, uptimeMs: HOUR / 2 } as const;
      return bootRecords(at, i + 1, i === 0 ? { kind: "clean" } : crash);
    }).flat();
    return records.map((record, i) => `${renderRecord(record, { computer: "WARD-1", recordId: i + 1 })}\n`).join("");
  }

  test("is told boot by boot, the last twenty, with the bugchecks by their names", async () => {
    await using folder = await folderOf({ "log.bin": logOf(30) });
    const { stdout } = await inspectIn(folder.path, "log.bin");
    expect(stdout).toContain("log.bin: event log, channel System\n  Boots           30: 29 BUGCHECKS, 1 unknown\n");
    expect(stdout).toContain("10 earlier, not shown (--json shows all)");
    expect(stdout).toContain("BUGCHECK 50 PAGE_FAULT_IN_NONPAGED_AREA");
    expect(stdout).toContain("ffff9c8e00000123, 0, fffff80430000000, 2");
    expect(stdout.match(/^ +2026-.* {2}to {2}/gm)).toHaveLength(20);
    expect(stdout).toContain("not known: the log ends in it");
  });

  test("is one document, with the kind of an end and its bugcheck side by side", async () => {
    await using folder = await folderOf({ "log.bin": logOf(2) });
    const { stdout } = await inspectIn(folder.path, "log.bin", "--json");
    const document = JSON.parse(stdout) as Readonly<Record<string, unknown>>;
    expect(Object.keys(document)).toEqual(
      "file kind channel records recovered lost counts boots lostBecause".split(" "),
    );
    const endedAt = expect.toSatisfy((at) => at === null || Number.isInteger(at)) as unknown;
    expect(document["boots"]).toEqual([
      {
        startedAt: FIRST,
        endedAt,
        ended: "bugcheck",
        bugcheck: { code: "50", parameters: ["ffff9c8e00000123", "0", "fffff80430000000", "2"] },
        bootKind: "cold",
      },
      { startedAt: FIRST + HOUR, endedAt: null, ended: "unknown", bugcheck: null, bootKind: "cold" },
    ]);
  });
});

test("what is no evidence costs one line each, and the rest is told all the same", async () => {
  await using folder = await folderOf({
    "crash.dmp": aTriageDump(),
    "empty.evtx": "",
    "words.txt": "all is well\n",
    SYSTEM: "regf and so on",
    "zeros.evtx": Buffer.alloc(70_000),
    "program.dmp": Buffer.from("MDMP\x93\xa7\0\0 and so on", "latin1"),
    "old.dmp": "PAGEDUMP and so on",
  });
  await mkdir(join(folder.path, "folder"));
  const files = ["none.dmp", "folder", ...(await readdir(folder.path)).filter((name) => name !== "folder").toSorted()];
  const { code, stdout, stderr } = await inspectIn(folder.path, ...files);
  expect(code).toBe(1);
  expect(stdout).toMatch(/^crash\.dmp: crash dump/);
  expect(stderr.split("\n")).toEqual([
    "none.dmp does not exist",
    "folder is a folder, not a file",
    `SYSTEM ${NO_SUCH_THING} a registry hive`,
    "empty.evtx is empty",
    "old.dmp is a dump of a 32-bit kernel; only those of 64-bit Windows are read",
    "program.dmp is the dump of a program (a user-mode minidump), not of the Windows kernel",
    `words.txt ${NO_SUCH_THING} some other text`,
    `zeros.evtx ${NO_SUCH_THING} nothing but zeros: the disk lost it, or never wrote it`,
    "",
  ]);
});

test("the evidence stays as it was, also where it may only be read", async () => {
  const dump = aTriageDump();
  await using folder = await folderOf({ "crash.dmp": dump });
  const path = join(folder.path, "crash.dmp");
  await chmod(path, 0o444);
  expect((await inspectIn(folder.path, "crash.dmp")).code).toBe(0);
  expect((await readFile(path)).equals(dump)).toBe(true);
  expect(await readdir(folder.path)).toEqual(["crash.dmp"]);
});

test("a reader that has seen enough ends it without a fuss", async () => {
  await using folder = await folderOf({ "crash.dmp": aTriageDump() });
  const many = Array.from({ length: 2_000 }, () => "crash.dmp");
  const child = spawn(process.execPath, [MAIN, "inspect", "--json", ...many], { cwd: folder.path });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (part: string) => (stderr += part));
  await once(child.stdout, "data");
  child.stdout.destroy();
  await once(child, "close");
  expect(stderr).toBe("");
});

test("a file full of causes floods nobody's screen", async () => {
  const causes = Array.from({ length: 3_000 }, (_, i) => `${i} ${"x".repeat(200)}`);
  const endless = aTrail(GERMAN, { sessions: [{ causes: [...causes, "y".repeat(50_000)] }] });
  await using folder = await folderOf({ "SrtTrail.txt": endless });
  const { stdout } = await inspectIn(folder.path, "SrtTrail.txt");
  expect(stdout).toContain("2,981 more (--json shows all)");
  expect(stdout.length).toBeLessThan(10_000);
});

/** So that the peak shows what is held, not how long V8 leaves garbage lying about: as `npm run agent` starts it. */
const TIDY = "--max-semi-space-size=4";
const TELLS_PEAK = "data:text/javascript,process.on('exit',()=>console.error(process.resourceUsage().maxRSS))";

test("a log made to fill the memory does not", async () => {
  const event = (provider: string, id: number, i: number, data = ""): string =>
    `<Event><System><Provider Name='${provider}'/><EventID>${id}</EventID><EventRecordID>${i}</EventRecordID>` +
    `<Computer>c</Computer></System><EventData>${data}</EventData></Event>\n`;
  const stop = (i: number): string =>
    ["BugcheckCode", ...[1, 2, 3, 4].map((n) => `BugcheckParameter${n}`)]
      .map((name) => `<Data Name='${name}'>${name === "BugcheckCode" ? 80 : `0xfffffffffff${10_000 + i}`}</Data>`)
      .join("");
  const count = 60_000;
  const kinds = Array.from({ length: count }, (_, i) => event(`${i}${"本".repeat(245)}`, 1, i));
  const boots = Array.from(
    { length: count },
    (_, i) =>
      event("Microsoft-Windows-Kernel-General", 12, 2 * i) +
      event("Microsoft-Windows-Kernel-Power", 41, 2 * i + 1, stop(i)),
  );
  await using folder = await folderOf({ "log.xml": [...kinds, ...boots].join("") });
  const run = [TIDY, "--import", TELLS_PEAK, MAIN, "inspect", "--json", "log.xml"];
  const options = { cwd: folder.path, maxBuffer: 64 * 1024 * 1024 };
  const { stdout, stderr } = await promisify(execFile)(process.execPath, run, options);
  expect(JSON.parse(stdout)).toMatchObject({ records: 3 * count, lost: 0 });
  expect(Number(stderr) / 1024).toBeLessThan(256);
});

describe("names that steer a terminal", () => {
  test("do not get through", async () => {
    const drivers = [KERNEL, { ...VENDOR, name: "\\x\\\u001b]0;evil\u0007\u202esys.dab.sys" }];
    await using folder = await folderOf({ "crash.dmp": aTriageDump({ drivers }) });
    const told: string[] = [];
    const output = { write: (text: string) => void told.push(text) };
    const files = [join(folder.path, "crash.dmp"), "no\u001b[2Jne\n"];
    expect(inspectFiles(files, false, output, output)).toBe(1);
    expect(told.join("")).toContain("]0;evilsys.dab.sys");
    expect(told.join("")).not.toMatch(/[^\P{Cc}\n]|\p{Cf}/u);
  });
});
