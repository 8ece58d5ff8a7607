/**
 * A file held open so that nobody can change, move or delete it until it is let go: what was hashed is what is then used.
 * It must lie where its path says; a link or a junction on the way is another place.
 */
import { createHash } from "node:crypto";
import { Sha256 } from "../../../../protocol/canonical.ts";
import type { StepFault } from "../../../../protocol/progress.ts";
import type { WindowsPath } from "../../../../protocol/windows-path.ts";
import type { Fault, Result } from "../../../ports.ts";
import { fault } from "../fault.ts";
import { koffi } from "./koffi.ts";

const kernel32 = koffi.load("kernel32.dll");
const createFileW = kernel32.func(
  "intptr_t __stdcall CreateFileW(str16 name, uint32_t access, uint32_t share, void *security, uint32_t disposition, uint32_t flags, void *template)",
) as (...args: (string | number | null)[]) => number | bigint;
const readFile = kernel32.func(
  "int __stdcall ReadFile(intptr_t file, uint8_t *buffer, uint32_t size, _Out_ uint32_t *read, void *overlapped)",
) as (file: number | bigint, buffer: Uint8Array, size: number, read: number[], overlapped: null) => number;
const getFinalPathNameByHandleW = kernel32.func(
  "uint32_t __stdcall GetFinalPathNameByHandleW(intptr_t file, uint8_t *buffer, uint32_t size, uint32_t flags)",
) as (file: number | bigint, buffer: Uint8Array, size: number, flags: number) => number;
const closeHandle = kernel32.func("int __stdcall CloseHandle(intptr_t file)") as (file: number | bigint) => number;
const getLastError = kernel32.func("uint32_t __stdcall GetLastError()") as () => number;

const GENERIC_READ = 0x8000_0000;
const FILE_SHARE_READ = 1;
const OPEN_EXISTING = 3;
const FILE_FLAG_OPEN_REPARSE_POINT = 0x0020_0000;
const INVALID_HANDLE = -1n;
const FAULTS: Readonly<Record<number, StepFault>> = {
  2: "not-found",
  3: "not-found",
  5: "permission-denied",
  32: "file-locked",
};
const CHUNK_BYTES = 2 ** 20;
const LETTERS_MAX = 1_024;

export interface HeldFile {
  /** Of the contents, which stay as they are. */
  readonly sha256: Sha256;
  release(): void;
}

export async function holdFile(path: WindowsPath): Promise<Result<HeldFile>> {
  const handle = createFileW(
    path,
    GENERIC_READ,
    FILE_SHARE_READ,
    null,
    OPEN_EXISTING,
    FILE_FLAG_OPEN_REPARSE_POINT,
    null,
  );
  if (BigInt(handle) === INVALID_HANDLE) return notOpened(path, getLastError());
  const place = finalPath(handle);
  if (place?.toLowerCase() !== `\\\\?\\${path}`.toLowerCase()) {
    closeHandle(handle);
    return fault("path-escapes", `${path} leads to ${place ?? "a place that Windows does not name"}`);
  }
  const sha256 = await hash(handle);
  if (sha256 !== undefined) return { kind: "ok", value: { sha256, release: () => void closeHandle(handle) } };
  closeHandle(handle);
  return fault("unexpected", `${path} cannot be read to its end`);
}

/** In pieces, with the process's other work in between. Undefined: it cannot be read. */
async function hash(handle: number | bigint): Promise<Sha256 | undefined> {
  const digest = createHash("sha256");
  const buffer = Buffer.alloc(CHUNK_BYTES);
  for (;;) {
    const read = [0];
    if (readFile(handle, buffer, CHUNK_BYTES, read, null) === 0) return undefined;
    const size = read[0] ?? 0;
    if (size === 0) return Sha256.parse(digest.digest("hex"));
    digest.update(buffer.subarray(0, size));
    await new Promise(setImmediate);
  }
}

function finalPath(handle: number | bigint): string | undefined {
  const buffer = Buffer.alloc(LETTERS_MAX * 2);
  const letters = getFinalPathNameByHandleW(handle, buffer, LETTERS_MAX, 0);
  return letters === 0 || letters >= LETTERS_MAX ? undefined : buffer.toString("utf16le", 0, letters * 2);
}

function notOpened(path: string, code: number): Fault {
  const why = code === 32 ? "another program is writing it" : `Windows said ${code}`;
  return fault(FAULTS[code] ?? "unexpected", `${path} cannot be opened: ${why}`);
}
