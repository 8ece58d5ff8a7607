/**
 * What the System log of Windows says of boots and ends: the records and their fields, with the number formats of
 * Windows. Kernel-Power 41 writes the bugcheck code in decimal and its parameters in hex, event 1001 writes both in hex,
 * and 6008 says the time of the end in words of the local language, with direction marks in them.
 */
import type { KernelStop } from "./crash-dump.ts";

const LEFT_TO_RIGHT_MARK = "\u200e";

/** How the boot before this one ended, as far as the machine's firmware could tell. */
export type LastEnd =
  | { readonly kind: "clean" }
  | {
      readonly kind: "bugcheck";
      readonly stop: KernelStop;
      readonly dumpPath: string;
      readonly at: number;
      readonly uptimeMs: number;
    }
  | { readonly kind: "power-loss"; readonly at: number };

export interface EventRecord {
  readonly at: number;
  readonly provider: string;
  /** Providers of the manifest era have a GUID; classic ones a source name. */
  readonly guid?: string;
  readonly id: number;
  /** Critical, error, information. */
  readonly level: 1 | 2 | 4;
  readonly data: readonly (readonly [name: string | undefined, value: string])[];
  readonly message: string;
}

/** What the log gains when a machine has booted. */
export function bootRecords(bootedAt: number, bootNumber: number, last: LastEnd): EventRecord[] {
  const records: EventRecord[] = [
    {
      at: bootedAt,
      provider: "Microsoft-Windows-Kernel-General",
      guid: "{a68ca8b7-004f-d7b6-a698-07e2de0f1f5d}",
      id: 12,
      level: 4,
      data: [
        ["MajorVersion", "10"],
        ["MinorVersion", "0"],
        ["BuildVersion", "19041"],
        ["BootMode", "0"],
        ["StartTime", windowsTime(bootedAt)],
      ],
      message: `The operating system started at system time ${windowsTime(bootedAt)}.`,
    },
  ];
  if (last.kind !== "clean") records.push(kernelPower41(bootedAt, last), eventLog6008(bootedAt, last.at));
  records.push({
    at: bootedAt,
    provider: "EventLog",
    id: 6005,
    level: 4,
    data: [[undefined, String(bootNumber)]],
    message: "The Event log service was started.",
  });
  if (last.kind === "bugcheck") records.push(bugcheck1001(bootedAt, last));
  return records;
}

/** What the log gains when somebody asked for a restart and Windows went down in good order. */
export function restartRecords(at: number, reason: string, computer: string): EventRecord[] {
  return [
    {
      at,
      provider: "User32",
      guid: "{b0aa8734-56f7-41cc-b2f4-de228e98b946}",
      id: 1074,
      level: 4,
      data: [
        ["param1", "C:\\Windows\\system32\\shutdown.exe"],
        ["param2", computer],
        ["param3", "Application: Maintenance (Planned)"],
        ["param4", "0x80040001"],
        ["param5", "restart"],
        ["param6", reason],
        ["param7", "NT AUTHORITY\\SYSTEM"],
      ],
      message:
        `The process C:\\Windows\\system32\\shutdown.exe (${computer}) has initiated the restart of computer ${computer} ` +
        `on behalf of user NT AUTHORITY\\SYSTEM for the following reason: Application: Maintenance (Planned)`,
    },
    {
      at,
      provider: "EventLog",
      id: 6006,
      level: 4,
      data: [],
      message: "The Event log service was stopped.",
    },
    {
      at,
      provider: "Microsoft-Windows-Kernel-General",
      guid: "{a68ca8b7-004f-d7b6-a698-07e2de0f1f5d}",
      id: 13,
      level: 4,
      data: [["StopTime", windowsTime(at)]],
      message: `The operating system is shutting down at system time ${windowsTime(at)}.`,
    },
  ];
}

function kernelPower41(at: number, last: Exclude<LastEnd, { kind: "clean" }>): EventRecord {
  const stop = last.kind === "bugcheck" ? last.stop : { code: 0, parameters: [0n, 0n, 0n, 0n] };
  return {
    at,
    provider: "Microsoft-Windows-Kernel-Power",
    guid: "{331c3b3a-2005-44c2-ac5e-77220c37d6b4}",
    id: 41,
    level: 1,
    data: [
      ["BugcheckCode", String(stop.code)],
      ...stop.parameters.map((parameter, i) => [`BugcheckParameter${i + 1}`, `0x${parameter.toString(16)}`] as const),
      ["SleepInProgress", "0"],
      ["PowerButtonTimestamp", "0"],
      ["BootAppStatus", "0"],
    ],
    message:
      "The system has rebooted without cleanly shutting down first. This error could be caused if the system stopped " +
      "responding, crashed, or lost power unexpectedly.",
  };
}

function eventLog6008(at: number, endedAt: number): EventRecord {
  const [date = "", time = ""] = new Date(endedAt).toISOString().split("T");
  const [year = "", month = "", day = ""] = date.split("-");
  const marked = [month, day, year].map((part) => `${LEFT_TO_RIGHT_MARK}${Number(part)}`).join("/");
  return {
    at,
    provider: "EventLog",
    id: 6008,
    level: 2,
    data: [
      [undefined, time.slice(0, 8)],
      [undefined, marked],
    ],
    message: `The previous system shutdown at ${time.slice(0, 8)} on ${marked} was unexpected.`,
  };
}

function bugcheck1001(at: number, last: Extract<LastEnd, { kind: "bugcheck" }>): EventRecord {
  const hex = (value: bigint | number, digits: number): string => `0x${value.toString(16).padStart(digits, "0")}`;
  const stop = `${hex(last.stop.code, 8)} (${last.stop.parameters.map((parameter) => hex(parameter, 16)).join(", ")})`;
  return {
    at,
    provider: "Microsoft-Windows-WER-SystemErrorReporting",
    guid: "{abce23e7-de45-4366-8631-84fa6c525952}",
    id: 1001,
    level: 2,
    data: [
      ["param1", stop],
      ["param2", last.dumpPath],
      ["param3", "00000000-0000-0000-0000-000000000000"],
    ],
    message: `The computer has rebooted from a bugcheck.  The bugcheck was: ${stop}. A dump was saved in: ${last.dumpPath}.`,
  };
}

/** `2026-07-19T04:12:33.1230000Z`: seven decimals, as Windows writes them. */
export const windowsTime = (at: number): string => new Date(at).toISOString().replace(/Z$/, "0000Z");
