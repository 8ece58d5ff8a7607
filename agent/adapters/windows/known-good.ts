/**
 * Contents that are known to be good, in the agent's own folder:
 *
 *     known-good\index.json    what is kept, of which paths, since when
 *     known-good\<sha256>      the contents, each once
 *
 * Invariant: what bears a digest as its name has these contents, whenever the power goes: it was hashed as it was copied
 * and got its name when it was on the disk. What the index no longer names is removed after the index is written.
 * Contents alone are kept: a copy gets the time of the original's last change, and its folder's permissions.
 */
import { z } from "zod";
import { Sha256 } from "../../../protocol/canonical.ts";
import { Instant } from "../../../protocol/time.ts";
import { WindowsPath } from "../../../protocol/windows-path.ts";
import type { FileFacts } from "../../ports.ts";
import { FileFault } from "./file-fault.ts";
import { type Kept, type KnownGoodLimits, planKept } from "./known-good-plan.ts";
import { ACCESS, ATTRIBUTE, type Nt, SHARE } from "./nt.ts";
import type { OpenFile } from "./open-file.ts";
import { type Folder, openFolder } from "./open-path.ts";
import { askedFile } from "./path-guard.ts";

const Index = z.array(
  z.strictObject({ path: WindowsPath, sha256: Sha256, sizeBytes: z.int().min(0), keptAt: Instant }),
);
const INDEX = "index.json";
const INDEX_BYTES_MAX = 4 * 1024 * 1024;
/** Others may write to the original meanwhile; the digest tells. */
const READ_ORIGINAL = { access: ACCESS.readData, share: SHARE.all } as const;
const READ_COPY = { access: ACCESS.readData, share: SHARE.read } as const;
/** To the file system a time of 0 is one that is left. */
const UNCHANGED = { createdAt: 0n, accessedAt: 0n } as const;
const REMOVE = { access: ACCESS.delete, share: SHARE.none } as const;

export interface KnownGoodOptions {
  readonly nt: Nt;
  readonly stateFolder: string;
  readonly name: string;
  readonly limits: KnownGoodLimits;
  readonly now: () => Instant;
}

export class KnownGoodStore {
  private readonly options: KnownGoodOptions;

  constructor(options: KnownGoodOptions) {
    this.options = options;
  }

  /** @throws FileFault, as all that follows; what was kept before stays kept then */
  async keep(files: readonly FileFacts[]): Promise<void> {
    const { nt, stateFolder, name, limits, now } = this.options;
    using state = openFolder(nt, stateFolder);
    if (state === undefined) throw new FileFault("not-found", `the agent's own folder ${stateFolder} is gone`);
    using store = state.makeFolder(name);
    const good = files.map(({ path, sha256, sizeBytes }) => ({ path, sha256, sizeBytes }));
    const before = await readIndex(store);
    const after = planKept(before, good, now(), limits);
    const there = new Set(store.list().map((entry) => entry.name));
    for (const file of after) {
      if (there.has(file.sha256)) continue;
      await this.copyIn(store, file);
      there.add(file.sha256);
    }
    await putText(store, INDEX, JSON.stringify(after));
    const named = new Set<string>([INDEX, ...after.map(({ sha256 }) => sha256)]);
    for (const entry of store.list()) if (!named.has(entry.name)) removeOwn(store, entry.name);
  }

  async holds(sha256: Sha256): Promise<boolean> {
    using store = this.open();
    if (store === undefined) return false;
    using file = store.openFile(sha256, READ_COPY);
    return file !== undefined && (await readIndex(store)).some((kept) => kept.sha256 === sha256);
  }

  /** What stands there already with these contents is left: it was put back before. */
  async putBack(path: WindowsPath, sha256: Sha256): Promise<void> {
    const { folder: folderPath, name } = askedFile(path);
    using folder = openFolder(this.options.nt, folderPath);
    if (folder === undefined) throw new FileFault("not-found", `there is no folder ${folderPath}`);
    {
      using standing = folder.openFile(name, READ_ORIGINAL);
      if (standing !== undefined && (await standing.contents()).sha256 === sha256) return;
      if (standing !== undefined) throw new FileFault("file-changed", `another file stands at ${path}; it is left`);
    }
    using store = this.open();
    using original = store?.openFile(sha256, READ_COPY);
    if (original === undefined) throw new FileFault("not-found", `no copy of ${sha256} is kept here`);
    await copy(original, folder, name, sha256);
  }

  private open(): Folder | undefined {
    return openFolder(this.options.nt, `${this.options.stateFolder}\\${this.options.name}`);
  }

  private async copyIn(store: Folder, { path, sha256 }: Kept): Promise<void> {
    const { folder: folderPath, name } = askedFile(path);
    using folder = openFolder(this.options.nt, folderPath);
    using original = folder?.openFile(name, READ_ORIGINAL);
    if (original === undefined) throw new FileFault("file-changed", `${path} is gone; no copy of it could be kept`);
    await copy(original, store, sha256, sha256);
  }
}

/** Under a name of its own first; it gets `name` when it is whole, on the disk, and what it should be. */
async function copy(original: OpenFile, folder: Folder, name: string, sha256: Sha256): Promise<void> {
  const fresh = `ringback-${sha256.slice(0, 16)}.tmp`;
  removeOwn(folder, fresh);
  using file = folder.createFile(fresh);
  try {
    const { sha256: copied } = await original.contents((chunk, offset) => file.write(chunk, offset));
    if (copied !== sha256)
      throw new FileFault("file-changed", `${original.path} is not what it was; it was not copied`);
    file.setTimesAndAttributes({ ...UNCHANGED, writtenAt: original.basic().writtenAt }, ATTRIBUTE.normal);
    await file.flush();
    if ((await file.contents()).sha256 !== sha256)
      throw new FileFault("verify-failed", `the copy of ${original.path} is not what was written`);
    file.moveTo(folder, name);
  } catch (error) {
    file.remove();
    throw error;
  }
}

async function readIndex(store: Folder): Promise<readonly Kept[]> {
  using file = store.openFile(INDEX, READ_COPY);
  return file === undefined ? [] : Index.parse(JSON.parse(await file.text(INDEX_BYTES_MAX)));
}

async function putText(folder: Folder, name: string, text: string): Promise<void> {
  removeOwn(folder, `${name}.new`);
  using file = folder.createFile(`${name}.new`);
  await file.write(Buffer.from(`${text}\n`), 0);
  await file.flush();
  file.moveTo(folder, name, true);
}

function removeOwn(folder: Folder, name: string): void {
  using file = folder.openFile(name, REMOVE);
  file?.remove();
}
