import { crc32 } from "node:zlib";
import { expect, test } from "vitest";
import { type EventLog, readEventLog } from "../../../agent/evidence/event-log.ts";
import { bootType, coldStart, driverNotLoaded, logStarted } from "../../support/boot-events.ts";
import { byteSource } from "../../support/bytes.ts";
import { buildEvtx, type EvtxEvent, type EvtxValue, seal } from "../../support/evtx-builder.ts";

const T = Date.parse("2026-07-19T04:00:00Z");
const HEADER = 4096;
const CHUNK = 65_536;
const TEN = Array.from({ length: 10 }, (_, i) => driverNotLoaded(T + i));

function read(bytes: Uint8Array): EventLog {
  const log = readEventLog(byteSource(bytes));
  if (log.kind === "not-one") throw new Error(log.because);
  return log;
}
const figures = ({ records, recovered, lost }: EventLog) => ({ records, recovered, lost });
const file = (...chunks: (readonly EvtxEvent[])[]): Buffer => Buffer.from(buildEvtx(chunks));
const chunk = (bytes: Buffer, i = 0): Buffer => bytes.subarray(HEADER + i * CHUNK, HEADER + (i + 1) * CHUNK);
/** Where the nth record of a chunk begins. */
function recordAt(bytes: Buffer, n: number): number {
  let at = 512;
  for (let i = 0; i < n; i++) at += bytes.readUInt32LE(at + 4);
  return at;
}

test("a sound log loses nothing", () => {
  const log = read(file(TEN, TEN));
  expect(figures(log)).toEqual({ records: 20, recovered: 0, lost: 0 });
  expect(log.lostBecause).toEqual([]);
  expect(log.channel).toBe("System");
  expect(log.counts).toEqual([{ provider: "Service Control Manager", eventId: 7026, count: 20 }]);
});

test("counts are sorted by provider, then by event", () => {
  const { counts } = read(file([...TEN, ...logStarted(T), { provider: "B", eventId: 2, at: T }]));
  expect(counts.map(({ provider, eventId }) => `${provider} ${eventId}`)).toEqual([
    "B 2",
    "EventLog 6005",
    "EventLog 6009",
    "Service Control Manager 7026",
  ]);
});

test("the header's count of chunks is not believed: a log of a machine that crashed is read to its end", () => {
  expect(figures(read(Buffer.from(buildEvtx([TEN, TEN, TEN], { isDirty: true, chunksSaid: 1 }))))).toEqual({
    records: 30,
    recovered: 0,
    lost: 0,
  });
});

test("a header that says nothing of being stale is found out by chunks with later records", () => {
  const stale = buildEvtx([TEN, TEN, TEN], { chunksSaid: 1, nextRecordSaid: 11 });
  expect(figures(read(Buffer.from(stale)))).toEqual({ records: 30, recovered: 0, lost: 0 });
});

test("what lies behind the chunks of a log that was closed well is of earlier days: recovered", () => {
  expect(figures(read(Buffer.from(buildEvtx([TEN, TEN, TEN], { chunksSaid: 2 }))))).toEqual({
    records: 20,
    recovered: 10,
    lost: 0,
  });
});

test.each([
  { name: "a wrong checksum", damage: (bytes: Buffer) => bytes.writeUInt32LE(7, 124) },
  { name: "no magic", damage: (bytes: Buffer) => bytes.fill(0x41, 0, 8) },
  { name: "nothing but zeros", damage: (bytes: Buffer) => bytes.fill(0, 0, HEADER) },
])("a file header with $name: the records are there all the same, and it is said", ({ damage }) => {
  const bytes = file(TEN, TEN);
  damage(bytes);
  const log = read(bytes);
  expect(figures(log)).toEqual({ records: 20, recovered: 0, lost: 0 });
  expect(log.lostBecause.join()).toContain("header of the file");
});

test("a chunk whose checksums are wrong gives its records, and it is said", () => {
  const bytes = file(TEN);
  chunk(bytes).writeUInt32LE(7, 52);
  const log = read(bytes);
  expect(figures(log)).toEqual({ records: 10, recovered: 0, lost: 0 });
  expect(log.lostBecause.join()).toContain("chunk 0 is damaged: the checksum");
});

test("a chunk without its magic gives none, but they are found; the other chunks are untouched", () => {
  const bytes = file(TEN, TEN, TEN);
  chunk(bytes, 1).fill(0, 0, 8);
  const log = read(bytes);
  expect(figures(log)).toEqual({ records: 20, recovered: 10, lost: 0 });
  expect(log.lostBecause.join()).toContain("chunk 1 has no good header; 10 records were recovered");
});

