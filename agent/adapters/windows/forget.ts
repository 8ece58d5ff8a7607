/**
 * What uninstalling removes of the agent's state: everything but what a plan took away and nobody has put back, files of the
 * quarantine and copies of driver packages.
 *
 * Those stay where they are, with what the agent knows of them: whoever removes an agent in the middle of an incident may
 * still want them. Everything else that is removed can be made again, by installing and enrolling. Invariant: what cannot be
 * looked into counts as holding something.
 */
import { readdir, readFile, rm, rmdir } from "node:fs/promises";
import { join } from "node:path";
import { isNoSuchFile } from "../fault-of.ts";
import { FILES } from "../files.ts";

const TAKEN: readonly string[] = [FILES.quarantine, FILES.drivers];

/**
 * @param spared names that stay, whatever is in them. @returns what a plan took away and was left, and why; undefined if
 * there is nothing of that. A state folder that is not there is forgotten already
 */
export async function forgetState(folder: string, spared: readonly string[] = []): Promise<string | undefined> {
  const names = await readdir(folder).catch(nothingThere);
  const kept: string[] = [];
  for (const name of names) {
    const path = join(folder, name);
    if (spared.includes(name)) continue;
    if (TAKEN.includes(name) && (await holdsFiles(path))) kept.push(path);
    else await rm(path, { recursive: true, force: true, maxRetries: 3 });
  }
  if (kept.length > 0)
    return `${kept.join(" and ")}: what a plan took away there was not put back, or that cannot be told; it stays`;
  if (!names.some((name) => spared.includes(name))) await rmdir(folder).catch(nothingThere);
  return undefined;
}

/** The record of a file that was put back is all that is left of it, and holds nothing. */
async function holdsFiles(folder: string): Promise<boolean> {
  try {
    const entries = await readdir(folder, { withFileTypes: true, recursive: true });
    for (const entry of entries) {
      if (entry.isDirectory()) continue;
      if (!/^\d+\.json(?:\.new)?$/.test(entry.name)) return true;
      const text = await readFile(join(entry.parentPath, entry.name), "utf8");
      if (/"atRestart":\s*true/.test(text)) return true; // Windows may still bring it
    }
    return false;
  } catch {
    return true;
  }
}

function nothingThere(error: unknown): [] {
  if (isNoSuchFile(error)) return [];
  throw error;
}
