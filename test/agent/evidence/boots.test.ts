import { expect, test } from "vitest";
import { type EventLog, readEventLog } from "../../../agent/evidence/event-log.ts";
import type { LoggedBoot } from "../../../protocol/boot.ts";
import {
  bootType,
  bugcheckReport,
  coldStart,
  dirtyStart,
  driverNotLoaded,
  endAskedFor,
  endCalledOff,
  goingToSleep,
  kernelStarted,
  kernelStopped,
  lastShutdown,
  logStarted,
  logStopped,
  powerAction,
  unexpectedEnd,
} from "../../support/boot-events.ts";
import { byteSource } from "../../support/bytes.ts";
import { buildEvtx, type EvtxEvent } from "../../support/evtx-builder.ts";

const T = Date.parse("2026-07-19T04:00:00Z");
const HOUR = 3_600_000;
const NEXT = T + 2 * HOUR;
const RESTART = 5;
const OFF = 6;

function logOf(...chunks: (readonly EvtxEvent[])[]): EventLog {
  const log = readEventLog(byteSource(buildEvtx(chunks)));
  if (log.kind === "not-one") throw new Error(log.because);
  return log;
}
const boots = (...events: (EvtxEvent | EvtxEvent[])[]): readonly LoggedBoot[] => logOf(events.flat()).boots;
const ends = (...events: (EvtxEvent | EvtxEvent[])[]) => boots(...events).map(({ ended }) => ended);
/** How a boot ended of which only the records in between are given. */
const endOf = (down: readonly EvtxEvent[], next: readonly EvtxEvent[]) => ends(...coldStart(T), ...down, ...next)[0];
const STILL_RUNNING = { kind: "unknown" };
/** The next start, with the kernel's last records of the boot before it behind the first of its own. */
const nextStart = (...late: EvtxEvent[]): EvtxEvent[] => [
  ...logStarted(NEXT + 20_000),
  ...late,
  kernelStarted(NEXT),
  bootType(NEXT + 400, 0),
];

test("a restart that was asked for: the kernel's last records come behind the first of the next boot", () => {
  const events = [
    ...coldStart(T),
    endAskedFor(T + HOUR, "restart"),
    logStopped(T + HOUR + 1000),
    ...nextStart(powerAction(T + HOUR + 2000, RESTART), kernelStopped(T + HOUR + 3000)),
  ];
  expect(boots(...events)).toEqual([
    { startedAt: T, endedAt: T + HOUR + 3000, kind: "cold", ended: { kind: "planned-restart" } },
    { startedAt: NEXT, endedAt: null, kind: "cold", ended: STILL_RUNNING },
  ]);
});

test.each([
  { name: "shut down, said in German", action: OFF, words: "Ausschalten", kind: "clean" },
  { name: "restarted, said in German", action: RESTART, words: "Neustart", kind: "planned-restart" },
])("$name: the kernel's number decides, not the words", ({ action, words, kind }) => {
  const down = [endAskedFor(T + HOUR, words), logStopped(T + HOUR)];
  expect(endOf(down, nextStart(powerAction(T + HOUR, action), kernelStopped(T + HOUR)))).toEqual({ kind });
});

test.each([
  { name: "stopped in order, nobody asked", down: [logStopped(T + HOUR)], next: nextStart(), kind: "clean" },
  { name: "asked for, no more known", down: [endAskedFor(T, "x")], next: nextStart(), kind: "planned-restart" },
  {
    name: "a restart called off, then a shutdown",
    down: [endAskedFor(T, "x"), endCalledOff(T), logStopped(T + HOUR)],
    next: nextStart(),
    kind: "clean",
  },
  { name: "code 0: power was lost", down: [], next: [...nextStart(), dirtyStart(NEXT, 0)], kind: "power-loss" },
  {
    name: "it hung while it stopped, and power was cut",
    down: [endAskedFor(T + HOUR, "x"), logStopped(T + HOUR)],
    next: [...nextStart(powerAction(T + HOUR, OFF)), dirtyStart(NEXT, 0)],
    kind: "power-loss",
  },
  {
    name: "the log was not closed, and no more is known",
    down: [],
    next: [unexpectedEnd(NEXT), ...nextStart()],
    kind: "unknown",
  },
  { name: "no trace of an end", down: [], next: nextStart(), kind: "unknown" },
  { name: "the kernel says it was good", down: [], next: [...nextStart(), lastShutdown(NEXT, true)], kind: "clean" },
  {
    name: "the kernel says it was not good",
    down: [],
    next: [...nextStart(), lastShutdown(NEXT, false)],
    kind: "unknown",
  },
  {
    name: "drivers that did not load are no sign of anything",
    down: [logStopped(T + HOUR)],
    next: [...nextStart(), driverNotLoaded(NEXT)],
    kind: "clean",
  },
])("$name: $kind", ({ down, next, kind }) => {
  expect(endOf(down, next)?.kind).toBe(kind);
});

