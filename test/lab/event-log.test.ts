import { expect, test } from "vitest";
import { previousEnd } from "../support/previous-end.ts";
import { renderRecord } from "./event-log.ts";
import { bootRecords, type LastEnd, restartRecords } from "./event-records.ts";

const AT = Date.parse("2026-07-19T04:12:33.123Z");
const STOP = { code: 0x50, parameters: [0xffff_9c8e_0000_0123n, 0n, 0xffff_f804_8b58_334cn, 2n] } as const;
const BUGCHECK: LastEnd = {
  kind: "bugcheck",
  stop: STOP,
  dumpPath: "C:\\Windows\\Minidump\\071926-900-01.dmp",
  at: AT - 5_000,
  uptimeMs: 900,
};

const render = (...records: Parameters<typeof renderRecord>[0][]): string[] =>
  records.map((record, i) => renderRecord(record, { computer: "NGH-WS-01", recordId: i + 1 }));
const afterABoot = (last: LastEnd) =>
  render(...bootRecords(AT - 60_000, 1, { kind: "clean" }), ...bootRecords(AT, 2, last));

test("records are single lines of well-formed XML, numbered, with their channel and computer", () => {
  const lines = render(...bootRecords(AT, 2, BUGCHECK), ...restartRecords(AT, `a <reason> & 'more'`, "NGH-WS-01"));
  for (const line of lines) {
    expect(line).toMatch(/^<Event xmlns='http:\/\/schemas\.microsoft\.com\/win\/2004\/08\/events\/event'>.*<\/Event>$/);
    expect(line).toContain("<Channel>System</Channel><Computer>NGH-WS-01</Computer>");
    expect(openTags(line)).toEqual([]);
  }
  expect(lines.map((line) => /<EventID>(\d+)/.exec(line)?.[1])).toEqual([
    "12",
    "41",
    "6008",
    "6005",
    "1001",
    "1074",
    "6006",
    "13",
  ]);
  expect(lines.join("")).toContain("a &lt;reason&gt; &amp; &apos;more&apos;");
});

test("a crash is told in decimal by Kernel-Power 41 and in hex by event 1001", () => {
  const text = render(...bootRecords(AT, 2, BUGCHECK)).join("\n");
  expect(text).toContain("<Data Name='BugcheckCode'>80</Data>");
  expect(text).toContain("<Data Name='BugcheckParameter1'>0xffff9c8e00000123</Data>");
  expect(text).toContain("0x00000050 (0xffff9c8e00000123, 0x0000000000000000, 0xfffff8048b58334c, 0x0000000000000002)");
});

test("the agent reads from these records how the last boot ended", () => {
  expect(previousEnd(afterABoot(BUGCHECK))).toEqual({
    kind: "bugcheck",
    bugcheck: { code: "50", parameters: ["ffff9c8e00000123", "0", "fffff8048b58334c", "2"] },
  });
  expect(previousEnd(afterABoot({ kind: "power-loss", at: AT - 5_000 }))).toEqual({ kind: "power-loss" });
  const restarted = [
    ...bootRecords(AT - 60_000, 1, { kind: "clean" }),
    ...restartRecords(AT - 5_000, "planned", "NGH-WS-01"),
    ...bootRecords(AT, 2, { kind: "clean" }),
  ];
  expect(previousEnd(render(...restarted))).toEqual({ kind: "planned-restart" });
});

/** Tags that were opened and not closed, or closed in the wrong order. */
function openTags(xml: string): string[] {
  const open: string[] = [];
  for (const [, closing, name = "", , selfClosing] of xml.matchAll(/<(\/?)([A-Za-z]+)((?:\s+\w+='[^'<]*')*)(\/?)>/g)) {
    if (selfClosing === "/") continue;
    if (closing === "/" && open.at(-1) === name) open.pop();
    else open.push(name);
  }
  return open;
}
