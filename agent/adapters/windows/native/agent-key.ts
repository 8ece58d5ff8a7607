/**
 * What the installer wrote into the registry, in a key that only administrators can change. It is trusted as the service's
 * own program is: whoever can write here can replace that as well.
 */
import { koffi } from "./koffi.ts";

const KEY = "SOFTWARE\\Ringback\\Agent";
/** HKEY_LOCAL_MACHINE, sign-extended as Windows' headers do it. */
const LOCAL_MACHINE = -0x7ffffffe;
const OF_64_BIT = 0x10000;
const TEXT_ONLY = 0x2;
/** Paths and addresses; far more than any has. */
const TEXT_BYTES_MAX = 4096;

const getValue = koffi
  .load("advapi32.dll")
  .func(
    "int32_t __stdcall RegGetValueW(intptr_t key, str16 subKey, str16 value, uint32_t flags, uint32_t *type, void *data, _Inout_ uint32_t *size)",
  ) as (key: number, subKey: string, value: string, flags: number, type: null, data: Buffer, size: [number]) => number;

/** Undefined: it is not there, is empty, or is no text. */
export function readAgentKey(name: string): string | undefined {
  const data = Buffer.alloc(TEXT_BYTES_MAX);
  const size: [number] = [data.length];
  if (getValue(LOCAL_MACHINE, KEY, name, OF_64_BIT | TEXT_ONLY, null, data, size) !== 0) return undefined;
  const text = data.toString("utf16le", 0, Math.max(0, size[0] - 2)).trim(); // without the null at its end
  return text === "" ? undefined : text;
}
