/**
 * Collects what people need who look into a case, in a folder of the agent's own. It stays there until they fetch it.
 *
 * Each part stands for itself: what cannot be had is named in contents.txt with the reason, and the rest is there. Bounded:
 * large dumps are named, not copied.
 */
import { copyFile, lstat, mkdir, readdir, rm, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { WindowsPath } from "../../../protocol/windows-path.ts";
import type { DiagnosticPart, Diagnostics } from "../../machine-parts.ts";
import { readStatus, tellStatus } from "../../status.ts";
import { faultOf } from "../fault-of.ts";
import { FILES } from "../files.ts";
import { takeInventory } from "../inventory.ts";
import { replaceFile } from "../replace-file.ts";
import { keepNewest } from "./keep-newest.ts";
import type { RunTool } from "./ports.ts";

export interface DiagnosticPlaces {
  readonly stateFolder: string;
  /** As C:\Windows. */
  readonly windows: string;
  readonly runTool: RunTool;
  /** What `doctor` writes; undefined where it cannot be asked from here. */
  readonly doctor?: (() => Promise<string>) | undefined;
}

/** Older ones make room. */
const FOLDERS_MAX = 5;
const DUMPS_MAX = 5;
const DUMP_BYTES_MAX = 16 * 2 ** 20;
const EXPORT_WITHIN_MS = 2 * 60_000;
const INVENTORY_WITHIN_MS = 30_000;
const NAME = /^[\w.-]{1,80}$/;

export function windowsDiagnostics(places: DiagnosticPlaces): Diagnostics {
  return {
    async collect(name, parts) {
      if (!NAME.test(name))
        return { kind: "fault", fault: "unexpected", because: `${JSON.stringify(name)} is no name for a folder` };
      const folder = join(places.stateFolder, FILES.diagnostics, name);
      try {
        await mkdir(folder, { recursive: true });
        const said: string[] = [];
        for (const part of parts) said.push(`${part}: ${await collectPart(places, part, folder)}`);
        await replaceFile(join(folder, "contents.txt"), `${said.join("\n")}\n`);
        await keepNewest(dirname(folder), NAME, FOLDERS_MAX, name);
        return { kind: "ok", value: WindowsPath.parse(folder) };
      } catch (error) {
        return faultOf(error, `collect diagnostics in ${folder}`);
      }
    },
  };
}

/** @returns what became of it, in words. @throws what the agent's own disk says */
async function collectPart(places: DiagnosticPlaces, part: DiagnosticPart, folder: string): Promise<string> {
  const put = (name: string, text: string): Promise<string> =>
    writeFile(join(folder, name), text).then(() => `in ${name}`);
  switch (part) {
    case "status":
      return put("status.txt", tellStatus(await readStatus(places.stateFolder)));
    case "event-log":
      return exportLog(places, folder);
    case "crash-dumps":
      return copyDumps(places.windows, folder);
    case "inventory":
      return put("inventory.json", JSON.stringify(await takeInventory(INVENTORY_WITHIN_MS), undefined, 2));
    case "doctor":
      if (places.doctor === undefined) return "not collected: run `ringback-agent doctor` on the machine";
      return put("doctor.txt", await places.doctor());
  }
}

/** What wevtutil says about it counts for nothing: the file is there, or it is not. */
async function exportLog({ runTool, stateFolder }: DiagnosticPlaces, folder: string): Promise<string> {
  const file = join(folder, "System.evtx");
  await rm(file, { force: true }); // of an earlier try
  const run = await runTool("wevtutil", ["epl", "System", file, "/ow:true"], EXPORT_WITHIN_MS);
  const size = await stat(file).then(
    (facts) => facts.size,
    () => 0,
  );
  if (size > 0) return "in System.evtx";
  const because = run.kind === "fault" ? run.because : `wevtutil ended with ${run.value.exitCode} and wrote nothing`;
  const copied = await copyFile(join(stateFolder, FILES.systemLog), join(folder, "System.xml")).then(
    () => "what was read of it before is in System.xml",
    () => "none of it was ever read",
  );
  return `not exported (${because}); ${copied}`;
}

async function copyDumps(windows: string, folder: string): Promise<string> {
  const small = join(windows, "Minidump");
  const names = await readdir(small).catch((): string[] => []);
  const dumps = await Promise.all([join(windows, "MEMORY.DMP"), ...names.map((name) => join(small, name))].map(dumpAt));
  const newest = dumps
    .filter((dump) => dump !== undefined)
    .toSorted((a, b) => b.mtimeMs - a.mtimeMs)
    .slice(0, DUMPS_MAX);
  if (newest.length === 0) return "there are none";
  const said: string[] = [];
  for (const { path, size } of newest) {
    if (size > DUMP_BYTES_MAX) {
      said.push(`${path} is left where it is: it has ${size} bytes`);
      continue;
    }
    await copyFile(path, join(folder, basename(path)));
    said.push(`in ${basename(path)}`);
  }
  return said.join("; ");
}

/** Undefined of what is no plain file: a link may lead to what is no dump. */
const dumpAt = (path: string): Promise<{ path: string; size: number; mtimeMs: number } | undefined> =>
  lstat(path).then(
    (facts) =>
      facts.isFile() && /\.dmp$/i.test(path) ? { path, size: facts.size, mtimeMs: facts.mtimeMs } : undefined,
    () => undefined,
  );
