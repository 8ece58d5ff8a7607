/** Logs of real machines, compared with what independent tools read from them. */
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { type EventLog, readEventLog } from "../../../agent/evidence/event-log.ts";
import { LoggedBoot } from "../../../protocol/boot.ts";
import { byteSource } from "../../support/bytes.ts";
import { samples } from "../../support/samples.ts";

const { files, note } = samples("evtx", ".evtx");

const Expected = z.object({
  file_header: z.object({ records_by_chunk_headers: z.int() }),
  records: z.int(),
  recovered_records: z.int(),
  channels: z.record(z.string(), z.int()),
  counts: z.array(z.object({ provider: z.string(), event_id: z.int(), count: z.int() })),
  boot_events: z.array(z.tuple([z.int(), z.string(), z.string(), z.int()])),
});

const read = (file: string): EventLog => {
  const log = readEventLog(byteSource(readFileSync(file)));
  if (log.kind === "not-one") throw new Error(log.because);
  return log;
};
const expectedOf = (file: string) => Expected.parse(JSON.parse(readFileSync(`${file}.expected.json`, "utf8")));
const named = (name: string): string => files.find((file) => basename(file) === name) ?? "";

describe.skipIf(files.length === 0)(`event logs of real machines${note}`, () => {
  test.each(files.map((file) => ({ file, name: basename(file) })))("$name: the figures of libevtx", ({ file }) => {
    const expected = expectedOf(file);
    const log = read(file);
    expect({ records: log.records, recovered: log.recovered, channel: log.channel }).toEqual({
      records: expected.records,
      recovered: expected.recovered_records,
      channel: Object.keys(expected.channels)[0],
    });
    expect(log.counts.map(({ provider, eventId, count }) => ({ provider, event_id: eventId, count }))).toEqual(
      expected.counts,
    );
    expect(log.lost).toBe(expected.file_header.records_by_chunk_headers - expected.records);
    const isWithoutReason = log.lost > 0 && log.lostBecause.length === 0;
    expect(isWithoutReason).toBe(false);
  });

  test("a log whose numbers jump where two chunks are zeros: no count says so, but the words do", () => {
    expect(read(named("omer-2-vss_7-System.evtx")).lostBecause).toEqual([
      "chunk 10 is nothing but zeros; what it held is lost",
      "chunk 11 is nothing but zeros; what it held is lost",
    ]);
  });

  test.each(files.map((file) => ({ file, name: basename(file) })))(
    "$name: a boot for each start of the kernel, at most one before the log begins",
    ({ file }) => {
      const starts = expectedOf(file).boot_events.filter(
        ([, , provider, id]) => provider === "Microsoft-Windows-Kernel-General" && id === 12,
      );
      const { boots } = read(file);
      expect(boots.filter(({ startedAt }) => startedAt !== null)).toHaveLength(starts.length);
      expect(boots.slice(1).every(({ startedAt }) => startedAt !== null)).toBe(true);
      expect(z.array(LoggedBoot).safeParse(boots).success).toBe(true);
    },
  );

  test("a machine that crashed once and lost power once", () => {
    const { boots } = read(named("pythonevtx-win7-system.evtx"));
    expect(boots.map(({ ended }) => ended)).toEqual([
      { kind: "planned-restart" },
      { kind: "planned-restart" },
      { kind: "planned-restart" },
      { kind: "bugcheck", bugcheck: { code: "10001", parameters: ["0", "0", "0", "0"] } },
      { kind: "power-loss" },
      { kind: "unknown" },
    ]);
    // The times of 6008, in UTC: its text says 9:59:13 AM and 3:09:23 PM in local time.
    expect(boots[3]?.endedAt).toBe(Date.parse("2012-04-06T13:59:13.029Z"));
    expect(boots[4]?.endedAt).toBe(Date.parse("2012-04-06T19:09:23.331Z"));
    expect(boots.at(-1)?.endedAt).toBeNull();
  });

  test("shutdowns, restarts and losses of power of a server whose clock was set back", () => {
    expect(read(named("plaso-System.evtx")).boots.map(({ ended }) => ended.kind)).toEqual([
      "planned-restart",
      "planned-restart",
      "power-loss",
      "planned-restart",
      "planned-restart",
      "planned-restart",
      "clean",
      "power-loss",
      "clean",
    ]);
  });

  test("a log with a stale header is read to its end", () => {
    const { boots } = read(named("omer-system.evtx"));
    expect(boots.map(({ kind, ended }) => [kind, ended.kind])).toEqual([
      ["cold", "planned-restart"],
      ["cold", "planned-restart"],
      ["cold", "unknown"],
    ]);
  });
});
