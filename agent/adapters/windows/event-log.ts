/**
 * What of the agent's log an administrator finds in Windows' own: that the service starts and stops, warnings and errors.
 *
 * The ids are documented (docs/how-to/deploy-the-agent.md) and never change their meaning. Bounded: a log that repeats itself
 * all day must not push everybody else's entries out of Application.
 */
import type { Log } from "../../ports.ts";
import type { ReportEvent } from "./native/event-source.ts";

const EVENT_ID = { lifecycle: 1, warning: 2, error: 3, left_out: 4 } as const;
/** Of the service's own life; other information stays in the agent's log. */
const LIFECYCLE: ReadonlySet<string> = new Set([
  "the service starts",
  "the service stops",
  "this device is enrolled",
  "the agent runs",
]);
const WINDOW_MS = 3_600_000;
const EVENTS_MAX = 50;
/** ReportEvent takes 31,839 letters. */
const LETTERS_MAX = 8_000;

/** @param nowMs of a clock that nobody sets */
export function alsoInEventLog(log: Log, report: ReportEvent, nowMs: () => number): Log {
  let window = { sinceMs: nowMs(), events: 0 };
  const tell = (
    type: "error" | "warning" | "information",
    eventId: number,
    message: string,
    fields: Readonly<Record<string, unknown>>,
  ): void => {
    if (nowMs() - window.sinceMs >= WINDOW_MS) window = { sinceMs: nowMs(), events: 0 };
    if (++window.events > EVENTS_MAX) return;
    const details = Object.entries(fields).map(([name, value]) => `${name}: ${said(value)}`);
    report(type, eventId, [message, ...details].join("\r\n").slice(0, LETTERS_MAX));
    if (window.events === EVENTS_MAX)
      report("warning", EVENT_ID.left_out, "More of this hour stands in the agent's own log alone, agent.log.");
  };
  return {
    info(message, fields = {}) {
      log.info(message, fields);
      if (LIFECYCLE.has(message)) tell("information", EVENT_ID.lifecycle, message, fields);
    },
    warn(message, fields = {}) {
      log.warn(message, fields);
      tell("warning", EVENT_ID.warning, message, fields);
    },
    error(message, fields = {}) {
      log.error(message, fields);
      tell("error", EVENT_ID.error, message, fields);
    },
  };
}

/** `%1` and its like stand for other texts in Windows' log: no entry may bring its own. */
const said = (value: unknown): string =>
  (typeof value === "string" ? value : (JSON.stringify(value) ?? "")).replaceAll("%", "%\u200b");
