/**
 * The quarantine's own records, one a file, in the agent's own folder:
 *
 *     quarantine\<plan>\<n>.json   the entry: path, contents, and the metadata to put back
 *     quarantine\<plan>\<n>.bin    the file, while it is held
 *
 * Invariant: an entry is whole or not there; it is on the disk when `write` resolves.
 */
import { z } from "zod";
import { Sha256 } from "../../../protocol/canonical.ts";
import { Instant } from "../../../protocol/time.ts";
import { WindowsPath } from "../../../protocol/windows-path.ts";
import { ACCESS, SHARE } from "./nt.ts";
import type { Folder } from "./open-path.ts";

const FileTime = z
  .string()
  .regex(/^-?\d{1,19}$/)
  .transform(BigInt);

export const Entry = z.strictObject({
  path: WindowsPath,
  sha256: Sha256,
  header: z.string(),
  sizeBytes: z.int().min(0),
  modifiedAt: Instant,
  createdAt: FileTime,
  accessedAt: FileTime,
  writtenAt: FileTime,
  attributes: z.int().min(0),
  /** Owner, group and DACL, self-relative, in base64. */
  security: z.base64(),
  /** Windows was asked to move it when it starts next. */
  atRestart: z.boolean(),
});
export type Entry = z.infer<typeof Entry>;

export interface Held {
  readonly n: number;
  readonly entry: Entry;
  readonly held: boolean;
}

const ENTRY_BYTES_MAX = 256 * 1024;
export const fileName = (n: number): string => `${n}.bin`;

/** All entries in this folder of one plan, by number. @throws FileFault; ZodError for a record that is not one of ours */
export async function readEntries(folder: Folder): Promise<readonly Held[]> {
  const names = new Set(folder.list().map(({ name }) => name));
  const entries: Held[] = [];
  for (const name of names) {
    const n = Number(/^(\d+)\.json$/.exec(name)?.[1]);
    if (!Number.isInteger(n)) continue;
    using file = folder.openFile(name, { access: ACCESS.readData, share: SHARE.read });
    if (file === undefined) continue;
    const entry = Entry.parse(JSON.parse(await file.text(ENTRY_BYTES_MAX)));
    entries.push({ n, entry, held: names.has(fileName(n)) });
  }
  return entries.sort((a, b) => a.n - b.n);
}

export async function writeEntry(folder: Folder, n: number, entry: Entry): Promise<void> {
  const fresh = `${n}.json.new`;
  {
    using torn = folder.openFile(fresh, { access: ACCESS.delete, share: SHARE.none });
    torn?.remove();
  }
  using file = folder.createFile(fresh);
  const times = { createdAt: `${entry.createdAt}`, accessedAt: `${entry.accessedAt}`, writtenAt: `${entry.writtenAt}` };
  const text = JSON.stringify({ ...entry, ...times }, undefined, 2);
  await file.write(Buffer.from(`${text}\n`), 0);
  await file.flush();
  file.moveTo(folder, `${n}.json`, true);
}
