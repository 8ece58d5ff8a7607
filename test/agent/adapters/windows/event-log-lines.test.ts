/** What goes into Windows' own log: little, under ids that never change, and never a flood. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { alsoInEventLog, EVENT_IDS, type WriteEvent } from "../../../../agent/adapters/windows/event-log-lines.ts";

const HOUR = 3_600_000;
function aLog() {
  const events: Parameters<WriteEvent>[] = [];
  const lines: string[] = [];
  const time = { ms: 0 };
  const keep = (message: string): void => void lines.push(message);
  const log = alsoInEventLog(
    { info: keep, warn: keep, error: keep },
    (...event) => events.push(event),
    () => time.ms,
  );
  return { events, lines, time, log };
}

test("all goes to the log as before; warnings, errors and a few turning points to Windows' log too", () => {
  const { events, lines, log } = aLog();
  log.info("connected", { waiting: 3 });
  log.info("an order has ended", { order: "order_1", outcome: "succeeded" });
  log.warn("an order was refused", { rule: "expired", because: "it is over" });
  log.error("the journal cannot be right", { because: "line 2", at: { line: 2 } });
  expect(lines).toHaveLength(4);
  expect(events).toEqual([
    ["info", 11, "an order has ended\norder: order_1\noutcome: succeeded"],
    ["warn", 100, "an order was refused\nrule: expired\nbecause: it is over"],
    ["error", 200, 'the journal cannot be right\nbecause: line 2\nat: {"line":2}'],
  ]);
});

test("the same trouble comes once an hour, with how often it was there; two orders are two events", () => {
  const { events, lines, time, log } = aLog();
  for (let i = 0; i < 500; i++) log.warn("not connected", { i });
  time.ms = HOUR;
  log.warn("not connected");
  for (let i = 0; i < 2; i++) log.info("an order was accepted", { order: i });
  expect(lines).toHaveLength(503);
  expect(events.map(([, id, text]) => [id, text])).toEqual([
    [100, "not connected\ni: 0"],
    [100, "not connected\n(499 times more since this was last written here)"],
    [10, "an order was accepted\norder: 0"],
    [10, "an order was accepted\norder: 1"],
  ]);
});

test("a text is no longer than Windows takes, and holds no end of text", () => {
  const { events, log } = aLog();
  log.error("bad\0news", { because: "x".repeat(100_000), nothing: undefined });
  expect(events[0]?.[2].length).toBeLessThan(31_000);
  expect(events[0]?.[2]).toMatch(/^badnews\n/);
});

test("every turning point is in words that the agent really says, under an id of its own that EventCreate.exe has", () => {
  const root = fileURLToPath(new URL("../../../../agent/", import.meta.url));
  const sources = readdirSync(root, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts") && !name.endsWith("event-log-lines.ts"))
    .map((name) => readFileSync(join(root, name), "utf8"))
    .join("\n");
  for (const words of Object.keys(EVENT_IDS)) expect(sources).toContain(`info("${words}"`);
  const ids = Object.values(EVENT_IDS);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.every((id) => id >= 1 && id <= 99)).toBe(true);
});
