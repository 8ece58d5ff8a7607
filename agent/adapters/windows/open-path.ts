/**
 * Opens what a path names and nothing else.
 *
 * Invariant: a handle is handed out only after every part of its path was opened below the handle of the part before it,
 * by a name of one part, as itself (a link is opened as a link and refused), and after Windows said that the path of the
 * handle is the path that was asked for. Nobody can swap a part between the look and the use: what is used is the handle.
 *
 * While a folder is open here, neither it nor a folder above it can be renamed or removed (none is shared for deletion).
 *
 * Under Wine a mount point is told by its tag, as a junction is on Windows. A symbolic link of the Unix side is followed
 * before its handle can be asked; only the path of the handle tells, which Wine looks up a moment after it opened.
 */
import { faultOfStatus, FileFault, isMissing, must } from "./file-fault.ts";
import { ACCESS, ATTRIBUTE, DISPOSITION, type Handle, type Nt, OPTION, SHARE, type Status, STATUS } from "./nt.ts";
import { INFORMATION, readDirectory } from "./nt-layouts.ts";
import { OpenFile } from "./open-file.ts";
import { type AskedPath, askedPath, isFinalPath, pathOf } from "./path-guard.ts";

const FOLDER = {
  access: ACCESS.readData | ACCESS.traverse | ACCESS.readAttributes | ACCESS.synchronize,
  share: SHARE.readWrite,
  disposition: DISPOSITION.open,
  options: OPTION.directory | OPTION.synchronous | OPTION.forBackup | OPTION.reparsePoint,
} as const;
const LISTING_BYTES = 65_536;

export interface FileUse {
  /** Beyond reading attributes. */
  readonly access: number;
  readonly share: number;
}

/** The folder at `path`; undefined if there is none. The caller disposes of it. @throws FileFault */
export function openFolder(nt: Nt, path: string): Folder | undefined {
  const { drive, parts } = askedPath(path);
  const root = nt.open({ below: null, name: `\\??\\${drive}\\`, ...FOLDER });
  if (isMissing(root.status)) return undefined;
  must(root.status, `open ${drive}\\`);
  const chain = [new Folder(nt, root.handle, { drive, parts: [] })];
  const close = (): void => {
    for (const folder of chain) folder[Symbol.dispose]();
  };
  try {
    for (const part of parts) {
      const next = chain[0]?.openFolder(part);
      if (next !== undefined) chain.unshift(next);
      else {
        close();
        return undefined;
      }
    }
    const [folder, ...above] = chain;
    folder?.mustLieThere();
    return folder?.keeping(above);
  } catch (error) {
    close();
    throw error;
  }
}

export class Folder implements Disposable {
  readonly nt: Nt;
  readonly handle: Handle;
  private readonly asked: AskedPath;
  private above: readonly Folder[] = [];
  private isOpen = true;

  constructor(nt: Nt, handle: Handle, asked: AskedPath) {
    this.nt = nt;
    this.handle = handle;
    this.asked = asked;
  }

  get path(): string {
    return pathOf(this.asked);
  }

  [Symbol.dispose](): void {
    if (this.isOpen) this.nt.close(this.handle);
    this.isOpen = false;
    for (const folder of this.above) folder[Symbol.dispose]();
  }

  /** Leaves these open as long as this one is, so that none of them can be renamed meanwhile. */
  keeping(above: readonly Folder[]): this {
    this.above = above;
    return this;
  }

  /** A folder right below; undefined if there is none. @throws FileFault `path-escapes` for a link */
  openFolder(name: string, moreAccess = 0): Folder | undefined {
    const asked = this.askedBelow(name);
    const { status, handle } = this.nt.open({
      below: this.handle,
      name,
      ...FOLDER,
      access: FOLDER.access | moreAccess,
    });
    if (isMissing(status)) return undefined;
    must(status, `open ${pathOf(asked)}`);
    const folder = new Folder(this.nt, handle, asked);
    try {
      refuseLink(this.nt, handle, folder.path);
      return folder;
    } catch (error) {
      folder[Symbol.dispose]();
      throw error;
    }
  }

  /** Opens the folder right below, or makes it. @param securityDescriptor of a new one; without it, it inherits */
  makeFolder(name: string, securityDescriptor?: Buffer): Folder {
    const path = this.below(name);
    const made = this.nt.open({
      below: this.handle,
      name,
      ...FOLDER,
      options: FOLDER.options | OPTION.writeThrough,
      disposition: DISPOSITION.create,
      ...(securityDescriptor === undefined ? {} : { securityDescriptor }),
    });
    if (made.status === STATUS.success) this.nt.close(made.handle);
    else if (made.status !== STATUS.nameCollision) throw faultOfStatus(made.status, `make ${path}`);
    const folder = this.openFolder(name);
    if (folder === undefined) throw new FileFault("unexpected", `${path} was made and is not there`);
    folder.mustLieThere();
    return folder;
  }

