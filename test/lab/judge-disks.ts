/**
 * The judge's eyes: what lies on a machine's disk, by its own reading and its own hashing.
 *
 * The agent's state folder is not part of the machine, with one exception: contents that lie in its quarantine are kept,
 * not lost. How services start is part of the machine; whether they run at the moment is not.
 */
import { createHash } from "node:crypto";
import { readdir, readFile, stat } from "node:fs/promises";
import { join, relative } from "node:path";

const AGENT_STATE = "C/ProgramData/Ringback";
const QUARANTINE = `${AGENT_STATE}/quarantine`;

export interface Disk {
  /** The digest of every file, by its path in the machine's folder. */
  readonly files: ReadonlyMap<string, string>;
  /** Contents in the agent's quarantine, and since when (of the wall) they lie there. */
  readonly quarantined: ReadonlyMap<string, number>;
}

export async function readDisk(folder: string): Promise<Disk> {
  const files = new Map<string, string>();
  for (const path of await filesUnder(folder, "C", AGENT_STATE)) {
    const digest = await digestOfFile(join(folder, path));
    if (digest !== undefined) files.set(path, digest);
  }
  files.set("services.json", digestOf(await serviceStarts(folder)));
  const quarantined = new Map<string, number>();
  for (const path of await filesUnder(folder, QUARANTINE)) {
    const digest = await digestOfFile(join(folder, path));
    // Moving a file changes its status, so this is when it was moved.
    if (digest !== undefined) quarantined.set(digest, (await stat(join(folder, path))).ctimeMs);
  }
  return { files, quarantined };
}

/** Paths relative to `folder`, with forward slashes; nothing under `except`. */
async function filesUnder(folder: string, start: string, except?: string): Promise<string[]> {
  const entries = await readdir(join(folder, start), { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll("\\", "/"))
    .filter((path) => except === undefined || !path.startsWith(`${except}/`))
    .toSorted();
}

/** Undefined for a file that was moved away while the disk was read; its new place is read too, or it is lost. */
const digestOfFile = async (path: string): Promise<string | undefined> =>
  await readFile(path).then(digestOf, () => undefined);

const digestOf = (contents: Uint8Array | string): string => createHash("sha256").update(contents).digest("hex");

async function serviceStarts(folder: string): Promise<string> {
  const services = JSON.parse(await readFile(join(folder, "services.json"), "utf8")) as Record<
    string,
    { start: string }
  >;
  return Object.entries(services)
    .map(([name, { start }]) => `${name}=${start}`)
    .toSorted()
    .join("\n");
}
