/** Who may do what in a folder: read, or asked for without doing anything. Nothing here changes anything. */
import { koffi } from "./koffi.ts";
import { lastError } from "./last-error.ts";

const kernel32 = koffi.load("kernel32.dll");
const createFileW = kernel32.func(
  "intptr_t __stdcall CreateFileW(str16 name, uint32_t access, uint32_t share, void *security, uint32_t disposition, uint32_t flags, void *template)",
) as (...args: (string | number | null)[]) => number | bigint;
const closeHandle = kernel32.func("int __stdcall CloseHandle(intptr_t file)") as (file: number | bigint) => number;
const getFileSecurityW = koffi
  .load("advapi32.dll")
  .func(
    "int __stdcall GetFileSecurityW(str16 name, uint32_t information, uint8_t *descriptor, uint32_t size, _Out_ uint32_t *needed)",
  ) as (name: string, information: number, descriptor: Uint8Array, size: number, needed: number[]) => number;

/** FILE_ADD_FILE and FILE_DELETE_CHILD: what it takes to move a file in or out. */
const CHANGE_CONTENTS = 0x2 | 0x40;
const SHARE_ALL = 7;
const OPEN_EXISTING = 3;
/** A folder, and itself where it is a link. */
const FLAGS = 0x0200_0000 | 0x0020_0000;
const INVALID_HANDLE = -1n;
const OWNER_AND_DACL = 0x1 | 0x4;
const DESCRIPTOR_BYTES_MAX = 64 * 1_024;

/** The number is Windows' error. */
export type Asked = "granted" | "denied" | "absent" | number;

/** May this process move files into this folder and out of it? The right is asked for and given back unused. */
export function mayChange(folder: string): Asked {
  const handle = createFileW(folder, CHANGE_CONTENTS, SHARE_ALL, null, OPEN_EXISTING, FLAGS, null);
  if (BigInt(handle) === INVALID_HANDLE) {
    const code = lastError();
    return code === 2 || code === 3 ? "absent" : code === 5 ? "denied" : code;
  }
  closeHandle(handle);
  return "granted";
}

/** Owner and DACL, self-relative; a number is Windows' error. */
export function securityOf(folder: string): Buffer | number {
  const descriptor = Buffer.alloc(DESCRIPTOR_BYTES_MAX);
  const needed = [0];
  if (getFileSecurityW(folder, OWNER_AND_DACL, descriptor, descriptor.length, needed) === 0) return lastError();
  return descriptor.subarray(0, needed[0]);
}
