import { expect, test } from "vitest";
import { alsoInEventLog } from "../../../../agent/adapters/windows/event-log.ts";
import type { Log } from "../../../../agent/ports.ts";

/** A log, what its own lines were, and what Windows was told. */
function aLog() {
  const own: string[] = [];
  const events: { readonly type: string; readonly id: number; readonly text: string }[] = [];
  const write = (message: string): void => void own.push(message);
  let nowMs = 0;
  const report = (type: string, id: number, text: string): boolean => events.push({ type, id, text }) > 0;
  const log: Log = alsoInEventLog({ info: write, warn: write, error: write }, report, () => nowMs);
  return { log, own, events, later: (ms: number) => void (nowMs += ms) };
}

test("the service's life, warnings and errors stand in Windows' log too, with what they say", () => {
  const { log, own, events } = aLog();
  log.info("the service starts", { pid: 5 });
  log.info("connected", { waiting: 0 });
  log.warn("not connected", { by: "wss://c.example", reason: "the proxy does not answer" });
  log.error("the agent cannot go on", { because: "50 % of %1" });
  expect(own).toEqual(["the service starts", "connected", "not connected", "the agent cannot go on"]);
  expect(events).toEqual([
    { type: "information", id: 1, text: "the service starts\r\npid: 5" },
    {
      type: "warning",
      id: 2,
      text: "not connected\r\nby: wss://c.example\r\nreason: the proxy does not answer",
    },
    { type: "error", id: 3, text: expect.stringMatching(/^the agent cannot go on\r\nbecause: 50 %/) as string },
  ]);
  expect(events[2]?.text).not.toContain("%1"); // Windows would put another text there
});

test("a log that repeats itself fills an hour with fifty entries and says so; the next hour is told again", () => {
  const { log, own, events, later } = aLog();
  for (let n = 0; n < 1_000; n++) log.warn("again");
  expect(own).toHaveLength(1_000);
  expect(events).toHaveLength(51);
  expect(events.at(-1)).toMatchObject({ id: 4, text: expect.stringContaining("agent.log") as string });
  later(3_600_000);
  log.warn("again");
  expect(events).toHaveLength(52);
});

test("an entry is never longer than Windows takes", () => {
  const { log, events } = aLog();
  log.error("x", { because: "y".repeat(100_000) });
  expect(events[0]?.text.length).toBeLessThanOrEqual(31_839);
});
