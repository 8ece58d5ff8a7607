/**
 * A log of records in a file, one line each: length, CRC-32, JSON.
 *
 * Invariants: `append` resolves after the bytes are on the disk. Whatever a power cut leaves of the last record is
 * dropped and cut off; a damaged record with whole ones after it is no power cut, and is never skipped silently.
 * A reserve of some blocks is given up when the disk is full, so that a failure can still be recorded and reported.
 */
import { type FileHandle, open, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { crc32 } from "node:zlib";
import { type RecordLog, RecordNotWritten, RecordsDamaged } from "../ports.ts";

export interface RecordLogOptions {
  /**
   * `refuse`: reading a damaged log is an error, and nothing is added to it. `set-aside`: it is kept under another name and an empty one begins; for what
   * may be told twice or counted anew, never for the journal.
   */
  readonly whenDamaged: "refuse" | "set-aside";
  /** Gives up space kept for this moment. True if there was any. */
  readonly releaseReserve?: () => Promise<boolean>;
}

export interface OpenRecordLog extends RecordLog {
  close(): Promise<void>;
}

export async function openRecordLog(path: string, options: RecordLogOptions): Promise<OpenRecordLog> {
  await rm(`${path}.new`, { force: true }); // an unfinished replace: the old file still holds
  const handle = await openOrCreate(path);
  try {
    const log = new FileRecordLog(path, handle, options);
    await log.cutOffTornEnd();
    return log;
  } catch (error) {
    await handle.close();
    if (!(error instanceof RecordsDamaged)) throw error;
    if (options.whenDamaged === "refuse") return damagedLog(error);
    await rename(path, `${path}.damaged`);
    return new FileRecordLog(path, await openOrCreate(path), options);
  }
}

/** For people who look: what a log holds, without touching it. No file: no records. @throws RecordsDamaged */
export async function readRecords(path: string): Promise<readonly unknown[]> {
  try {
    return decode(await readFile(path), path).records;
  } catch (error) {
    if (codeOf(error) === "ENOENT") return [];
    throw error;
  }
}

/** Stands for a log that must not be touched. */
function damagedLog(error: RecordsDamaged): OpenRecordLog {
  const refuse = (): Promise<never> => Promise.reject(error);
  return { read: refuse, append: refuse, replace: refuse, close: () => Promise.resolve() };
}

class FileRecordLog implements OpenRecordLog {
  private readonly path: string;
  private handle: FileHandle;
  private readonly options: RecordLogOptions;
  /** Where the last whole record ends. */
  private end = 0;
  private turn: Promise<unknown> = Promise.resolve();

  constructor(path: string, handle: FileHandle, options: RecordLogOptions) {
    this.path = path;
    this.handle = handle;
    this.options = options;
  }

  read(): Promise<readonly unknown[]> {
    return this.inTurn(async () => decode(await this.bytes(), this.path).records);
  }

  append(record: unknown): Promise<void> {
    return this.inTurn(async () => {
      const line = encode(record);
      await this.checkAlone();
      await this.orNotWritten(async () => {
        await this.writeAt(line, this.end);
        this.end += line.length;
      });
    });
  }

  replace(records: readonly unknown[]): Promise<void> {
    return this.inTurn(async () => {
      const bytes = Buffer.concat(records.map(encode));
      await this.orNotWritten(async () => {
        const fresh = `${this.path}.new`;
        try {
          await writeNew(fresh, bytes);
          // Windows moves nothing over a file that is open.
          await this.handle.close();
          try {
            await rename(fresh, this.path);
            // From here on the name leads to the new file: what is appended must go there, whatever fails next.
            this.end = bytes.length;
          } finally {
            this.handle = await open(this.path, "r+");
          }
        } catch (error) {
          await rm(fresh, { force: true });
          throw error;
        }
        await syncFolder(dirname(this.path));
      });
    });
  }

  close(): Promise<void> {
    return this.inTurn(() => this.handle.close());
  }

  async cutOffTornEnd(): Promise<void> {
    const { end, size } = decode(await this.bytes(), this.path);
    this.end = end;
    if (end === size) return;
    await this.handle.truncate(end);
    await this.handle.sync();
  }

  /**
   * The name still leads to this file, and nobody else has added to it: a second agent, started by hand beside the
   * service, or a state folder that was put back under a running agent. Two writers would write over each other.
   */
  private async checkAlone(): Promise<void> {
    const [ours, named] = await Promise.all([this.handle.stat(), stat(this.path).catch(() => undefined)]);
    if (named?.ino === ours.ino && named.dev === ours.dev && ours.size === this.end) return;
    throw new RecordsDamaged(`${this.path} was changed by another program: only one agent may run on a machine`);
  }

  private async writeAt(line: Buffer, position: number): Promise<void> {
    try {
      await this.writeOrCutOff(line, position);
    } catch (error) {
      if (!isFull(error) || (await this.options.releaseReserve?.()) !== true) throw error;
      await this.writeOrCutOff(line, position);
    }
  }

  /** All or nothing: what a failed write left is cut off before anyone can add to it. */
  private async writeOrCutOff(line: Buffer, position: number): Promise<void> {
    try {
      await this.writeWhole(line, position);
      await this.handle.datasync();
    } catch (error) {
      await this.handle.truncate(position);
      throw error;
    }
  }

  private async writeWhole(line: Buffer, position: number): Promise<void> {
    for (let written = 0; written < line.length; ) {
      const { bytesWritten } = await this.handle.write(line, written, line.length - written, position + written);
      written += bytesWritten;
    }
  }

  private async bytes(): Promise<Buffer> {
    const { size } = await this.handle.stat();
    const bytes = Buffer.alloc(size);
    const { bytesRead } = await this.handle.read(bytes, 0, size, 0);
    return bytes.subarray(0, bytesRead);
  }

  private async orNotWritten(write: () => Promise<void>): Promise<void> {
    try {
      await write();
    } catch (cause) {
      throw new RecordNotWritten(`${this.path} could not be written: ${codeOf(cause)}`, { cause });
    }
  }

  /** One operation after another; a failed one does not stop the next. */
  private inTurn<Value>(operation: () => Promise<Value>): Promise<Value> {
    const done = this.turn.then(operation);
    this.turn = done.catch(() => undefined);
    return done;
  }
}

async function writeNew(path: string, bytes: Uint8Array): Promise<void> {
  const handle = await open(path, "w", 0o600);
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function openOrCreate(path: string): Promise<FileHandle> {
  try {
    return await open(path, "r+");
  } catch (error) {
    if (codeOf(error) !== "ENOENT") throw error;
    const handle = await open(path, "wx+", 0o600);
    await syncFolder(dirname(path));
    return handle;
  }
}

/**
 * The name of a new file is on the disk only when its folder is. Windows lets nobody flush a folder without the right to
 * write to the whole volume; NTFS writes names to its own journal, in order, and flushing a file flushes that.
 */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function encode(record: unknown): Buffer {
  const json = Buffer.from(JSON.stringify(record), "utf8");
  return Buffer.concat([Buffer.from(`${json.length} ${crc32(json).toString(16).padStart(8, "0")} `), json, NEWLINE]);
}
const NEWLINE = Buffer.from("\n");
const HEAD = /^(\d{1,9}) ([0-9a-f]{8}) $/;

/** @throws RecordsDamaged */
function decode(bytes: Buffer, path: string): { records: unknown[]; end: number; size: number } {
  const records: unknown[] = [];
  let end = 0;
  for (let line = recordAt(bytes, 0); line !== undefined; line = recordAt(bytes, end)) {
    records.push(line.record);
    end = line.end;
  }
  for (let next = bytes.indexOf(NEWLINE, end); next >= 0; next = bytes.indexOf(NEWLINE, next + 1)) {
    if (recordAt(bytes, next + 1) !== undefined)
      throw new RecordsDamaged(`${path} is damaged at byte ${end}, with whole records after it`);
  }
  return { records, end, size: bytes.length };
}

/** The whole record that begins at `start`, if there is one. */
function recordAt(bytes: Buffer, start: number): { record: unknown; end: number } | undefined {
  const firstSpace = bytes.indexOf(0x20, start);
  if (firstSpace < 0 || firstSpace - start > 9) return undefined;
  const bodyAt = firstSpace + 10;
  const head = HEAD.exec(bytes.toString("latin1", start, bodyAt));
  if (head === null) return undefined;
  const end = bodyAt + Number(head[1]) + 1;
  if (end > bytes.length || bytes[end - 1] !== 0x0a) return undefined;
  const body = bytes.subarray(bodyAt, end - 1);
  if (crc32(body) !== Number.parseInt(head[2] ?? "", 16)) return undefined;
  return { record: JSON.parse(body.toString("utf8")), end };
}

const codeOf = (error: unknown): string =>
  error instanceof Error && "code" in error ? String(error.code) : "unknown error";
const isFull = (error: unknown): boolean => codeOf(error) === "ENOSPC" || codeOf(error) === "EDQUOT";
