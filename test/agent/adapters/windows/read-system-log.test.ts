/** What is new in the System log is taken once, whatever becomes of the log in between, and silence is no news. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { findEvidence } from "../../../../agent/adapters/find-evidence.ts";
import { readSystemLog } from "../../../../agent/adapters/windows/read-system-log.ts";
import { at } from "../../../../protocol/time.ts";
import { bootRecords, type EventRecord } from "../../../lab/event-records.ts";
import { FakeSystemLog } from "../../../support/fake-system-log.ts";
import { temporaryFolder } from "../../../support/temporary-folder.ts";

const NOON = at("2026-11-22T12:00:00Z");
const bootAt = (n: number): readonly EventRecord[] =>
  bootRecords(NOON + n * 60_000, n, { kind: "power-loss", at: NOON + n * 60_000 - 10_000 });
/** The boots whose beginning is known, by their numbers. */
const startsIn = async (path: string): Promise<readonly number[]> => {
  const { boots } = await findEvidence({ eventLog: path, crashDumps: undefined, startupRepair: undefined });
  return boots.flatMap(({ startedAt }) => (startedAt === null ? [] : [(startedAt - NOON) / 60_000]));
};

test("only what is new is asked for, and nothing is taken twice", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "system-log.xml");
  const log = new FakeSystemLog();
  log.write(...bootAt(1), ...bootAt(2));
  expect(await readSystemLog(path, log.runTool)).toEqual({ kind: "read" });
  expect(await readSystemLog(path, log.runTool)).toEqual({ kind: "read" });
  log.write(...bootAt(3));
  await readSystemLog(path, log.runTool);
  expect(await startsIn(path)).toEqual([1, 2, 3]);
  expect(log.asked).toHaveLength(3);
  expect(log.asked[2]).toContain("EventRecordID>=8");
});

test.each([true, false])(
  "a log that was cleared, its numbers begun anew: %j, loses nothing that was read",
  async (anew) => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, "system-log.xml");
    const log = new FakeSystemLog();
    log.write(...bootAt(1), ...bootAt(2));
    await readSystemLog(path, log.runTool);
    log.clear(anew);
    expect(await readSystemLog(path, log.runTool)).toMatchObject({ kind: "not-known" });
    for (let n = 3; n <= 6; n++) log.write(...bootAt(n)); // grown beyond the record that was read last
    expect(await readSystemLog(path, log.runTool)).toEqual({ kind: "read" });
    expect(await startsIn(path)).toEqual([1, 2, 3, 4, 5, 6]);
  },
);

test("a log that was written round meanwhile gives what it still has", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "system-log.xml");
  const log = new FakeSystemLog();
  log.write(...bootAt(1));
  await readSystemLog(path, log.runTool);
  for (let n = 2; n <= 5; n++) log.write(...bootAt(n));
  log.dropOldest(3 * bootAt(1).length);
  await readSystemLog(path, log.runTool);
  expect(await startsIn(path)).toEqual([1, 4, 5]);
});

test("more than one page is read to its end", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "system-log.xml");
  const log = new FakeSystemLog();
  log.write(...bootAt(1));
  await readSystemLog(path, log.runTool);
  for (let n = 2; n <= 300; n++) log.write(...bootAt(n));
  await readSystemLog(path, log.runTool);
  expect((await startsIn(path)).slice(-20)).toEqual(Array.from({ length: 20 }, (_, i) => 281 + i));
  expect((await readFile(path, "utf8")).length).toBeLessThan(256 * 1_024);
});

test("whatever happens to the log, each boot that was still in it when it was read is told once and in order", async () => {
  const happening = fc.oneof(
    { weight: 4, arbitrary: fc.constant("boot") },
    { weight: 3, arbitrary: fc.constant("read") },
    fc.constantFrom("clear", "clear-anew", "drop", "silence", "another record"),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(happening, { maxLength: 40 }), async (happenings) => {
      await using folder = await temporaryFolder();
      const path = join(folder.path, "system-log.xml");
      const log = new FakeSystemLog();
      let boots = 0;
      let waiting: number[] = [];
      const expected: number[] = [];
      for (const happens of [...happenings, "boot", "read"]) {
        if (happens === "boot") {
          log.write(...bootAt(++boots));
          waiting.push(boots);
        } else if (happens === "another record")
          log.write({ at: NOON, provider: "Acme", id: 12, level: 4, data: [], message: "a boot of its own?" });
        else if (happens === "clear" || happens === "clear-anew") {
          log.clear(happens === "clear-anew");
          waiting = [];
        } else if (happens === "drop") {
          log.clear(false); // all of it
          waiting = [];
        } else {
          log.isSilent = happens === "silence";
          const read = await readSystemLog(path, log.runTool);
          if (read.kind === "read") expected.push(...waiting.splice(0));
        }
      }
      expect(await startsIn(path)).toEqual(expected);
    }),
    { numRuns: 60 },
  );
});

test("a stub that says nothing and ends well, or a program that is not there, makes nothing known", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "system-log.xml");
  const log = new FakeSystemLog();
  log.isSilent = true;
  expect(await readSystemLog(path, log.runTool)).toMatchObject({ kind: "not-known" });
  const gone = await readSystemLog(path, async () => ({ kind: "fault", fault: "not-found", because: "no wevtutil" }));
  expect(gone).toEqual({ kind: "not-known", because: "no wevtutil" });
  const refused = await readSystemLog(path, async () => ({
    kind: "ok",
    value: { exitCode: 5, stdout: "", stderr: "Zugriff verweigert" },
  }));
  expect(refused).toMatchObject({ because: "wevtutil ended with 5: Zugriff verweigert" });
});

test("a diary that cannot be read is begun anew, and one that cannot be written is not half written", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "system-log.xml");
  const log = new FakeSystemLog();
  log.write(...bootAt(1));
  await writeFile(path, '<!-- ringback-diary {"through":-1} -->\n<Event');
  await readSystemLog(path, log.runTool);
  expect(await startsIn(path)).toEqual([1]);
  const before = await readFile(path, "utf8");
  await mkdir(`${path}.new`); // nothing can be written under this name
  log.write(...bootAt(2));
  await expect(readSystemLog(path, log.runTool)).rejects.toThrow(`${path}.new`);
  expect(await readFile(path, "utf8")).toBe(before);
});