const AV = {
  kind: "bugcheck",
  bugcheck: { code: "50", parameters: ["ffff9c8e00000123", "0", "fffff8048b58334c", "2"] },
};
const PARAMETERS = [0xffff_9c8e_0000_0123n, 0n, 0xffff_f804_8b58_334cn, 2n] as const;
const IN_WORDS = "0x00000050 (0xffff9c8e00000123, 0x0000000000000000, 0xfffff8048b58334c, 0x0000000000000002)";

test.each([
  { name: "41, decimal", found: [dirtyStart(NEXT, 0x50, ...PARAMETERS)], end: AV },
  { name: "41, with the flag of a dump", found: [dirtyStart(NEXT, 0x1000_0050, ...PARAMETERS)], end: AV },
  { name: "1001 alone, by its old name", found: [bugcheckReport(NEXT, IN_WORDS)], end: AV },
  {
    name: "1001 alone, by its new name, with the flag",
    found: [bugcheckReport(NEXT, IN_WORDS.replace("0x0", "0x1"), "Microsoft-Windows-WER-SystemErrorReporting")],
    end: AV,
  },
  { name: "41 knows of none, 1001 does", found: [dirtyStart(NEXT, 0), bugcheckReport(NEXT, IN_WORDS)], end: AV },
  {
    name: "1001 in other words: power",
    found: [dirtyStart(NEXT, 0), bugcheckReport(NEXT, "?")],
    end: { kind: "power-loss" },
  },
])("a bugcheck from $name", ({ found, end }) => {
  expect(endOf([], [...nextStart(), ...found])).toEqual(end);
});

test("a bugcheck counts for the boot before it only", () => {
  const again = NEXT + HOUR;
  expect(
    ends(
      ...coldStart(T),
      ...nextStart(),
      dirtyStart(NEXT, 0x50, ...PARAMETERS),
      logStopped(NEXT + 1000),
      ...coldStart(again),
    ),
  ).toEqual([AV, { kind: "clean" }, STILL_RUNNING]);
});

test("crash after crash: each boot has its own end", () => {
  const starts = [0, 1, 2, 3].map((i) => T + i * 60_000);
  const events = starts.flatMap((at) => [
    kernelStarted(at),
    unexpectedEnd(at + 9000),
    ...logStarted(at + 9000),
    dirtyStart(at + 5000, 0x50, ...PARAMETERS),
  ]);
  const all = boots(...events);
  expect(all.map(({ startedAt }) => startedAt)).toEqual([null, ...starts]);
  expect(all.map(({ ended }) => ended)).toEqual([AV, AV, AV, AV, STILL_RUNNING]);
});

test("a hybrid start is a boot of its own kind, the shutdown before it was clean, whatever it was called", () => {
  const asked = T + HOUR;
  const again = NEXT + HOUR;
  expect(
    boots(
      ...coldStart(T),
      endAskedFor(asked, "power off"),
      goingToSleep(asked + 2000),
      bootType(NEXT, 1),
      endAskedFor(NEXT + 1000, "restart"),
      logStopped(NEXT + 2000),
      ...logStarted(again + 20_000),
      powerAction(NEXT + 2000, RESTART),
      kernelStopped(NEXT + 3000),
      kernelStarted(again),
      bootType(again + 400, 0),
    ),
  ).toEqual([
    { startedAt: T, endedAt: asked + 2000, kind: "cold", ended: { kind: "clean" } },
    { startedAt: NEXT, endedAt: NEXT + 3000, kind: "hybrid", ended: { kind: "planned-restart" } },
    { startedAt: again, endedAt: null, kind: "cold", ended: STILL_RUNNING },
  ]);
});

test("a resume from hibernation is no crash, a crash after it is one", () => {
  const again = NEXT + HOUR;
  expect(
    boots(...coldStart(T), goingToSleep(T + HOUR), bootType(NEXT, 2), ...coldStart(again), dirtyStart(again, 0)).map(
      ({ kind, ended }) => [kind, ended.kind],
    ),
  ).toEqual([
    ["cold", "clean"],
    ["hibernate-resume", "power-loss"],
    ["cold", "unknown"],
  ]);
});

test("sleep is no end", () => {
  expect(boots(...coldStart(T), goingToSleep(T + HOUR), goingToSleep(T + 2 * HOUR))).toHaveLength(1);
});

