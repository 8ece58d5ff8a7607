/**
 * What the agent also writes into Windows' own Application log, under the source `Ringback`, where administrators look and
 * collect. All else is in the agent's log files alone.
 *
 * The ids never change their meaning. The same words come at most once an hour: a controller that is away must not fill the
 * machine's log. Texts come from EventCreate.exe, whose messages are the text itself, for ids from 1 to 1000.
 */
import type { Log } from "../../ports.ts";

export const EVENT_SOURCE = "Ringback";

/** Ids of what is worth knowing though nothing is wrong, by the agent's own words. */
export const EVENT_IDS: Readonly<Record<string, number>> = {
  "the agent runs": 1,
  "the service stops": 2,
  "this device is enrolled": 3,
  "an order was accepted": 10,
  "an order has ended": 11,
  "the order under way was withdrawn: no new step will be taken": 12,
  "a hold is over": 20,
  "approvers have let it go on": 21,
};
/** Of all warnings, and of all errors. */
const WARNING_ID = 100;
const ERROR_ID = 200;

const AGAIN_AFTER_MS = 60 * 60_000;
/** A machine has few kinds of trouble at a time; no message makes this grow. */
const REMEMBERED_MAX = 200;
/** Windows takes some 31,800 letters. */
const LETTERS_MAX = 8_000;

type Level = "info" | "warn" | "error";
export type WriteEvent = (level: Level, id: number, text: string) => void;

/** @param nowMs by a clock that nobody sets */
export function alsoInEventLog(log: Log, write: WriteEvent, nowMs: () => number): Log {
  const written = new Map<string, { readonly atMs: number; readonly since: number }>();

  const tell = (level: Level, message: string, fields?: Readonly<Record<string, unknown>>): void => {
    const id = level === "error" ? ERROR_ID : level === "warn" ? WARNING_ID : EVENT_IDS[message];
    if (id === undefined) return;
    const before = written.get(message);
    if (level !== "info" && before !== undefined && nowMs() - before.atMs < AGAIN_AFTER_MS) {
      written.set(message, { ...before, since: before.since + 1 });
      return;
    }
    if (written.size >= REMEMBERED_MAX) written.clear();
    written.set(message, { atMs: nowMs(), since: 0 });
    write(level, id, textOf(message, fields, before?.since ?? 0));
  };

  const both =
    (level: Level): Log["info"] =>
    (message, fields) => {
      log[level](message, fields);
      tell(level, message, fields);
    };
  return { info: both("info"), warn: both("warn"), error: both("error") };
}

function textOf(message: string, fields: Readonly<Record<string, unknown>> | undefined, since: number): string {
  const lines = Object.entries(fields ?? {}).map(([name, value]) => `${name}: ${wordsOf(value)}`);
  const often = since === 0 ? [] : [`(${since} times more since this was last written here)`];
  return [message, ...lines, ...often].join("\n").replaceAll("\0", "").slice(0, LETTERS_MAX);
}

const wordsOf = (value: unknown): string => (typeof value === "string" ? value : (JSON.stringify(value) ?? ""));
