/**
 * Writing into Windows' Application log under a source of our own.
 * https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-reporteventw
 */
import { koffi } from "./koffi.ts";

const library = koffi.load("advapi32.dll");
const RegisterEventSourceW = library.func("uintptr_t __stdcall RegisterEventSourceW(void *server, str16 source)") as (
  server: null,
  source: string,
) => number | bigint;
const ReportEventW = library.func(
  "bool __stdcall ReportEventW(uintptr_t log, uint16_t type, uint16_t category, uint32_t id, void *user, " +
    "uint16_t count, uint32_t bytes, str16 *texts, void *data)",
) as (...args: [number | bigint, number, number, number, null, number, number, readonly string[], null]) => boolean;

/** EVENTLOG_ERROR_TYPE and so on, of winnt.h. */
export const EVENT_TYPE = { error: 1, warn: 2, info: 4 } as const;

/** Opened once, and for as long as the process lives. @returns false where nothing was written */
export function eventSource(name: string): (type: number, id: number, text: string) => boolean {
  let log: number | bigint | undefined;
  return (type, id, text) => {
    log ??= RegisterEventSourceW(null, name);
    return Number(log) !== 0 && ReportEventW(log, type, 0, id, null, 1, 0, [text], null);
  };
}
