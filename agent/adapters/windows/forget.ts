/**
 * What uninstalling removes of the agent's state: everything but files that a plan took away and nobody has put back.
 *
 * Those stay where they are, with what the agent knows of them: whoever removes an agent in the middle of an incident may
 * still want them. Everything else that is removed can be made again, by installing and enrolling.
 */
import { readdir, rm, rmdir } from "node:fs/promises";
import { join } from "node:path";
import { FILES } from "../files.ts";

/** @returns what was left, and why; undefined if nothing was. A state folder that is not there is forgotten already */
export async function forgetState(folder: string): Promise<string | undefined> {
  const quarantine = join(folder, FILES.quarantine);
  const isEmpty = !(await holdsFiles(quarantine));
  for (const name of await namesIn(folder)) {
    if (name === FILES.quarantine && !isEmpty) continue;
    await rm(join(folder, name), { recursive: true, force: true, maxRetries: 3 });
  }
  if (!isEmpty) return `${quarantine} holds files that a plan took away and that were not put back: they stay`;
  await rmdir(folder).catch((error: unknown) => {
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
  });
  return undefined;
}

const namesIn = (folder: string): Promise<readonly string[]> => readdir(folder).catch((): string[] => []);

async function holdsFiles(folder: string): Promise<boolean> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true }).catch(() => []);
  return entries.some((entry) => !entry.isDirectory());
}
