/** A file read piece by piece, and never written: evidence stays as it was found. */
import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import type { ByteSource } from "../evidence/byte-source.ts";

export interface FileSource extends ByteSource, Disposable {}

/** The file cannot be read, or not to the end that it had when it was opened. The message is a predicate for a person. */
export class FileUnreadable extends Error {
  override readonly name = "FileUnreadable";
  readonly code = "file-unreadable";
}

const WORDS: Readonly<Record<string, string>> = {
  ENOENT: "does not exist",
  ENOTDIR: "does not exist",
  EACCES: "may not be read by you",
  EPERM: "may not be read by you",
  EISDIR: "is a folder, not a file",
  EBUSY: "is in use by another program",
  EIO: "cannot be read: the disk reports an error",
};

/** @throws FileUnreadable */
export function openFile(path: string): FileSource {
  // Without waiting: opening a pipe would wait for somebody to write to it. Windows has no such flag.
  const descriptor = told(() => openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)));
  const close = (): void => closeSync(descriptor);
  try {
    const stat = told(() => fstatSync(descriptor));
    if (stat.isDirectory()) throw new FileUnreadable("is a folder, not a file");
    if (!stat.isFile()) throw new FileUnreadable("is a device or a pipe, not a file");
    if (stat.size === 0) throw new FileUnreadable("is empty");
    return {
      size: stat.size,
      read: (offset, length) => read(descriptor, stat.size, offset, length),
      [Symbol.dispose]: close,
    };
  } catch (error) {
    close();
    throw error;
  }
}

function read(descriptor: number, size: number, offset: number, length: number): Uint8Array {
  const bytes = Buffer.allocUnsafe(Math.max(0, Math.min(length, size - offset)));
  let filled = 0;
  while (filled < bytes.length) {
    const count = told(() => readSync(descriptor, bytes, filled, bytes.length - filled, offset + filled));
    if (count === 0) throw new FileUnreadable(`became shorter while it was read (${size} bytes at first)`);
    filled += count;
  }
  return bytes;
}

function told<Value>(attempt: () => Value): Value {
  try {
    return attempt();
  } catch (cause) {
    const code =
      cause instanceof Error && "code" in cause && typeof cause.code === "string" ? cause.code : "unknown error";
    throw new FileUnreadable(WORDS[code] ?? `cannot be read (${code})`, { cause });
  }
}
