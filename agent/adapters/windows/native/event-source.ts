/** Entries in Windows' Application log under a source that the installer registered; its text is what the entry brings. */
import { koffi } from "./koffi.ts";

const advapi32 = koffi.load("advapi32.dll");
const registerSource = advapi32.func("RegisterEventSourceW", "void *", ["str16", "str16"]) as (
  server: null,
  source: string,
) => unknown;
const reportEvent = advapi32.func("ReportEventW", "int32_t", [
  "void *",
  "uint16_t",
  "uint16_t",
  "uint32_t",
  "void *",
  "uint16_t",
  "uint32_t",
  koffi.pointer("str16"),
  "void *",
]) as (
  source: unknown,
  type: number,
  category: number,
  eventId: number,
  sid: null,
  strings: number,
  dataBytes: number,
  texts: readonly string[],
  data: null,
) => number;

/** EVENTLOG_*_TYPE of winnt.h. */
const TYPE = { error: 1, warning: 2, information: 4 } as const;

/** @returns false where Windows did not take it */
export type ReportEvent = (type: keyof typeof TYPE, eventId: number, text: string) => boolean;

/** Lives as long as the process: the handle is given back when it ends. */
export function eventSource(name: string): ReportEvent {
  const source = registerSource(null, name);
  return (type, eventId, text) =>
    source !== null && reportEvent(source, TYPE[type], 0, eventId, null, 1, 0, [text], null) !== 0;
}
