/**
 * Makes the package for one processor: our bundle, node.exe and koffi.node as they were pinned, and licences.
 *
 * Everything is put together in a temporary folder, and only a package that is whole gets its name.
 */
import { createHash } from "node:crypto";
import { copyFile, mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { AGENT_VERSION } from "../../agent/version.ts";
import { type Bundle, bundleAgent } from "./bundle.ts";
import { contentsOf, licencesOf } from "./contents.ts";
import { writeMsi } from "./database.ts";
import { type Architecture, windowsParts } from "./parts.ts";
import { sbomOf } from "./sbom.ts";
import { sign } from "./sign.ts";
import type { PackagedFile } from "./wxs.ts";

const COMMAND = fileURLToPath(new URL("ringback-agent.cmd", import.meta.url));

export interface PackageWish {
  readonly architecture: Architecture;
  readonly outFolder: string;
  /** Three numbers; the agent's own version if none is given. */
  readonly version?: string;
  /** For sh; `sign.ts` says how it is called. Undefined: nothing is signed. */
  readonly sign?: string;
  /** Another node.exe than the pinned one. For tests under Wine, never shipped. */
  readonly nodeExe?: string;
}

/** @returns the package's path. @throws what a tool says */
export async function makePackage(wish: PackageWish): Promise<string> {
  const { architecture, outFolder, version = AGENT_VERSION } = wish;
  await mkdir(outFolder, { recursive: true });
  const work = await mkdtemp(join(outFolder, "making-"));
  try {
    const folder = join(work, "files");
    const files = await stage(wish, await bundleAgent(), folder);
    const name = `ringback-agent-${version}-${architecture}.msi`;
    const msi = join(work, name);
    const digest = await digestOf(folder, files);
    const at = (path: string): string => join(work, path);
    const paths = { wxs: at("package.wxs"), cabinet: at("agent.cab"), standIns: at("stand-ins"), msi };
    await writeMsi({ architecture, version, files }, { files: folder, digest, ...paths });
    if (wish.sign !== undefined) await sign(wish.sign, msi);
    await rename(msi, join(outFolder, name));
    return join(outFolder, name);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Puts the files where wixl finds them. */
async function stage(wish: PackageWish, bundle: Bundle, folder: string): Promise<readonly PackagedFile[]> {
  const parts = await windowsParts(wish.architecture);
  const files: PackagedFile[] = [];
  const put = async (into: string, name: string, write: (path: string) => Promise<void>): Promise<void> => {
    const path = join(folder, into, name);
    await mkdir(dirname(path), { recursive: true });
    await write(path);
    files.push({ folder: into, name });
  };
  await put("", "node.exe", (path) => copyFile(wish.nodeExe ?? parts.nodeExe, path));
  await put("", "koffi.node", (path) => copyFile(parts.koffiNode, path));
  await put("", "ringback-agent.cmd", async (path) => {
    await writeFile(path, (await readFile(COMMAND, "utf8")).replaceAll("\n", "\r\n"));
  });
  if (wish.sign !== undefined) await sign(wish.sign, join(folder, "koffi.node"));
  const contents = await contentsOf(bundle, parts, wish.architecture);
  const { architecture, version = AGENT_VERSION } = wish;
  const sbom = sbomOf({ version, architecture, contents, bundle: bundle.files });
  await put("", "sbom.cdx.json", (path) => writeFile(path, sbom));
  await put("", "licences.txt", (path) => writeFile(path, licencesOf(contents).replaceAll(/\r?\n/g, "\r\n")));
  for (const [name, code] of bundle.files) await put("app", name, (path) => writeFile(path, code));
  return files;
}

async function digestOf(root: string, files: readonly PackagedFile[]): Promise<string> {
  const digest = createHash("sha256");
  for (const { folder, name } of files) {
    const contents = createHash("sha256").update(await readFile(join(root, folder, name)));
    digest.update(`${folder}/${name} ${contents.digest("hex")}\n`);
  }
  return digest.digest("hex");
}