  /** A file of this folder; undefined if there is none. @throws FileFault `path-escapes` for a link or a folder */
  openFile(name: string, use: FileUse): OpenFile | undefined {
    const asked = this.askedBelow(name);
    const { status, handle } = this.openAs(name, use, DISPOSITION.open);
    if (isMissing(status)) return undefined;
    must(status, `open ${pathOf(asked)}`);
    const file = new OpenFile(this.nt, handle, pathOf(asked));
    try {
      refuseLink(this.nt, handle, file.path);
      mustLieAt(this.nt, handle, asked);
      return file;
    } catch (error) {
      file[Symbol.dispose]();
      throw error;
    }
  }

  /** A new file, empty, for this process alone. @throws FileFault `file-changed` if there is one */
  createFile(name: string): OpenFile {
    const access = ACCESS.readData | ACCESS.writeData | ACCESS.writeAttributes | ACCESS.delete;
    const path = this.below(name);
    const { status, handle } = this.openAs(name, { access, share: SHARE.none }, DISPOSITION.create);
    must(status, `create ${path}`);
    return new OpenFile(this.nt, handle, path);
  }

  /** Every name but `.` and `..`, links included. */
  list(): readonly { readonly name: string; readonly isFolder: boolean; readonly isLink: boolean }[] {
    const names: { readonly name: string; readonly isFolder: boolean; readonly isLink: boolean }[] = [];
    for (let first = true; ; first = false) {
      const bytes = Buffer.alloc(LISTING_BYTES);
      const status = this.nt.list(this.handle, bytes, INFORMATION.directory, first);
      // An empty root answers the first question with "no such file".
      if (status === STATUS.noMoreFiles || (first && status === STATUS.noSuchFile)) return names;
      must(status, `list ${this.path}`);
      for (const { name, attributes } of readDirectory(bytes))
        if (name !== "." && name !== "..")
          names.push({
            name,
            isFolder: (attributes & ATTRIBUTE.directory) !== 0,
            isLink: (attributes & ATTRIBUTE.reparsePoint) !== 0,
          });
    }
  }

  /** Owner, group and DACL. It was opened with `readControl`. */
  security(): Buffer {
    const { status, descriptor } = this.nt.security(this.handle);
    must(status, `read the permissions of ${this.path}`);
    return descriptor;
  }

  /** It was opened with `writeDac`. */
  setSecurity(descriptor: Buffer, information: number): void {
    must(this.nt.setSecurity(this.handle, descriptor, information), `set the permissions of ${this.path}`);
  }

  /** @throws FileFault `path-escapes` unless this handle is what lies at the path */
  mustLieThere(): void {
    mustLieAt(this.nt, this.handle, this.asked);
  }

  private openAs(name: string, { access, share }: FileUse, disposition: number): { status: Status; handle: Handle } {
    return this.nt.open({
      below: this.handle,
      name,
      access: access | ACCESS.readAttributes | ACCESS.synchronize,
      share,
      disposition,
      // Write-through makes NTFS put a rename on the disk with the call, not some seconds later.
      options: OPTION.nonDirectory | OPTION.synchronous | OPTION.forBackup | OPTION.reparsePoint | OPTION.writeThrough,
    });
  }

  /** @throws FileFault `path-escapes` unless it is the name of one part: to these calls `a:b` would be a stream of `a` */
  private askedBelow(name: string): AskedPath {
    const asked = askedPath(pathOf({ drive: this.asked.drive, parts: [...this.asked.parts, name] }));
    if (asked.parts.length === this.asked.parts.length + 1) return asked;
    throw new FileFault("path-escapes", `${JSON.stringify(name)} is no name of a file`);
  }

  private below(name: string): string {
    return pathOf(this.askedBelow(name));
  }
}

/** Junctions, symbolic links, mount points, cloud placeholders: whatever is not simply there. */
function refuseLink(nt: Nt, handle: Handle, path: string): void {
  const bytes = Buffer.alloc(8);
  must(nt.query(handle, bytes, INFORMATION.attributeTag), `look at ${path}`);
  if ((bytes.readUInt32LE(0) & ATTRIBUTE.reparsePoint) === 0) return;
  const tag = bytes.readUInt32LE(4).toString(16);
  throw new FileFault("path-escapes", `${path} is a link or a placeholder (reparse tag 0x${tag}); it is not followed`);
}

function mustLieAt(nt: Nt, handle: Handle, asked: AskedPath): void {
  const final = nt.finalPath(handle);
  if (final !== undefined && isFinalPath(final, asked)) return;
  throw new FileFault("path-escapes", `${pathOf(asked)} leads to ${final ?? "a place without a name"}; left alone`);
}
