/**
 * The quarantine on Windows: files that were taken out of the way, with all that is needed to put them back.
 *
 * Invariant: a file is whole in exactly one of two places, and its entry, on the disk before the move, tells which two.
 * It is moved through the very handle through which it was hashed, while nobody else may write or move it; the move is one
 * rename on its volume, which keeps streams, permissions and times. Nothing is ever deleted, overwritten or copied.
 */
import type { PlanId } from "../../../protocol/ids.ts";
import { isSameName } from "../../../protocol/windows-path.ts";
import type { FileFacts, Quarantined } from "../../ports.ts";
import { cancelMove, type DelayedMoves, isPending, moveAtRestart } from "./delayed-moves.ts";
import { FileFault } from "./file-fault.ts";
import { ACCESS, type Nt, SHARE } from "./nt.ts";
import { instantOf } from "./nt-layouts.ts";
import { type OpenFile, settable } from "./open-file.ts";
import { type Folder, openFolder } from "./open-path.ts";
import { askedFile } from "./path-guard.ts";
import { differingParts } from "./security-descriptor.ts";
import { type Entry, fileName, type Held, readEntries, writeEntry } from "./quarantine-entries.ts";

/** To read and to move, while others may only read. */
const TAKE = { access: ACCESS.readData | ACCESS.delete | ACCESS.readControl, share: SHARE.read } as const;
const PUT_BACK = { access: TAKE.access | ACCESS.writeAttributes, share: SHARE.read } as const;
/** Of a file that others hold open. */
const LOOK_INTO = { access: ACCESS.readData | ACCESS.readControl, share: SHARE.all } as const;
const LOOK = { access: 0, share: SHARE.all } as const;
/** OWNER and GROUP_SECURITY_INFORMATION. */
const OWNER_AND_GROUP = 0x3;

export class Quarantine {
  private readonly nt: Nt;
  private readonly moves: DelayedMoves;
  private readonly stateFolder: string;
  private readonly name: string;

  /** @param stateFolder it is there already, and nobody but the agent may write there */
  constructor(nt: Nt, moves: DelayedMoves, stateFolder: string, name: string) {
    this.nt = nt;
    this.moves = moves;
    this.stateFolder = stateFolder;
    this.name = name;
  }

  /** What Windows has moved at its start, and was not meant, is back in its place afterwards. @throws FileFault, as all that follows */
  async list(plan: PlanId): Promise<readonly Quarantined[]> {
    using store = openFolder(this.nt, this.storePath(plan));
    if (store === undefined) return [];
    const list: Quarantined[] = [];
    for (const found of await readEntries(store)) {
      const { n, entry } = found;
      const { path, sha256, header, sizeBytes, modifiedAt } = entry;
      const held = found.held && (!entry.atRestart || (await isWhatWasMeant(store, found)));
      const due = !found.held && this.isDue(store, n, entry) ? { dueAtRestart: true as const } : {};
      list.push({ path, sha256, header, sizeBytes, modifiedAt, plan, held, ...due });
    }
    return list;
  }

  async take(plan: PlanId, facts: FileFacts): Promise<void> {
    const { folder: folderPath, name } = askedFile(facts.path);
    using folder = openFolder(this.nt, folderPath);
    if (folder === undefined) throw new FileFault("not-found", `there is no folder ${folderPath}`);
    using store = this.openStore(plan);
    const entries = await readEntries(store);
    const mine = entries.find(({ entry }) => entry.path === facts.path && entry.sha256 === facts.sha256);
    using file = folder.openFile(name, TAKE);
    if (file === undefined) {
      if (mine?.held === true) return;
      throw new FileFault("file-changed", `${facts.path} is gone meanwhile`);
    }
    const entry = await this.entryFor(file, store, facts);
    if (mine !== undefined && !mine.held) this.cancel(store, mine);
    // A held entry of the same name and contents means that the file came back: it is kept beside the first one.
    const n = mine !== undefined && !mine.held ? mine.n : nextAfter(entries);
    await writeEntry(store, n, entry);
    file.moveTo(store, fileName(n));
    await mustHaveMoved(file, store, fileName(n), facts);
  }

