/** One open file, from the guard: what is read, judged and moved is this very file, whatever its name leads to by now. */
import { createHash } from "node:crypto";
import type { Sha256 } from "../../../protocol/canonical.ts";
import { FileFault, must } from "./file-fault.ts";
import { ATTRIBUTE, type Handle, type Nt, STATUS } from "./nt.ts";
import {
  BASIC_BYTES,
  type BasicInformation,
  basicInformation,
  type FileTimes,
  INFORMATION,
  readBasic,
  readStandard,
  renameInformation,
  STANDARD_BYTES,
} from "./nt-layouts.ts";

const HEADER_BYTES = 64;
const CHUNK_BYTES = 256 * 1024;
/** READONLY, HIDDEN, SYSTEM, ARCHIVE, TEMPORARY, OFFLINE, NOT_CONTENT_INDEXED: what can be set; the rest is the file's nature. */
const SETTABLE_ATTRIBUTES = 0x1 | 0x2 | 0x4 | 0x20 | 0x100 | 0x1000 | 0x2000;

export interface Contents {
  readonly sha256: Sha256;
  /** The first 64 bytes, in hex. */
  readonly header: string;
  readonly sizeBytes: number;
}

/** The part of Folder that a file is moved into. */
interface Target {
  readonly handle: Handle;
  readonly path: string;
}

export class OpenFile implements Disposable {
  readonly path: string;
  private readonly nt: Nt;
  private readonly handle: Handle;
  private isOpen = true;

  constructor(nt: Nt, handle: Handle, path: string) {
    this.nt = nt;
    this.handle = handle;
    this.path = path;
  }

  [Symbol.dispose](): void {
    if (this.isOpen) this.nt.close(this.handle);
    this.isOpen = false;
  }

  /** Hashes chunk by chunk; each is read on another thread. @param each gets every chunk, in order */
  async contents(each?: (chunk: Buffer, offset: number) => Promise<void>): Promise<Contents> {
    const hash = createHash("sha256");
    const chunk = Buffer.alloc(Math.min(CHUNK_BYTES, Math.max(1, this.standard().sizeBytes)));
    let header = "";
    let sizeBytes = 0;
    for (;;) {
      const { status, bytes } = await this.nt.read(this.handle, chunk, sizeBytes);
      if (status === STATUS.endOfFile || (status === STATUS.success && bytes === 0)) break;
      must(status, `read ${this.path}`);
      const read = chunk.subarray(0, bytes);
      if (sizeBytes === 0) header = read.toString("hex", 0, Math.min(HEADER_BYTES, bytes));
      hash.update(read);
      await each?.(read, sizeBytes);
      sizeBytes += bytes;
    }
    return { sha256: hash.digest("hex") as Sha256, header, sizeBytes }; // what a SHA-256 is
  }

  /** @throws FileFault `unexpected` above `bytesMax`: such a file is not what it is taken for */
  async text(bytesMax: number): Promise<string> {
    if (this.standard().sizeBytes > bytesMax) throw new FileFault("unexpected", `${this.path} is too long to be ours`);
    const parts: Buffer[] = [];
    await this.contents((chunk) => {
      parts.push(Buffer.from(chunk));
      return Promise.resolve();
    });
    return Buffer.concat(parts).toString("utf8");
  }

  async write(bytes: Buffer, offset: number): Promise<void> {
    let done = 0;
    while (done < bytes.length) {
      const written = await this.nt.write(this.handle, bytes.subarray(done), offset + done);
      must(written.status, `write ${this.path}`);
      if (written.bytes === 0) throw new FileFault("disk-full", `could not write ${this.path}: nothing was taken`);
      done += written.bytes;
    }
  }

  async flush(): Promise<void> {
    must(await this.nt.flush(this.handle), `put ${this.path} on the disk`);
  }

  basic(): BasicInformation {
    const bytes = Buffer.alloc(BASIC_BYTES);
    must(this.nt.query(this.handle, bytes, INFORMATION.basic), `look at ${this.path}`);
    return readBasic(bytes);
  }

  standard(): { readonly sizeBytes: number; readonly links: number } {
    const bytes = Buffer.alloc(STANDARD_BYTES);
    must(this.nt.query(this.handle, bytes, INFORMATION.standard), `look at ${this.path}`);
    return readStandard(bytes);
  }

  /** Which file this is on its volume, whatever it is called. */
  identity(): string {
    const id = Buffer.alloc(8);
    must(this.nt.query(this.handle, id, INFORMATION.internal), `look at ${this.path}`);
    return `${id.readBigUInt64LE()}`;
  }

  security(): Buffer {
    const { status, descriptor } = this.nt.security(this.handle);
    must(status, `read the permissions of ${this.path}`);
    return descriptor;
  }

  setSecurity(descriptor: Buffer, information: number): void {
    must(this.nt.setSecurity(this.handle, descriptor, information), `set the permissions of ${this.path}`);
  }

  setTimesAndAttributes(times: FileTimes, attributes: number): void {
    const settable = attributes & SETTABLE_ATTRIBUTES;
    const information = basicInformation(times, settable === 0 ? ATTRIBUTE.normal : settable);
    must(this.nt.set(this.handle, information, INFORMATION.basic), `set the times of ${this.path}`);
  }

  /** Moves this very file, on its volume, with all that belongs to it: streams, permissions, times. Needs `delete` access. */
  moveTo(folder: Target, name: string, replace = false): void {
    const information = renameInformation(folder.handle, name, replace);
    must(this.nt.set(this.handle, information, INFORMATION.rename), `move ${this.path} to ${folder.path}\\${name}`);
  }

  /** Takes the file away when it is closed. Only for what this agent made itself. */
  remove(): void {
    must(this.nt.set(this.handle, Buffer.from([1]), INFORMATION.disposition), `remove ${this.path}`);
  }
}

export const settable = (attributes: number): number => attributes & SETTABLE_ATTRIBUTES;
