/** Fast Startup and hibernation are boots of their own; sleep is none. */
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Resume } from "../../../../agent/adapters/windows/boot-identity.ts";
import { noticeResume } from "../../../../agent/adapters/windows/notice-resume.ts";
import { at } from "../../../../protocol/time.ts";
import { bootRecords, type EventRecord } from "../../../lab/event-records.ts";
import { FakeSystemLog } from "../../../support/fake-system-log.ts";
import { temporaryFolder } from "../../../support/temporary-folder.ts";

const NOON = at("2026-11-22T12:00:00Z");
const HOUR = 3_600_000;
const record = (provider: string, id: number, ms: number, data: EventRecord["data"]): EventRecord => ({
  at: NOON + ms,
  provider: `Microsoft-Windows-Kernel-${provider}`,
  id,
  level: 4,
  data,
  message: "",
});
const started = (type: number, ms: number): EventRecord => record("Boot", 27, ms, [["BootType", String(type)]]);
const slept = (ms: number): EventRecord => record("Power", 42, ms, [["TargetState", "4"]]);

test.each([
  ["a sleep", [slept(HOUR)], undefined],
  ["Fast Startup", [slept(HOUR), started(1, 9 * HOUR)], { kind: "hybrid", atMs: NOON + 9 * HOUR }],
  ["hibernation", [slept(HOUR), started(2, 9 * HOUR)], { kind: "hibernate-resume", atMs: NOON + 9 * HOUR }],
  ["Fast Startup after it", [started(2, HOUR), started(1, 9 * HOUR)], { kind: "hybrid", atMs: NOON + 9 * HOUR }],
] as const)("waking from %s", async (_what, records, expected) => {
  await using folder = await temporaryFolder();
  const log = new FakeSystemLog();
  log.write(...bootRecords(NOON, 1, { kind: "clean" }), started(0, 0), ...records);
  const remembered: Pick<Resume, "kind" | "atMs">[] = [];
  const remember = (resume: Pick<Resume, "kind" | "atMs">): boolean => {
    const isNew = !remembered.some(({ atMs }) => atMs === resume.atMs);
    if (isNew) remembered.push(resume);
    return isNew;
  };
  const parts = { diary: join(folder.path, "log.xml"), runTool: log.runTool, remember, looksMs: [0, 0] };
  expect(await noticeResume(parts)).toBe(expected !== undefined);
  expect(await noticeResume(parts)).toBe(false); // waking again, from sleep
  expect(remembered).toEqual(expected === undefined ? [] : [expected]);
});

test("what the log says only later is waited for, and a log that says nothing is no resume", async () => {
  await using folder = await temporaryFolder();
  const log = new FakeSystemLog();
  log.write(...bootRecords(NOON, 1, { kind: "clean" }));
  log.isSilent = true;
  const parts = { diary: join(folder.path, "log.xml"), remember: () => true, looksMs: [0, 0, 0] };
  expect(await noticeResume({ ...parts, runTool: log.runTool })).toBe(false);
  log.isSilent = false;
  let looks = 0;
  const late: typeof log.runTool = (...asked) => {
    if (++looks === 2) log.write(started(1, 9 * HOUR));
    return log.runTool(...asked);
  };
  expect(await noticeResume({ ...parts, runTool: late })).toBe(true);
});
