/**
 * Diagnostics for people who look into a case: a folder of the agent's own, with what was asked for and a list of what is in
 * it and what could not be had. It is made under another name and moved into place when it is whole, so it can be asked for
 * again after a crash; it never leaves the machine by itself.
 */
import { mkdir, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { WindowsPath } from "../../../protocol/windows-path.ts";
import type { DiagnosticPart, Diagnostics } from "../../machine-parts.ts";
import type { Result } from "../../ports.ts";
import { faultOf } from "../fault-of.ts";
import { fault } from "./fault.ts";

/** Writes what it has into the folder. A fault is written down, and takes nothing else away. */
export type Collector = (folder: string) => Promise<Result<void>>;

/** Older folders make room. */
const FOLDERS_MAX = 5;
/** Of one folder: what is past it is removed again, the part with it, and that is said. */
const BYTES_MAX = 128 * 2 ** 20;
const NAME = /^[\w-]{1,80}$/;
/** Not a name that can be asked for. */
const UNFINISHED = ".new";

/** @param root in the state folder; made if it is not there */
export function diagnosticsIn(root: string, collectors: Readonly<Record<DiagnosticPart, Collector>>): Diagnostics {
  return {
    async collect(name, parts) {
      if (!NAME.test(name)) return fault("unexpected", `${name} is no name for a folder`);
      const path = join(root, name);
      try {
        if (!(await isFolder(path))) await make(path, [...new Set(parts)], collectors);
        await removeOldest(root, name);
        return { kind: "ok", value: path as WindowsPath };
      } catch (error) {
        return faultOf(error, "collect diagnostics");
      }
    },
  };
}

async function make(
  path: string,
  parts: readonly DiagnosticPart[],
  collectors: Readonly<Record<DiagnosticPart, Collector>>,
): Promise<void> {
  const fresh = `${path}${UNFINISHED}`;
  await rm(fresh, { recursive: true, force: true });
  await mkdir(fresh, { recursive: true });
  const said: string[] = [];
  let left = BYTES_MAX;
  for (const part of parts) {
    const folder = join(fresh, part);
    await mkdir(folder);
    const collected = await collectors[part](folder);
    const bytes = await sizeOf(folder);
    if (bytes > left) {
      await rm(folder, { recursive: true, force: true });
      said.push(`${part}: not kept, it has ${bytes} bytes and there was room for ${left}`);
      continue;
    }
    left -= bytes;
    said.push(`${part}: ${collected.kind === "ok" ? `${bytes} bytes` : `${collected.fault}: ${collected.because}`}`);
  }
  await writeFile(join(fresh, "contents.txt"), said.map((line) => `${line}\r\n`).join(""), { flush: true });
  await rename(fresh, path);
}

/** The one that was just asked for stays, whatever its age. */
async function removeOldest(root: string, keep: string): Promise<void> {
  const names = (await readdir(root)).filter((name) => name !== keep);
  const aged = await Promise.all(names.map(async (name) => ({ name, at: (await stat(join(root, name))).mtimeMs })));
  const old = aged.sort((a, b) => b.at - a.at).slice(FOLDERS_MAX - 1);
  for (const { name } of old) await rm(join(root, name), { recursive: true, force: true });
}

async function sizeOf(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const sizes = await Promise.all(files.map(async (file) => (await stat(join(file.parentPath, file.name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