  /** Leaves the file where it is, and has Windows move it at its next start. */
  async takeAtRestart(plan: PlanId, facts: FileFacts): Promise<void> {
    const { folder: folderPath, name } = askedFile(facts.path);
    using folder = openFolder(this.nt, folderPath);
    using store = this.openStore(plan);
    const entries = await readEntries(store);
    const mine = entries.find(({ entry }) => entry.path === facts.path && entry.sha256 === facts.sha256);
    using file = folder?.openFile(name, LOOK_INTO);
    if (file === undefined) {
      if (mine?.held === true) return;
      throw new FileFault("file-changed", `${facts.path} is gone meanwhile`);
    }
    const entry = await this.entryFor(file, store, facts);
    const n = mine !== undefined && !mine.held ? mine.n : nextAfter(entries);
    await writeEntry(store, n, { ...entry, atRestart: true });
    moveAtRestart(this.moves, facts.path, `${store.path}\\${fileName(n)}`);
  }

  async putBack({ plan, path, sha256 }: Quarantined): Promise<void> {
    const { folder: folderPath, name } = askedFile(path);
    using folder = openFolder(this.nt, folderPath);
    if (folder === undefined) throw new FileFault("not-found", `there is no folder ${folderPath} any more`);
    using store = openFolder(this.nt, this.storePath(plan));
    const entries = store === undefined ? [] : await readEntries(store);
    const mine = entries.filter(({ entry }) => entry.path === path && entry.sha256 === sha256);
    const due = store && mine.find(({ n, entry, held }) => !held && this.isDue(store, n, entry));
    if (due !== undefined) return this.cancel(store, due);
    const held = mine.find((candidate) => candidate.held);
    using kept = held && store?.openFile(fileName(held.n), PUT_BACK);
    if (store === undefined || held === undefined || kept === undefined)
      throw new FileFault("not-found", `the quarantine holds no ${path} with these contents`);
    if ((await kept.contents()).sha256 !== sha256)
      throw new FileFault("verify-failed", `what the quarantine holds of ${path} is not what was put there`);
    using standing = folder.openFile(name, LOOK);
    if (standing !== undefined)
      throw new FileFault("file-changed", `another file stands at ${path} now; it is left as it is`);
    restorePermissions(kept, store, held);
    kept.setTimesAndAttributes(held.entry, held.entry.attributes);
    kept.moveTo(folder, name);
    // A rename may set the archive bit.
    if (differenceOf(kept, held.entry) !== undefined) kept.setTimesAndAttributes(held.entry, held.entry.attributes);
    using back = folder.openFile(name, LOOK);
    const differs = back?.identity() === kept.identity() ? differenceOf(kept, held.entry) : "the file itself";
    if (differs !== undefined)
      throw new FileFault("verify-failed", `${path} was put back, and ${differs} is not what it was`);
  }

  private storePath(plan: PlanId): string {
    return `${this.stateFolder}\\${this.name}\\${plan}`;
  }

  private isDue(store: Folder, n: number, { atRestart, path }: Entry): boolean {
    return atRestart && isPending(this.moves, path, `${store.path}\\${fileName(n)}`);
  }

  /** What is still to be moved at the next start would then move whatever stands there. */
  private cancel(store: Folder | undefined, { n, entry }: Held): void {
    if (store !== undefined && entry.atRestart) cancelMove(this.moves, entry.path, `${store.path}\\${fileName(n)}`);
  }

  private openStore(plan: PlanId): Folder {
    {
      using state = openFolder(this.nt, this.stateFolder);
      using all = state?.makeFolder(this.name);
      all?.makeFolder(plan)[Symbol.dispose]();
    }
    const store = openFolder(this.nt, this.storePath(plan));
    if (store === undefined)
      throw new FileFault("not-found", `the agent's own folder ${this.stateFolder} is gone: nothing can be kept`);
    return store;
  }

