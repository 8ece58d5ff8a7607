/** Where Windows lies, as the system says: never from an environment that somebody may have set. */
import { koffi } from "./koffi.ts";

const LETTERS_MAX = 260;
const GetSystemWindowsDirectoryW = koffi
  .load("kernel32.dll")
  .func("uint32_t __stdcall GetSystemWindowsDirectoryW(void *buffer, uint32_t letters)") as (
  buffer: Buffer,
  letters: number,
) => number;

/** As C:\Windows; of a terminal server the one that all share. @throws if Windows does not say */
export function windowsFolder(): string {
  const buffer = Buffer.alloc(2 * LETTERS_MAX);
  const letters = GetSystemWindowsDirectoryW(buffer, LETTERS_MAX);
  if (letters === 0 || letters >= LETTERS_MAX) throw new Error("Windows does not say where it lies");
  return buffer.toString("utf16le", 0, 2 * letters);
}
