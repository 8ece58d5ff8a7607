/**
 * The parts of the Windows package that are not ours: node.exe and the native library, in the versions that the lock file
 * in parts/ pins by digest.
 *
 * npm leaves packages for other systems out, so they are fetched by a call of its own, into a cache named by the lock
 * file's contents: what lies there is what was pinned.
 */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, readFile, rename, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

export type Architecture = "x64" | "arm64";

export interface WindowsParts {
  readonly nodeExe: string;
  readonly koffiNode: string;
  /** The folder with both packages, for their licences and versions. */
  readonly modules: string;
}

const MANIFEST_FOLDER = fileURLToPath(new URL("parts/", import.meta.url));
/** Where things that can be made again are kept; `npm ci` empties it. */
export const CACHE = fileURLToPath(new URL("../../node_modules/.cache/ringback-windows", import.meta.url));
const MANIFESTS = ["package.json", "package-lock.json"];

/** Fetches what is not in the cache yet. @throws what npm says */
export async function windowsParts(architecture: Architecture): Promise<WindowsParts> {
  const lock = createHash("sha256").update(await readFile(join(MANIFEST_FOLDER, "package-lock.json")));
  const folder = join(CACHE, `${architecture}-${lock.digest("hex").slice(0, 16)}`);
  if (!existsSync(folder)) await fetchParts(architecture, folder);
  return partsIn(folder, architecture);
}

function partsIn(folder: string, architecture: Architecture): WindowsParts {
  const modules = join(folder, "node_modules");
  return {
    nodeExe: join(modules, `node-win-${architecture}`, "bin", "node.exe"),
    koffiNode: join(modules, `@koromix/koffi-win32-${architecture}`, `win32_${architecture}`, "koffi.node"),
    modules,
  };
}

/** Whole or not at all: two that fetch at once both have what they need in the end. */
async function fetchParts(architecture: Architecture, folder: string): Promise<void> {
  await mkdir(CACHE, { recursive: true });
  const fresh = await mkdtemp(join(CACHE, "fetch-"));
  try {
    for (const name of MANIFESTS) await cp(join(MANIFEST_FOLDER, name), join(fresh, name));
    const args = ["ci", "--os=win32", `--cpu=${architecture}`, "--ignore-scripts", "--no-audit", "--no-fund"];
    await promisify(execFile)("npm", args, { cwd: fresh });
    // npm takes what is for one system only as something that one can do without, and ends well when it cannot be had.
    const { nodeExe, koffiNode } = partsIn(fresh, architecture);
    for (const path of [nodeExe, koffiNode])
      if (!existsSync(path))
        throw new Error(
          `npm ended well and has not fetched ${basename(path)} (${architecture}): is its registry there?`,
        );
    await rename(fresh, folder).catch((error: unknown) => {
      if (!existsSync(folder)) throw error;
    });
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
}
