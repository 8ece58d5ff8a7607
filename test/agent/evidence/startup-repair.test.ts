import { describe, expect, test } from "vitest";
import { readStartupRepair, startupRepairReport } from "../../../agent/evidence/startup-repair.ts";
import { StartupRepair } from "../../../protocol/boot.ts";
import { aTrail, asUtf16, GERMAN, JAPANESE } from "../../support/a-trail.ts";
import { byteSource } from "../../support/bytes.ts";

const CAUSE = "Unknown Bugcheck: Bugcheck 50. Parameters = 0xffff9c8e00000123, 0x0, 0xfffff80430000040, 0x2.";
const SESSIONS = [
  { tests: 3, causes: [CAUSE], actions: [["chkdsk", 0] as const, ["restore", 0x1f] as const] },
  { disk: "", folder: "", tests: 1, causes: ["One.", "Two."] },
];
const PARTS = { attempts: 4, lastBoot: "19.07.2026 04:12:33", sessions: SESSIONS };

function reading(bytes: Uint8Array) {
  const trail = readStartupRepair(byteSource(bytes));
  if (trail.kind === "not-one") throw new Error(trail.because);
  return trail;
}

describe.each([
  ["German", GERMAN],
  ["Japanese, with wide colons", JAPANESE],
])("a trail in %s", (_name, words) => {
  test.each([
    ["UTF-16 with a mark and a NUL", asUtf16(aTrail(words, PARTS))],
    ["UTF-16 big-endian", asUtf16(aTrail(words, PARTS)).swap16()],
    ["UTF-8, lines ended by LF", Buffer.from(aTrail(words, PARTS, "\n"))],
    ["UTF-8 with a mark, lines ended by CRLF", Buffer.from(`\ufeff${aTrail(words, PARTS)}`)],
  ])("as %s", (_encoding, bytes) => {
    expect(reading(bytes)).toEqual({
      kind: "startup-repair",
      repairAttempts: 4,
      lastSuccessfulBoot: "19.07.2026 04:12:33",
      sessions: 2,
      windowsDirectories: ["C:\\Windows", ""],
      systemDisks: ["\\Device\\Harddisk0", ""],
      tests: 4,
      rootCauses: [CAUSE, "One.", "Two."],
      repairActions: [
        { action: "chkdsk", result: words.done, code: "0" },
        { action: "restore", result: words.failed, code: "1f" },
      ],
      notes: [],
    });
  });

  test("cut off anywhere gives what stands before the cut, and nothing that was never written", () => {
    const text = aTrail(words, PARTS);
    const whole = reading(Buffer.from(text));
    for (let end = 0; end < text.length; end += 3) {
      const part = readStartupRepair(byteSource(Buffer.from(text.slice(0, end))));
      if (part.kind === "not-one") continue;
      expect(part.sessions).toBeLessThanOrEqual(2);
      expect(part.tests).toBeLessThanOrEqual(4);
      for (const [i, cause] of part.rootCauses.entries()) expect(whole.rootCauses[i]?.startsWith(cause)).toBe(true);
    }
  });
});

test("a trail without a last good boot does not say one", () => {
  expect(reading(asUtf16(aTrail(GERMAN)))).toMatchObject({
    repairAttempts: 1,
    lastSuccessfulBoot: null,
    rootCauses: [],
  });
});

test("a cause on two lines is one cause", () => {
  const trail = aTrail(GERMAN, { sessions: [{ causes: ["Die Datei ist\r\nbeschädigt."] }] });
  expect(reading(Buffer.from(trail)).rootCauses).toEqual(["Die Datei ist beschädigt."]);
});

test.each([
  ["nothing", ""],
  ["a listing with rules", "\nWindows Boot Manager\n--------------------\nidentifier  {bootmgr}\ntimeout  30\n"],
  ["notes with a heading", "Notes\n-----\nBuild: 3\n\nMore\n----\nsome words\n"],
  ["rules alone", "-----\n-----\n-----\n"],
  ["words", "Startup Repair diagnosis and repair log\n"],
])("%s is no trail", (_name, text) => {
  expect(readStartupRepair(byteSource(Buffer.from(text)))).toMatchObject({ kind: "not-one" });
});

test("the report has the newest causes, fit to be said", () => {
  const causes = Array.from({ length: 30 }, (_, i) => `cause ${i} \u202e${"x".repeat(900)}`);
  const report = startupRepairReport(reading(asUtf16(aTrail(GERMAN, { sessions: [{ causes }] }))));
  expect(StartupRepair.safeParse(report).success).toBe(true);
  expect(report).toMatchObject({ sessions: 1, repairAttempts: 1 });
  expect(report.rootCauses.map((cause) => cause.slice(0, 9))).toEqual(
    Array.from({ length: 10 }, (_, i) => `cause ${i + 20} `.slice(0, 9)),
  );
});

test("of an endless file the beginning is read, and that is said", () => {
  const trail = Buffer.from(aTrail(GERMAN, PARTS));
  const asked: number[] = [];
  const told = readStartupRepair({
    size: 2 ** 40,
    read: (at, length) => {
      asked.push(length);
      return trail.subarray(at, at + length);
    },
  });
  expect(told).toMatchObject({ sessions: 2, notes: [expect.stringContaining("only the first")] });
  expect(Math.max(...asked)).toBeLessThanOrEqual(2 ** 20);
});
