import { describe, expect, test } from "vitest";
import { bootPast, type EvidenceFound } from "../../../agent/evidence/boot-evidence.ts";
import type { BootEnd, CrashDump, LoggedBoot } from "../../../protocol/boot.ts";
import { at, type Instant, later } from "../../../protocol/time.ts";

const NOON = at("2026-11-22T12:00:00Z");
const minute = (n: number): Instant => later(NOON, n * 60_000);
const CLEAN: BootEnd = { kind: "clean" };
const POWER: BootEnd = { kind: "power-loss" };
const boot = (from: number, ended: BootEnd): LoggedBoot => ({
  startedAt: minute(from),
  endedAt: minute(from + 1),
  kind: "cold",
  ended,
});
const running = (from: number): LoggedBoot => ({
  startedAt: minute(from),
  endedAt: null,
  kind: "cold",
  ended: { kind: "unknown" },
});
const bugcheck = { code: "50", parameters: ["1", "2", "3", "4"] };
const dump = (crashedAt: Instant | null, file = "a.dmp"): CrashDump => ({
  file,
  bugcheck,
  crashedAt,
  uptimeMs: 1_000,
  build: 19_041,
  suspect: null,
});
const found = (over: Partial<EvidenceFound>): EvidenceFound => ({
  boots: [],
  crashDumps: [],
  startupRepair: null,
  ...over,
});
const says = { sessions: 1, repairAttempts: 1, rootCauses: ["no cause"] };

describe("boots since the last report", () => {
  const boots = [boot(0, CLEAN), boot(10, POWER), boot(11, POWER), boot(12, CLEAN), running(20)];

  test("begin with the one that was reported, and the running one is none of them", () => {
    const { evidence, previousEnd } = bootPast(found({ boots }), minute(20), minute(10));
    expect(evidence.earlierBoots).toEqual(boots.slice(1, 4));
    expect(previousEnd).toEqual(CLEAN);
  });
  test("say of which kind the running one is, where the log knows it", () => {
    const kinds = (last: LoggedBoot, at = minute(20)) =>
      bootPast(found({ boots: [boot(0, CLEAN), last] }), at, null).kind;
    expect(kinds({ ...running(20), kind: "hybrid" })).toBe("hybrid");
    expect(kinds({ ...running(20), kind: "unknown" })).toBeUndefined();
    expect(kinds(boot(20, CLEAN))).toBeUndefined();
    expect(kinds(running(20), minute(90))).toBeUndefined();
  });
  test("are told apart in a loop of a boot a minute", () => {
    expect(bootPast(found({ boots }), minute(20), minute(11)).evidence.earlierBoots).toEqual(boots.slice(2, 4));
  });
  test("are all there are if none was ever reported, or the clock was set since", () => {
    expect(bootPast(found({ boots }), minute(20), null).evidence.earlierBoots).toEqual(boots.slice(0, 4));
    expect(bootPast(found({ boots }), minute(20), minute(-600)).evidence.earlierBoots).toEqual(boots.slice(0, 4));
  });
  test("count the newest when the log does not show this boot yet", () => {
    const { previousEnd, evidence } = bootPast(found({ boots: boots.slice(0, 4) }), minute(20), minute(12));
    expect(previousEnd).toEqual(CLEAN);
    expect(evidence.earlierBoots).toEqual([boots[3]]);
  });
  test("count the newest when the log does not show this boot yet, also in a loop of a boot a minute", () => {
    const { previousEnd, evidence } = bootPast(found({ boots: boots.slice(0, 3) }), minute(12), minute(10));
    expect(previousEnd).toEqual(POWER);
    expect(evidence.earlierBoots).toEqual(boots.slice(1, 3));
  });
  test("end with the newest where a clock without a battery begins anew at each start", () => {
    const anew = [boot(0, CLEAN), boot(0, CLEAN), boot(0, POWER), running(0)];
    expect(bootPast(found({ boots: anew }), minute(0), null).previousEnd).toEqual(POWER);
  });
  test("are the newest twenty, however long the loop was", () => {
    const loop = Array.from({ length: 60 }, (_, i) => boot(i, POWER));
    const { earlierBoots } = bootPast(found({ boots: [...loop, running(60)] }), minute(60), minute(0)).evidence;
    expect(earlierBoots).toEqual(loop.slice(-20));
  });
  test("of a machine without a log are unknown, not clean", () => {
    expect(bootPast(found({}), minute(20), null)).toMatchObject({
      previousEnd: { kind: "unknown" },
      evidence: { earlierBoots: [] },
    });
  });
});

describe("a crash dump", () => {
  const boots = [boot(0, CLEAN), boot(10, POWER), running(20)];

  test("written in the last boot says that it ended in a bugcheck, where the log saw power go", () => {
    const { previousEnd } = bootPast(found({ boots, crashDumps: [dump(minute(11))] }), minute(20), minute(10));
    expect(previousEnd).toEqual({ kind: "bugcheck", bugcheck });
  });
  test.each([
    { when: "before the last boot", crashedAt: minute(5) },
    { when: "at an unknown time", crashedAt: null },
    { when: "after this boot began", crashedAt: minute(30) },
  ])("of $when says nothing about the last boot", ({ crashedAt }) => {
    expect(bootPast(found({ boots, crashDumps: [dump(crashedAt)] }), minute(20), minute(10)).previousEnd).toEqual(
      POWER,
    );
  });
  test("says when and how each boot of a loop ended, of which the log knows only that it did not end well", () => {
    const loop = [
      { ...boot(10, POWER), endedAt: null },
      { ...boot(12, { kind: "bugcheck", bugcheck }), endedAt: null },
      boot(14, POWER),
      running(20),
    ];
    const crashDumps = [dump(minute(11)), dump(minute(13))];
    expect(bootPast(found({ boots: loop, crashDumps }), minute(20), minute(10)).evidence.earlierBoots).toEqual([
      { ...boot(10, { kind: "bugcheck", bugcheck }), endedAt: minute(11) },
      { ...boot(12, { kind: "bugcheck", bugcheck }), endedAt: minute(13) },
      boot(14, POWER),
    ]);
  });
  test("is enough where there is no log at all", () => {
    expect(bootPast(found({ crashDumps: [dump(minute(11))] }), minute(20), minute(10)).previousEnd.kind).toBe(
      "bugcheck",
    );
  });
  test("does not speak against a log that saw a clean end", () => {
    const clean = [boot(10, CLEAN), running(20)];
    const { previousEnd } = bootPast(found({ boots: clean, crashDumps: [dump(minute(11))] }), minute(20), minute(10));
    expect(previousEnd).toEqual(CLEAN);
  });
  test("of a boot that was told of before is not told again; the newest five of the rest are", () => {
    const crashDumps = [3, 11, 12, 13, 14, 15, 16].map((n) => dump(minute(n), `${n}.dmp`));
    const { evidence } = bootPast(found({ boots, crashDumps: crashDumps.toReversed() }), minute(20), minute(10));
    expect(evidence.crashDumps.map(({ file }) => file)).toEqual(["12.dmp", "13.dmp", "14.dmp", "15.dmp", "16.dmp"]);
  });
});

test("what Startup Repair wrote is told if it wrote it since", () => {
  const boots = [boot(0, CLEAN), boot(10, POWER), running(20)];
  const repairAt = (n: number) =>
    bootPast(found({ boots, startupRepair: { writtenAt: minute(n), says } }), minute(20), minute(10)).evidence
      .startupRepair;
  expect(repairAt(15)).toEqual(says);
  expect(repairAt(5)).toBeNull();
});
