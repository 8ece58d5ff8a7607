import { describe, expect, test } from "vitest";
import type { BootView } from "../../protocol/api-device.ts";
import { endingWords, repairWords, runWords, suspectWords } from "../../protocol/boot-words.ts";
import type { BootEnd, BootId, CrashDump } from "../../protocol/boot.ts";
import { aBoot, NOON } from "../support/fleet-builders.ts";

const bugcheck = (code: string): BootEnd => ({ kind: "bugcheck", bugcheck: { code, parameters: [] } });
const aDump = (driver: string | null): CrashDump => ({
  file: "a.dmp",
  bugcheck: { code: "50", parameters: [] },
  crashedAt: null,
  uptimeMs: null,
  build: 19_045,
  suspect: driver === null ? null : { driver, because: "it stands in the stack" },
});
function aView(end: BootEnd | null, crashDumps: CrashDump[] = []): BootView {
  const told = { toldBy: "next" as BootId, receivedAt: NOON, crashDumps };
  return {
    kind: "reported",
    key: "b",
    times: { startedAt: NOON, endedAt: null, basis: "device-clock" },
    boot: aBoot(),
    receivedAt: NOON,
    heardUntil: NOON,
    good: null,
    changes: [],
    changesLeftOut: 0,
    ending: end === null ? null : { by: "next-boot", end, endedAt: null, ...told },
  };
}

describe("a run of bad ends", () => {
  const CRASHED = aView(bugcheck("50"));
  test.each([
    ["none known", [], null],
    ["the only boot runs", [aView(null)], null],
    ["the last one ended well", [aView(null), aView({ kind: "clean" }), CRASHED], null],
    [
      "one",
      [aView(null), CRASHED, aView({ kind: "clean" })],
      "The last boot ended in a bugcheck 0x50 PAGE_FAULT_IN_NONPAGED_AREA.",
    ],
    [
      "three, though the newest is over as well",
      [CRASHED, CRASHED, CRASHED, aView({ kind: "clean" })],
      "3 boots in a row ended in a bugcheck 0x50 PAGE_FAULT_IN_NONPAGED_AREA.",
    ],
    [
      "another bugcheck is another run",
      [aView(null), CRASHED, CRASHED, aView(bugcheck("d1"))],
      "2 boots in a row ended in a bugcheck 0x50 PAGE_FAULT_IN_NONPAGED_AREA.",
    ],
    [
      "a boot of which nobody says how it ended breaks it",
      [aView(null), CRASHED, aView(null), CRASHED],
      "The last boot ended in a bugcheck 0x50 PAGE_FAULT_IN_NONPAGED_AREA.",
    ],
    [
      "power",
      [aView(null), aView({ kind: "power-loss" }), aView({ kind: "power-loss" })],
      "2 boots in a row lost power or were held off.",
    ],
    [
      "dumps name the driver once",
      [
        aView(null),
        aView(bugcheck("50"), [aDump("csagent.sys")]),
        aView(bugcheck("50"), [aDump("csagent.sys"), aDump(null)]),
      ],
      "2 boots in a row ended in a bugcheck 0x50 PAGE_FAULT_IN_NONPAGED_AREA; the crash dumps point at csagent.sys.",
    ],
  ])("%s", (_what, boots, words) => {
    expect(runWords(boots)).toBe(words);
  });
});

test("an end is said with who says so", () => {
  expect(endingWords(aView({ kind: "clean" }))).toBe("It was shut down cleanly, says the boot after it, next.");
  expect(endingWords(aView(null))).toBe("It is running, or nobody has said yet how it ended.");
});

test("a bugcheck that nobody has a name for keeps its number", () => {
  expect(endingWords(aView(bugcheck("abcd")))).toContain("a bugcheck 0xabcd,");
});

test("a dump that points at nobody says so", () => {
  expect(suspectWords(aDump(null))).toBe("It points at no driver.");
  expect(suspectWords(aDump("csagent.sys"))).toBe("It points at csagent.sys: it stands in the stack.");
});

test.each([
  [{ sessions: 1, repairAttempts: null, rootCauses: [] }, "Startup Repair ran once. It named no cause."],
  [
    { sessions: 3, repairAttempts: 1, rootCauses: ["Eine Datei ist beschädigt.", "Unbekannt"] },
    "Startup Repair ran 3 times, with 1 repair attempt. It says: “Eine Datei ist beschädigt.”; “Unbekannt”.",
  ],
])("Startup Repair is quoted", (repair, words) => {
  expect(repairWords(repair)).toBe(words);
});
