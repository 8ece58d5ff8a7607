/**
 * The registry functions of Windows, one to one. They answer with Windows' own error numbers and throw nothing.
 *
 * Every key is opened by one name below an open key, so that whoever walks a path decides at each step what is followed.
 * https://learn.microsoft.com/windows/win32/api/winreg/
 */
import { koffi } from "./koffi.ts";

export type KeyHandle = bigint & { readonly keyHandle: unique symbol };

/** (HKEY)(ULONG_PTR)(LONG)0x80000002 */
export const LOCAL_MACHINE = 0xffff_ffff_8000_0002n as KeyHandle;

/** winerror.h */
export const STATUS = { ok: 0, notFound: 2, denied: 5, moreData: 234, noMoreItems: 259, keyDeleted: 1018 } as const;

/** winnt.h: the 64-bit view, whoever asks. */
const VIEW_64 = 0x0100;
export const ACCESS = { read: 0x2_0019 | VIEW_64, write: 0x2_001f | VIEW_64 } as const;
/** The key itself, where it is a link to another. */
const OPEN_LINK = 0x8;
const CREATE_VOLATILE = 0x1;
const CREATED_NEW = 1;

const library = koffi.load("advapi32.dll");
const RegOpenKeyExW = library.func(
  "int32_t __stdcall RegOpenKeyExW(uintptr_t key, str16 name, uint32_t options, uint32_t access, void *result)",
) as (key: bigint, name: string, options: number, access: number, result: Buffer) => number;
const RegCreateKeyExW = library.func(
  "int32_t __stdcall RegCreateKeyExW(uintptr_t key, str16 name, uint32_t reserved, void *class, uint32_t options, " +
    "uint32_t access, void *security, void *result, void *disposition)",
) as (...args: [bigint, string, number, null, number, number, null, Buffer, Buffer]) => number;
const RegCloseKey = library.func("int32_t __stdcall RegCloseKey(uintptr_t key)") as (key: bigint) => number;
const RegQueryValueExW = library.func(
  "int32_t __stdcall RegQueryValueExW(uintptr_t key, str16 name, void *reserved, void *type, void *data, void *bytes)",
) as (key: bigint, name: string, reserved: null, type: Buffer, data: Buffer, bytes: Buffer) => number;
const RegSetValueExW = library.func(
  "int32_t __stdcall RegSetValueExW(uintptr_t key, str16 name, uint32_t reserved, uint32_t type, void *data, uint32_t bytes)",
) as (key: bigint, name: string, reserved: number, type: number, data: Buffer, bytes: number) => number;
const RegDeleteValueW = library.func("int32_t __stdcall RegDeleteValueW(uintptr_t key, str16 name)") as (
  key: bigint,
  name: string,
) => number;
const RegFlushKey = library.func("int32_t __stdcall RegFlushKey(uintptr_t key)") as (key: bigint) => number;
const RegEnumKeyExW = library.func(
  "int32_t __stdcall RegEnumKeyExW(uintptr_t key, uint32_t index, void *name, void *letters, void *reserved, " +
    "void *class, void *classLetters, void *written)",
) as (...args: [bigint, number, Buffer, Buffer, null, null, null, null]) => number;
const RegQueryInfoKeyW = library.func(
  "int32_t __stdcall RegQueryInfoKeyW(uintptr_t key, void *class, void *classLetters, void *reserved, void *subkeys, " +
    "void *subkeyLetters, void *classMax, void *values, void *nameMax, void *dataMax, void *security, void *written)",
) as (key: bigint, ...rest: [null, null, null, null, null, null, null, null, null, null, Buffer]) => number;

/** Windows' error number where it did not do it. */
export type Answer<Value> =
  | { readonly kind: "ok"; readonly value: Value }
  | { readonly kind: "failed"; readonly status: number };
const failed = (status: number): { readonly kind: "failed"; readonly status: number } => ({ kind: "failed", status });

/** @param itself a link is opened as what it is, never followed */
export function openKey(parent: KeyHandle, name: string, access: number, itself: boolean): Answer<KeyHandle> {
  const result = Buffer.alloc(8);
  const status = RegOpenKeyExW(parent, name, itself ? OPEN_LINK : 0, access, result);
  return status === STATUS.ok ? { kind: "ok", value: result.readBigUInt64LE() as KeyHandle } : failed(status);
}

/** Also opens a key that is there already, following it where it is a link: `isNew` tells. */
export function createKey(
  parent: KeyHandle,
  name: string,
  isVolatile: boolean,
): Answer<{ readonly key: KeyHandle; readonly isNew: boolean }> {
  const result = Buffer.alloc(8);
  const disposition = Buffer.alloc(4);
  const options = isVolatile ? CREATE_VOLATILE : 0;
  const status = RegCreateKeyExW(parent, name, 0, null, options, ACCESS.write, null, result, disposition);
  if (status !== STATUS.ok) return failed(status);
  const key = result.readBigUInt64LE() as KeyHandle;
  return { kind: "ok", value: { key, isNew: disposition.readUInt32LE() === CREATED_NEW } };
}

export const closeKey = (key: KeyHandle): void => void RegCloseKey(key);

/** `moreData`: there is a value, larger than `bytesMax`. */
export function queryValue(
  key: KeyHandle,
  name: string,
  bytesMax: number,
): Answer<{ readonly type: number; readonly data: Buffer }> {
  const type = Buffer.alloc(4);
  const data = Buffer.alloc(bytesMax);
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(bytesMax);
  const status = RegQueryValueExW(key, name, null, type, data, bytes);
  if (status !== STATUS.ok) return failed(status);
  return { kind: "ok", value: { type: type.readUInt32LE(), data: data.subarray(0, bytes.readUInt32LE()) } };
}

export const setValue = (key: KeyHandle, name: string, type: number, data: Buffer): number =>
  RegSetValueExW(key, name, 0, type, data, data.length);

export const deleteValue = (key: KeyHandle, name: string): number => RegDeleteValueW(key, name);

/** Returns when what was written is on the disk. */
export const flushKey = (key: KeyHandle): number => RegFlushKey(key);

/** FILETIME: 100 ns since 1601. */
const EPOCH_MS = 11_644_473_600_000;

/** When the key, or a value of it, was written last; milliseconds since 1970. */
export function lastWriteTime(key: KeyHandle): Answer<number> {
  const written = Buffer.alloc(8);
  const status = RegQueryInfoKeyW(key, null, null, null, null, null, null, null, null, null, null, written);
  if (status !== STATUS.ok) return failed(status);
  return { kind: "ok", value: Number(written.readBigUInt64LE() / 10_000n) - EPOCH_MS };
}

/** The name of a key is at most 255 letters long. */
const NAME_LETTERS = 256;

/** The names of the keys below. */
export function subkeyNames(key: KeyHandle): Answer<readonly string[]> {
  const names: string[] = [];
  const name = Buffer.alloc(2 * NAME_LETTERS);
  const letters = Buffer.alloc(4);
  for (let i = 0; ; i++) {
    letters.writeUInt32LE(NAME_LETTERS);
    const status = RegEnumKeyExW(key, i, name, letters, null, null, null, null);
    if (status === STATUS.noMoreItems) return { kind: "ok", value: names };
    if (status !== STATUS.ok) return failed(status);
    names.push(name.toString("utf16le", 0, 2 * letters.readUInt32LE()));
  }
}
