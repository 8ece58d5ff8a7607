/** The records that Windows leaves of a boot, for tests to put together; all times are milliseconds. */
import type { EvtxEvent } from "./evtx-builder.ts";

const GENERAL = "Microsoft-Windows-Kernel-General";
const POWER = "Microsoft-Windows-Kernel-Power";
const BOOT = "Microsoft-Windows-Kernel-Boot";

export const kernelStarted = (at: number): EvtxEvent => ({
  provider: GENERAL,
  eventId: 12,
  at: at + 400,
  data: { MajorVersion: 10, StartTime: { filetimeOfMs: at } },
});
export const kernelStopped = (at: number): EvtxEvent => ({
  provider: GENERAL,
  eventId: 13,
  at,
  data: { StopTime: { filetimeOfMs: at } },
});
export const logStarted = (at: number): EvtxEvent[] => [
  { provider: "EventLog", eventId: 6009, at },
  { provider: "EventLog", eventId: 6005, at },
];
export const logStopped = (at: number): EvtxEvent => ({ provider: "EventLog", eventId: 6006, at });
export const unexpectedEnd = (at: number): EvtxEvent => ({ provider: "EventLog", eventId: 6008, at });
export const bootType = (at: number, type: number): EvtxEvent => ({
  provider: BOOT,
  eventId: 27,
  at,
  data: { BootType: type, LoadOptions: " NOEXECUTE=OPTIN" },
});
export const lastShutdown = (at: number, good: boolean): EvtxEvent => ({
  provider: BOOT,
  eventId: 20,
  at,
  data: { LastShutdownGood: good, LastBootGood: good, LastBootId: 7 },
});
export const dirtyStart = (at: number, code: number, ...parameters: bigint[]): EvtxEvent => ({
  provider: POWER,
  eventId: 41,
  at,
  data: {
    BugcheckCode: code,
    ...Object.fromEntries([0, 1, 2, 3].map((i) => [`BugcheckParameter${i + 1}`, parameters[i] ?? 0n])),
    SleepInProgress: false,
  },
});
export const bugcheckReport = (at: number, text: string, provider = "BugCheck"): EvtxEvent => ({
  provider,
  eventId: 1001,
  at,
  data: { param1: text, param2: "C:\\Windows\\MEMORY.DMP" },
});
export const endAskedFor = (at: number, kindInWords: string): EvtxEvent => ({
  provider: "USER32",
  eventId: 1074,
  at,
  data: { param4: "0x500ff", param5: kindInWords },
});
export const endCalledOff = (at: number): EvtxEvent => ({ provider: "User32", eventId: 1075, at });
export const powerAction = (at: number, action: number): EvtxEvent => ({
  provider: POWER,
  eventId: 109,
  at,
  data: { ShutdownActionType: action, ShutdownEventCode: 0, ShutdownReason: 5 },
});
export const goingToSleep = (at: number): EvtxEvent => ({
  provider: POWER,
  eventId: 42,
  at,
  data: { TargetState: 5, EffectiveState: 5 },
});
export const driverNotLoaded = (at: number): EvtxEvent => ({
  provider: "Service Control Manager",
  eventId: 7026,
  at,
  data: { param1: "dam" },
});
/** A cold start, in the order of a modern Windows: the service's records, then the kernel's. */
export const coldStart = (at: number): EvtxEvent[] => [
  ...logStarted(at + 20_000),
  kernelStarted(at),
  bootType(at + 400, 0),
];
