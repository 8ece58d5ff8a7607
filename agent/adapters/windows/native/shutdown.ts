/**
 * Asking Windows for a restart, one to one.
 * https://learn.microsoft.com/windows/win32/api/winreg/nf-winreg-initiatesystemshutdownexw
 */
import { koffi } from "./koffi.ts";
import { lastError, lastErrorOrNone } from "./last-error.ts";

const library = koffi.load("advapi32.dll");
const kernel = koffi.load("kernel32.dll");
const InitiateSystemShutdownExW = library.func(
  "bool __stdcall InitiateSystemShutdownExW(void *machine, str16 message, uint32_t seconds, bool force, bool restart, " +
    "uint32_t reason)",
) as (...args: [null, string, number, boolean, boolean, number]) => boolean;
const GetCurrentProcess = kernel.func("intptr_t __stdcall GetCurrentProcess()") as () => number | bigint;
const CloseHandle = kernel.func("bool __stdcall CloseHandle(intptr_t handle)") as (handle: bigint) => boolean;
const OpenProcessToken = library.func(
  "bool __stdcall OpenProcessToken(intptr_t process, uint32_t access, void *token)",
) as (process: number | bigint, access: number, token: Buffer) => boolean;
const LookupPrivilegeValueW = library.func(
  "bool __stdcall LookupPrivilegeValueW(void *system, str16 name, void *luid)",
) as (system: null, name: string, luid: Buffer) => boolean;
const AdjustTokenPrivileges = library.func(
  "bool __stdcall AdjustTokenPrivileges(intptr_t token, bool none, void *wanted, uint32_t bytes, void *were, void *size)",
) as (...args: [bigint, boolean, Buffer, number, null, null]) => boolean;

const ADJUST_AND_QUERY = 0x28;
const ENABLED = 2;
const NOT_ALL_ASSIGNED = 1_300;

/** winerror.h */
export const SHUTDOWN_ERROR = { denied: 5, inProgress: 1_115, scheduled: 1_190, notHeld: 1_314 } as const;

/** reason.h: planned; an application's maintenance. shutdown.exe calls it p:4:1. */
const PLANNED_MAINTENANCE = 0x8004_0001;

/** Windows closes programs that do not end: the notice was the time to save. @returns an error number, 0 if taken */
export const initiateRestart = (seconds: number, message: string): number =>
  InitiateSystemShutdownExW(null, message, seconds, true, true, PLANNED_MAINTENANCE) ? 0 : lastError();

/** Switches on for this process what its account may do. @returns an error number, 0 if it is on */
export function enablePrivilege(name: string): number {
  const token = Buffer.alloc(8);
  if (!OpenProcessToken(GetCurrentProcess(), ADJUST_AND_QUERY, token)) return lastError();
  const handle = token.readBigInt64LE();
  try {
    const wanted = Buffer.alloc(16); // TOKEN_PRIVILEGES with one entry: count, LUID, attributes
    wanted.writeUInt32LE(1);
    if (!LookupPrivilegeValueW(null, name, wanted.subarray(4, 12))) return lastError();
    wanted.writeUInt32LE(ENABLED, 12);
    if (!AdjustTokenPrivileges(handle, false, wanted, 0, null, null)) return lastError();
    // Says yes also where it switched on nothing, and only this tells.
    return lastErrorOrNone() === NOT_ALL_ASSIGNED ? NOT_ALL_ASSIGNED : 0;
  } finally {
    CloseHandle(handle);
  }
}
