/** Opens a file, made if it is not there, so that no other process can open it while this one lives. */
import { koffi } from "./koffi.ts";
import { lastError } from "./last-error.ts";

const CreateFileW = koffi
  .load("kernel32.dll")
  .func(
    "intptr_t __stdcall CreateFileW(str16 path, uint32_t access, uint32_t share, void *security, uint32_t disposition, " +
      "uint32_t flags, intptr_t template)",
  ) as (...args: [string, number, number, null, number, number, number]) => number | bigint;

const READ_WRITE = 0xc000_0000;
const SHARE_NOTHING = 0;
const OPEN_ALWAYS = 4;
/** A link is opened as what it is. */
const OPEN_REPARSE_POINT = 0x0020_0000;
const INVALID_HANDLE = -1;

export const SHARING_VIOLATION = 32;

/** @returns an error number, 0 if the file is held now */
export function holdFile(path: string): number {
  const handle = CreateFileW(path, READ_WRITE, SHARE_NOTHING, null, OPEN_ALWAYS, OPEN_REPARSE_POINT, 0);
  return Number(handle) === INVALID_HANDLE ? lastError() : 0;
}
