import { expect, test } from "vitest";
import { type EventLog, readEventLog } from "../../../agent/evidence/event-log.ts";
import { parseEvent } from "../../../agent/evidence/event-record.ts";
import type { ByteSource } from "../../../agent/evidence/byte-source.ts";
import { byteSource } from "../../support/bytes.ts";

const START = "Microsoft-Windows-Kernel-General";
const CROSSED =
  "<RenderingInfo Culture='de-DE'><Message>Das System wurde neu gestartet.</Message><Level>Kritisch</Level>" +
  "<Provider Name='no'>Nein</Provider><Channel>Nein</Channel></RenderingInfo>";

const event = (provider: string, id: number, recordId: number, body = ""): string =>
  `<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='${provider}' ` +
  `Guid='{331c3b3a-2005-44c2-ac5e-77220c37d6b4}'/><EventID Qualifiers='0'>${id}</EventID>` +
  `<TimeCreated SystemTime='2026-07-19T04:12:${String(recordId).padStart(2, "0")}.1234567Z'/>` +
  `<EventRecordID>${recordId}</EventRecordID><Channel>System</Channel><Computer>NGH-WS-01</Computer>` +
  `<Security/></System><EventData>${body}</EventData>${CROSSED}</Event>`;
const LINES = [
  event(START, 12, 1, "<Data Name='StartTime'>2026-07-19T04:12:00.500000000Z</Data>"),
  event("User32", 1074, 2),
  event("EventLog", 6006, 3),
  event(START, 12, 4, "<Data Name='StartTime'>2026-07-19T04:30:00.500000000Z</Data>"),
];
const TEXT = LINES.join("\r\n");

function read(source: ByteSource): EventLog {
  const log = readEventLog(source);
  if (log.kind === "not-one") throw new Error(log.because);
  return log;
}
const utf16 = (text: string): Buffer => Buffer.from(`\ufeff${text}`, "utf16le");

test.each([
  { name: "a record a line", bytes: Buffer.from(TEXT) },
  { name: "with a byte order mark", bytes: Buffer.from(`\ufeff${TEXT}`) },
  { name: "in a list", bytes: Buffer.from(`<?xml version="1.0" encoding="utf-8"?>\n<Events>${TEXT}</Events>\n`) },
  { name: "in UTF-16LE, as Windows redirects", bytes: utf16(TEXT) },
  { name: "in UTF-16BE, as other systems save it", bytes: utf16(TEXT).swap16() },
  { name: "in UTF-16LE without a mark, after a line", bytes: utf16(`\r\n${TEXT}`).subarray(2) },
  { name: "in double quotes", bytes: Buffer.from(TEXT.replaceAll("'", '"')) },
  { name: "newest first", bytes: Buffer.from([...LINES].reverse().join("\n")) },
])("$name", ({ bytes }) => {
  expect(read(byteSource(bytes))).toEqual({
    kind: "event-log",
    channel: "System",
    records: 4,
    recovered: 0,
    lost: 0,
    lostBecause: [],
    counts: [
      { provider: "EventLog", eventId: 6006, count: 1 },
      { provider: START, eventId: 12, count: 2 },
      { provider: "User32", eventId: 1074, count: 1 },
    ],
    boots: [
      {
        startedAt: Date.parse("2026-07-19T04:12:00.500Z"),
        endedAt: Date.parse("2026-07-19T04:12:03.123Z"),
        kind: "cold",
        ended: { kind: "planned-restart" },
      },
      {
        startedAt: Date.parse("2026-07-19T04:30:00.500Z"),
        endedAt: null,
        kind: "cold",
        ended: { kind: "unknown" },
      },
    ],
  });
});

test.each([1, 2, 3, 7, 100])("the same from a source that gives %i bytes at a time", (some) => {
  const bytes = utf16(TEXT);
  const source = { size: bytes.length, read: (offset: number) => bytes.subarray(offset, offset + some) };
  expect(read(source)).toEqual(read(byteSource(bytes)));
});

test("the first and the last record may be cut off, and are missed", () => {
  const log = read(byteSource(Buffer.from(TEXT.slice(200, -200))));
  expect(log).toMatchObject({ records: 2, lost: 2 });
  expect(log.lostBecause).toEqual(["the first record is cut off", "the last record is cut off"]);
});

test("an empty list is a log without records", () => {
  expect(read(byteSource(Buffer.from("<Events></Events>"))).records).toBe(0);
});

test("a record without end is given up, the next one is read", () => {
  const endless = `<Event><System>${"x".repeat(1_500_000)}`;
  const log = read(byteSource(Buffer.from(`${TEXT}${endless}</Event>${LINES[0]}`)));
  expect(log).toMatchObject({ records: 5, lost: 1 });
});

test("a record that does not say which event it is of is missed", () => {
  expect(read(byteSource(Buffer.from(`${TEXT}<Event><System/></Event>`)))).toMatchObject({ records: 4, lost: 1 });
});

test("6008: when the machine was last alive is taken from its binary, not from its text", () => {
  const text = "<Data>9:59:13</Data><Data>\u200e06.\u200e04.\u200e2012</Data>";
  const binary = "DC0704000500060009003B000D001D00DC070400050006000D003B000D001D0060090000";
  const log = [
    LINES[0],
    LINES[3],
    event("EventLog", 6008, 5, `${text}<Binary>${binary}</Binary>`),
    event("EventLog", 6008, 6, `${text}<Binary>${"F".repeat(64)}</Binary>`),
  ];
  expect(read(byteSource(Buffer.from(log.join("\n")))).boots.map(({ endedAt }) => endedAt)).toEqual([
    Date.parse("2012-04-06T13:59:13.029Z"),
    null,
    null,
  ]);
});

test("entities, character references and CDATA are decoded, once", () => {
  const record = parseEvent(
    event(
      "P",
      7,
      1,
      "<Data Name='a&#x27;b'>1 &lt; 2 &amp;amp; &#8364;</Data><Data>x<![CDATA[<y>&amp;]]></Data><Data/>",
    ),
  );
  expect([...(record?.data ?? [])]).toEqual([["a'b", "1 < 2 &amp; €"]]);
  expect(record?.values).toEqual(["x<y>&amp;", ""]);
});

test("fields of UserData go by the names of their elements", () => {
  const xml = event("P", 7, 1).replace(
    /<EventData>.*<\/EventData>/,
    "<UserData><q:Cleared xmlns:q='u'><q:Who>SYSTEM</q:Who></q:Cleared></UserData>",
  );
  expect([...(parseEvent(xml)?.data ?? [])]).toEqual([["Who", "SYSTEM"]]);
});

test("what Windows renders for people is not taken for what the record says", () => {
  expect(parseEvent(event("P", 7, 1))).toMatchObject({ provider: "P", eventId: 7, channel: "System" });
});
