/** Text of console programs, decoded by Windows itself: it knows every code page that it can be set to. */
import { koffi } from "./koffi.ts";

const kernel32 = koffi.load("kernel32.dll");
const getOemCp = kernel32.func("uint32_t __stdcall GetOEMCP()") as () => number;
const multiByteToWideChar = kernel32.func(
  "int __stdcall MultiByteToWideChar(uint32_t page, uint32_t flags, const uint8_t *bytes, int size, uint8_t *wide, int wideSize)",
) as (
  page: number,
  flags: number,
  bytes: Uint8Array,
  size: number,
  wide: Uint8Array | null,
  wideSize: number,
) => number;

/** The code page in which console programs without a console write, as 850. */
export const oemCodePage = (): number => getOemCp();

/** What is no text in this code page becomes the replacement character; nothing is ever refused. */
export function decodeCodePage(page: number, bytes: Uint8Array): string {
  if (bytes.length === 0) return "";
  const letters = multiByteToWideChar(page, 0, bytes, bytes.length, null, 0);
  const wide = Buffer.alloc(letters * 2);
  const written = multiByteToWideChar(page, 0, bytes, bytes.length, wide, letters);
  return written === 0 ? Buffer.from(bytes).toString("latin1") : wide.toString("utf16le", 0, written * 2);
}
