/**
 * A lab machine's known-good copies: files called by their digest, in the agent's own folder.
 *
 * Invariant: a file under its digest is whole, because it was moved there. The oldest go first when there are too many.
 */
import { copyFile, link, mkdir, readdir, rename, rm, stat, utimes } from "node:fs/promises";
import { dirname, join } from "node:path";
import { splitPath, type WindowsPath } from "../../../protocol/windows-path.ts";
import type { KnownGood } from "../../machine-parts.ts";
import type { Result } from "../../ports.ts";
import { faultOf, isNoSuchFile } from "../fault-of.ts";
import { syncFolder } from "../record-log.ts";
import { readFacts } from "./file-facts.ts";
import { locateFolder } from "./paths.ts";

const COPIES_MAX = 50;
const OK: Result<void> = { kind: "ok", value: undefined };

export function labKnownGood(machine: string, folder: string): KnownGood {
  const isThere = async (path: string): Promise<boolean> => {
    try {
      return (await stat(path)).isFile();
    } catch (error) {
      if (isNoSuchFile(error)) return false;
      throw error;
    }
  };
  const placeOf = async (path: WindowsPath): Promise<Result<string>> => {
    const parts = splitPath(path);
    const place = await locateFolder(machine, parts.folder);
    if (place.kind === "fault") return place;
    if (place.value === undefined)
      return { kind: "fault", fault: "not-found", because: `there is no folder ${parts.folder}` };
    return { kind: "ok", value: join(place.value, parts.name) };
  };
  return {
    async keep(files) {
      try {
        await mkdir(folder, { recursive: true, mode: 0o700 });
        for (const { path, sha256 } of files) {
          const source = await placeOf(path);
          if (source.kind === "fault") return source;
          if (!(await isThere(join(folder, sha256)))) await copyWhole(source.value, join(folder, sha256), sha256);
          const now = new Date();
          await utimes(join(folder, sha256), now, now).catch(() => undefined); // changed meanwhile: not kept
        }
        await dropOldest(folder);
        return OK;
      } catch (error) {
        return faultOf(error, "keep known-good copies");
      }
    },
    async holds(sha256) {
      try {
        return { kind: "ok", value: await isThere(join(folder, sha256)) };
      } catch (error) {
        return faultOf(error, "look for a known-good copy");
      }
    },
    async putBack(path, sha256) {
      try {
        const target = await placeOf(path);
        if (target.kind === "fault") return target;
        const fresh = join(folder, `${sha256}.back`);
        await rm(fresh, { force: true });
        await copyWhole(join(folder, sha256), fresh, sha256);
        await link(fresh, target.value); // EEXIST rather than to overwrite
        await syncFolder(dirname(target.value));
        await rm(fresh, { force: true });
        return OK;
      } catch (error) {
        return faultOf(error, `put ${path} back`);
      }
    },
  };
}

/** Nothing is left of a copy that is not what it should be. */
async function copyWhole(from: string, to: string, sha256: string): Promise<void> {
  const half = `${to}.half`;
  await copyFile(from, half);
  if ((await readFacts(half)).sha256 === sha256) await rename(half, to);
  else await rm(half, { force: true });
}

async function dropOldest(folder: string): Promise<void> {
  const names = await readdir(folder);
  const copies = await Promise.all(names.map(async (name) => ({ name, at: (await stat(join(folder, name))).mtimeMs })));
  const tooMany = copies.sort((a, b) => b.at - a.at).slice(COPIES_MAX);
  for (const { name } of tooMany) await rm(join(folder, name), { force: true });
}
