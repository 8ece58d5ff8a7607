/** Which files match a glob, and what they are: listed and read through the guarded folder, hashed when they were touched. */
import { nameMatches, type WindowsGlob, WindowsPath } from "../../../protocol/windows-path.ts";
import type { FileFacts } from "../../ports.ts";
import { FileFault } from "./file-fault.ts";
import { ACCESS, type Nt, SHARE } from "./nt.ts";
import { instantOf } from "./nt-layouts.ts";
import type { OpenFile } from "./open-file.ts";
import { openFolder } from "./open-path.ts";
import { askedGlob } from "./path-guard.ts";

/** Whoever works with the file meanwhile is not disturbed: no look may stop a vendor's own update. */
const LOOK = { access: ACCESS.readData, share: SHARE.all } as const;
const KNOWN_MAX = 500;
const LOOKS_MAX = 3;

export class Files {
  private readonly nt: Nt;
  private readonly known = new Map<string, { readonly stamp: string; readonly facts: FileFacts }>();

  constructor(nt: Nt) {
    this.nt = nt;
  }

  /** A missing folder: nothing matches. @throws FileFault */
  async matching(glob: WindowsGlob): Promise<readonly FileFacts[]> {
    const { folder: folderPath, name } = askedGlob(glob);
    using folder = openFolder(this.nt, folderPath);
    const found: FileFacts[] = [];
    for (const entry of folder?.list() ?? []) {
      if (!nameMatches(name, entry.name) || (entry.isFolder && !entry.isLink)) continue;
      const path = WindowsPath.safeParse(
        folderPath.endsWith("\\") ? folderPath + entry.name : `${folderPath}\\${entry.name}`,
      );
      // What cannot be named or is no plain file could be anything: to leave it out would be to say that all is well.
      if (!path.success || entry.isLink)
        throw new FileFault(
          "path-escapes",
          `${folderPath} has a link or an unusable name: ${JSON.stringify(entry.name)}`,
        );
      using file = folder?.openFile(entry.name, LOOK);
      if (file !== undefined) found.push(await this.facts(path.data, file));
    }
    return found;
  }

  private async facts(path: WindowsPath, file: OpenFile): Promise<FileFacts> {
    const known = this.known.get(path);
    if (known !== undefined && known.stamp === stampOf(file)) return known.facts;
    const now = await factsOf(path, file);
    if (this.known.size > KNOWN_MAX) this.known.clear();
    this.known.set(path, now);
    return now.facts;
  }
}

/** Reads again what changed while it was read. @throws FileFault `file-changed` if it goes on changing */
async function factsOf(path: WindowsPath, file: OpenFile): Promise<{ stamp: string; facts: FileFacts }> {
  for (let look = 0; look < LOOKS_MAX; look++) {
    const stamp = stampOf(file);
    const { writtenAt } = file.basic();
    const contents = await file.contents();
    if (stampOf(file) === stamp) return { stamp, facts: { path, ...contents, modifiedAt: instantOf(writtenAt) } };
  }
  throw new FileFault("file-changed", `${path} changes faster than it can be read; look again when its writer is done`);
}

/** Changes whenever the file does: its change time is the file system's own and cannot be set back by ordinary means. */
function stampOf(file: OpenFile): string {
  const { writtenAt, changedAt } = file.basic();
  return `${file.standard().sizeBytes} ${writtenAt} ${changedAt} ${file.identity()}`;
}