  /** What is to be known of the file before it moves. @throws FileFault if it is not the file that was looked at */
  private async entryFor(file: OpenFile, store: Folder, facts: FileFacts): Promise<Entry> {
    const { links } = file.standard();
    if (links > 1)
      throw new FileFault("path-escapes", `${facts.path} is ${links} names of one file (hard links); it is not moved`);
    const basic = file.basic();
    const contents = await file.contents();
    if (
      contents.sha256 !== facts.sha256 ||
      contents.sizeBytes !== facts.sizeBytes ||
      instantOf(basic.writtenAt) !== facts.modifiedAt
    )
      throw new FileFault("file-changed", `${facts.path} is not what it was when it was looked at`);
    // No link was met on either way, so the drive's letter says which volume it is.
    if (!isSameName(facts.path.slice(0, 2), store.path.slice(0, 2)))
      throw new FileFault(
        "unexpected",
        `${facts.path} lies on another volume than the quarantine: it would have to be copied and deleted, which is never done`,
      );
    return {
      path: facts.path,
      ...contents,
      modifiedAt: facts.modifiedAt,
      createdAt: basic.createdAt,
      accessedAt: basic.accessedAt,
      writtenAt: basic.writtenAt,
      attributes: basic.attributes,
      security: file.security().toString("base64"),
      atRestart: false,
    };
  }
}

const nextAfter = (entries: readonly Held[]): number => Math.max(0, ...entries.map(({ n }) => n)) + 1;

/**
 * Windows moved what stood at the name, hours after it was looked at: an update may have put another file there, and the
 * product must not be left without it. @throws FileFault `verify-failed` if a third one stands there now
 */
async function isWhatWasMeant(store: Folder, { n, entry }: Held): Promise<boolean> {
  using file = store.openFile(fileName(n), TAKE);
  if (file === undefined) return false;
  if ((await file.contents()).sha256 === entry.sha256) return true;
  const { folder: folderPath, name } = askedFile(entry.path);
  using folder = openFolder(store.nt, folderPath);
  using standing = folder?.openFile(name, LOOK);
  if (folder !== undefined && standing === undefined) {
    file.moveTo(folder, name);
    return false;
  }
  throw new FileFault(
    "verify-failed",
    `at the start of Windows another file was moved away from ${entry.path} than the one meant; it lies in ${file.path}, as ` +
      "it cannot be put back: another one stands there now, or its folder is gone",
  );
}

/** The name in the quarantine must be this file, with the same contents: a mapped view may have written to it meanwhile. */
async function mustHaveMoved(file: OpenFile, store: Folder, name: string, { path, sha256 }: FileFacts): Promise<void> {
  using moved = store.openFile(name, LOOK);
  if (moved?.identity() !== file.identity())
    throw new FileFault("verify-failed", `${path} was moved, and is not in the quarantine; look at ${store.path}`);
  if ((await file.contents()).sha256 === sha256) return;
  const { folder: folderPath, name: back } = askedFile(path);
  using folder = openFolder(store.nt, folderPath);
  if (folder === undefined)
    throw new FileFault("file-changed", `${path} changed while it was moved; its folder is gone`);
  file.moveTo(folder, back);
  throw new FileFault("file-changed", `${path} changed while it was moved; it was put back`);
}

/** Somebody may have set the permissions of a whole tree while the file lay in the quarantine. */
function restorePermissions(kept: OpenFile, store: Folder, { n, entry }: Held): void {
  const then = Buffer.from(entry.security, "base64");
  const parts = differingParts(kept.security(), then);
  if (parts === 0) return;
  const ofOwner = (parts & OWNER_AND_GROUP) === 0 ? 0 : ACCESS.writeOwner;
  using writable = store.openFile(fileName(n), {
    access: ACCESS.readControl | ACCESS.writeDac | ofOwner,
    share: SHARE.all,
  });
  writable?.setSecurity(then, parts);
}

/** What of the metadata is not as it was, in words. The last access is anybody's. */
function differenceOf(file: OpenFile, then: Entry): string | undefined {
  const { createdAt, writtenAt, attributes } = file.basic();
  if (writtenAt !== then.writtenAt) return "the time of its last change";
  if (createdAt !== then.createdAt) return "the time of its creation";
  return settable(attributes) === settable(then.attributes) ? undefined : "its attributes";
}