test("a boot that began before the log does is listed for how it ended, and only then", () => {
  expect(boots(driverNotLoaded(T), logStopped(T + HOUR), ...nextStart(kernelStopped(T + HOUR + 1)))).toEqual([
    { startedAt: null, endedAt: T + HOUR + 1, kind: "unknown", ended: { kind: "clean" } },
    { startedAt: NEXT, endedAt: null, kind: "cold", ended: STILL_RUNNING },
  ]);
  expect(boots(driverNotLoaded(T), ...nextStart())).toHaveLength(1);
  expect(boots(driverNotLoaded(T), endAskedFor(T, "restart"))).toEqual([]);
});

test("a log that begins between the kernel's record and the service's does not mix one boot with the next", () => {
  const starts = [0, 1, 2].map((i) => T + i * 60_000);
  const events = starts.flatMap((at) => [
    kernelStarted(at),
    dirtyStart(at + 5000, 0),
    unexpectedEnd(at + 9000),
    ...logStarted(at + 9000),
  ]);
  expect(boots(...events.slice(2)).map(({ startedAt, ended }) => [startedAt, ended.kind])).toEqual([
    [T + 9000, "power-loss"],
    [T + 60_000, "power-loss"],
    [T + 120_000, "unknown"],
  ]);
});

test("a log without a start or an end has no boots", () => {
  expect(boots(driverNotLoaded(T))).toEqual([]);
});

test("where the kernel's record is missing, the event log's start stands for it", () => {
  expect(boots(...logStarted(T), logStopped(T + HOUR), ...logStarted(NEXT))).toEqual([
    { startedAt: T, endedAt: T + HOUR, kind: "unknown", ended: { kind: "clean" } },
    { startedAt: NEXT, endedAt: null, kind: "unknown", ended: STILL_RUNNING },
  ]);
});

test("a clock that was set back mixes up nothing: records count, not times", () => {
  const events = [...coldStart(NEXT), logStopped(T), ...coldStart(T + 1000), dirtyStart(T + 2000, 0)];
  expect(ends(...events)).toEqual([{ kind: "power-loss" }, STILL_RUNNING]);
});

test("chunks lie in the file as the ring was overwritten", () => {
  const older = [...coldStart(T), logStopped(T + HOUR)];
  const newer = [...nextStart(kernelStopped(T + HOUR)), dirtyStart(NEXT, 0)];
  const [head, second] = [buildEvtx([newer], { firstRecordId: 900 }), buildEvtx([older], { firstRecordId: 100 })];
  const file = Buffer.concat([head, second.subarray(4096)]);
  file.writeUInt32LE(1, 120);
  const log = readEventLog(byteSource(file));
  expect(log.kind === "event-log" && log.boots.map(({ startedAt }) => startedAt)).toEqual([T, NEXT]);
});

test("6008 may be the first record of the boot that follows a crash: it speaks of the boot before it, no other", () => {
  const starts = [0, 1, 2].map((i) => NEXT + i * 60_000);
  const events = starts.flatMap((at) => [
    unexpectedEnd(at + 9000),
    ...logStarted(at + 9500),
    kernelStarted(at),
    bootType(at + 400, 0),
    dirtyStart(at + 5000, 0x50, ...PARAMETERS),
  ]);
  const restarted = [endAskedFor(T + HOUR, "restart"), logStopped(T + HOUR), ...nextStart(powerAction(T, RESTART))];
  const all = boots(
    ...coldStart(T - HOUR),
    ...restarted,
    ...events.map((event) => ({ ...event, at: event.at + HOUR })),
  );
  expect(all.map(({ ended }) => ended)).toEqual([{ kind: "planned-restart" }, AV, AV, AV, STILL_RUNNING]);
});

test.each([
  { words: "power off", kind: "clean" },
  { words: "Herunterfahren", kind: "clean" },
  { words: "restart", kind: "planned-restart" },
  { words: "一種不知道", kind: "planned-restart" },
])(
  "a disk that was pulled after a shutdown: the kernel's number is not there yet, $words has to do",
  ({ words, kind }) => {
    expect(ends(...coldStart(T), endAskedFor(T + HOUR, words), logStopped(T + HOUR))).toEqual([{ kind }]);
  },
);

test("a restart that Windows refused is none", () => {
  const refused: EvtxEvent = { provider: "User32", eventId: 1073, at: T };
  expect(ends(...coldStart(T), endAskedFor(T, "restart"), refused, logStopped(T + HOUR))).toEqual([{ kind: "clean" }]);
});

test("an older Windows does not say of which kind a start is: one of the kernel is cold", () => {
  expect(boots(kernelStarted(T), ...logStarted(T + 20_000)).map(({ kind }) => kind)).toEqual(["cold"]);
});
