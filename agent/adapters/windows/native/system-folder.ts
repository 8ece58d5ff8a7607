/** Where Windows' own programs lie, as the system says: never from an environment that somebody may have set. */
import { koffi } from "./koffi.ts";

const LETTERS_MAX = 260;
const getSystemDirectoryW = koffi
  .load("kernel32.dll")
  .func("uint32_t __stdcall GetSystemDirectoryW(uint8_t *buffer, uint32_t size)") as (
  buffer: Uint8Array,
  size: number,
) => number;

/** As C:\Windows\system32. @throws if Windows does not say */
export function systemFolder(): string {
  const buffer = Buffer.alloc(LETTERS_MAX * 2);
  const letters = getSystemDirectoryW(buffer, LETTERS_MAX);
  if (letters === 0 || letters >= LETTERS_MAX) throw new Error("Windows does not say where its system folder is");
  return buffer.toString("utf16le", 0, letters * 2);
}