test("a record that is broken ends its chunk: those behind it are recovered and are missed", () => {
  const bytes = file(TEN, TEN);
  const first = chunk(bytes);
  first.writeUInt32LE(0xffff_fff0, recordAt(first, 4) + 4);
  seal(first);
  const log = read(bytes);
  expect(figures(log)).toEqual({ records: 14, recovered: 5, lost: 6 });
  expect(log.lostBecause.join()).toContain("6 of 10 records");
});

test("a record whose content is broken is missed by itself", () => {
  const bytes = file(TEN);
  const first = chunk(bytes);
  first.writeUInt32LE(0xffff, recordAt(first, 4) + 24 + 14); // the number of its values
  const log = read(seal(first) && bytes);
  expect(figures(log)).toEqual({ records: 9, recovered: 0, lost: 1 });
  expect(log.lostBecause.join()).toContain("content of 1 records");
});

test("a file that is cut says how many records its last chunk held", () => {
  const log = read(file(TEN, TEN).subarray(0, HEADER + CHUNK + 6000));
  expect(figures(log)).toEqual({ records: 10, recovered: 0, lost: 10 });
  expect(log.lostBecause.join()).toContain("ends within chunk 1");
});

test.each([
  { name: "its header", length: 60 },
  { name: "the space behind its header", length: 3000 },
])("a file that ends within $name is a log without records", ({ length }) => {
  expect(read(file(TEN).subarray(0, length)).records).toBe(0);
});

test.each([
  { name: "empty", bytes: Buffer.alloc(0) },
  { name: "zeros", bytes: Buffer.alloc(200_000) },
  { name: "a program", bytes: Buffer.from("MZ\x90\0\x03") },
  { name: "other XML", bytes: Buffer.from("<?xml version='1.0'?><Eventful><Event2/></Eventful>") },
])("$name is no event log, and one sentence says so", ({ bytes }) => {
  const log = readEventLog(byteSource(bytes));
  expect(log.kind === "not-one" && log.because).toMatch(/^[^\n]{5,120}$/);
});

test("values behind a boolean are read where they stand", () => {
  const type = bootType(T + 1, 0);
  const start: EvtxEvent[] = [...coldStart(T).slice(0, 3), { ...type, data: { Flag: true, BootType: 0 } }];
  expect(read(file(start)).boots.map(({ kind }) => kind)).toEqual(["cold"]);
});

test("the names of providers count in any case", () => {
  const shouted = coldStart(T).map((event) => ({ ...event, provider: event.provider.toUpperCase() }));
  expect(read(file(shouted)).boots).toMatchObject([{ startedAt: T, kind: "cold" }]);
});

/** A value used 500 times, in data used 500 times, in data used 500 times: 125 million texts. */
test("a record that would render into gigabytes is read but for its data", () => {
  const level = (value: EvtxValue, i: number): EvtxEvent => ({
    ...bootType(T, 0),
    eventId: 27 + i,
    data: { BootType: value },
    uses: 500,
  });
  const bomb = level({ within: level({ within: level("text ".repeat(20), 2) }, 1) }, 0);
  const log = read(file([...coldStart(T), bomb]));
  expect(log.records).toBe(5);
  expect(log.lostBecause.join()).toContain("but for their data");
});

test("chains of names and templates that lead in a circle, or out of the file, are not followed", () => {
  const bytes = file(TEN);
  const first = chunk(bytes);
  for (let at = 0x80; at < 0x200; at += 4) first.writeUInt32LE(at % 8 === 0 ? 512 : 0xffff_ff00, at);
  first.writeUInt32LE(512, 512 + 24 + 14); // the first template follows itself
  expect(figures(read(seal(first) && bytes))).toEqual({ records: 10, recovered: 0, lost: 0 });
});

test("a chunk of zeros in front of others is a loss, and it is said; space behind them was never used", () => {
  const bytes = Buffer.concat([file(TEN, TEN, TEN), Buffer.alloc(2 * CHUNK)]);
  bytes.fill(0, HEADER + CHUNK, HEADER + 2 * CHUNK);
  bytes.writeUInt32LE(1, 120);
  bytes.writeUInt32LE(crc32(bytes.subarray(0, 120)), 124);
  const log = read(bytes);
  expect(figures(log)).toEqual({ records: 20, recovered: 0, lost: 0 });
  expect(log.lostBecause).toEqual(["chunk 1 is nothing but zeros; what it held is lost"]);
});

test("of a file of terabytes, empty but for its beginning, so much is read as a log can have, and it is said", () => {
  const log = file(TEN);
  const nothing = new Uint8Array(CHUNK);
  const read = (offset: number, length: number): Uint8Array =>
    offset < log.length ? log.subarray(offset, offset + length) : nothing.subarray(0, length);
  const found = readEventLog({ size: 2 ** 50, read });
  expect(found).toMatchObject({ records: 10, recovered: 0, lost: 0 });
  expect(found.kind === "event-log" && found.lostBecause.join()).toContain("only the first 4 GiB");
});
