/** What a Windows machine gives for diagnostics: copies and lists, without secrets where they are text. */
import { copyFile, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { DiagnosticPart } from "../../machine-parts.ts";
import type { Result } from "../../ports.ts";
import { faultOf, isNoSuchFile } from "../fault-of.ts";
import { FILES } from "../files.ts";
import { takeInventory, tellInventory } from "../inventory.ts";
import { saidBy } from "./boot-entries.ts";
import type { Collector } from "./diagnostics.ts";
import { withoutSecrets } from "./doctor/transcript.ts";
import { fault } from "./fault.ts";
import type { RunTool } from "./ports.ts";

const EXPORT_WITHIN_MS = 5 * 60_000;
const INVENTORY_WITHIN_MS = 30_000;
/** The last seven days of the System log. */
const LAST_DAYS = "/q:*[System[TimeCreated[timediff(@SystemTime) <= 604800000]]]";
/** Of a triage dump, 1 to 2 MB each; the dump of the whole memory is never copied: it holds what people worked on. */
const DUMPS_MAX = 5;
const DUMP_BYTES_MAX = 16 * 2 ** 20;
/** Records that hold no key. */
const RECORDS = ["config", "boots", "content", "journal"] as const;

export interface DiagnosticSources {
  readonly run: RunTool;
  readonly stateFolder: string;
  /** Of Windows, as C:\Windows. */
  readonly windows: string;
  /** What the doctor has to say, without secrets. */
  readonly doctor: () => Promise<string>;
}

export function diagnosticParts(sources: DiagnosticSources): Readonly<Record<DiagnosticPart, Collector>> {
  return {
    status: (folder) => attempt("copy the agent's records", () => copyRecords(sources.stateFolder, folder)),
    "event-log": (folder) => exportLog(sources.run, join(folder, "System.evtx")),
    "crash-dumps": (folder) => attempt("copy crash dumps", () => copyDumps(sources.windows, folder)),
    inventory: (folder) => attempt("take an inventory", () => writeInventory(folder)),
    doctor: (folder) =>
      attempt("ask the doctor", async () => {
        await writeFile(join(folder, "doctor.txt"), (await sources.doctor()).replaceAll("\n", "\r\n"));
      }),
  };
}

async function attempt(what: string, work: () => Promise<void>): Promise<Result<void>> {
  try {
    return { kind: "ok", value: await work() };
  } catch (error) {
    return faultOf(error, what);
  }
}

async function copyRecords(stateFolder: string, folder: string): Promise<void> {
  for (const name of RECORDS) {
    try {
      const text = await readFile(join(stateFolder, FILES[name]), "utf8");
      await writeFile(join(folder, FILES[name]), withoutSecrets(text));
    } catch (error) {
      if (!isNoSuchFile(error)) throw error;
    }
  }
}

/** Whether it ended well is seen by the file. */
async function exportLog(run: RunTool, path: string): Promise<Result<void>> {
  const ran = await run("wevtutil", ["epl", "System", path, LAST_DAYS], EXPORT_WITHIN_MS);
  if (ran.kind === "fault") return ran;
  const size = await stat(path).then(
    (found) => found.size,
    () => 0,
  );
  if (size > 0) return { kind: "ok", value: undefined };
  return fault("verify-failed", `no log was written: wevtutil ended with ${ran.value.exitCode}${saidBy(ran.value)}`);
}

async function copyDumps(windows: string, folder: string): Promise<void> {
  const place = join(windows, "Minidump");
  const names = await readdir(place).catch((error: unknown) => {
    if (isNoSuchFile(error)) return [];
    throw error;
  });
  const dumps = await Promise.all(
    names.filter((name) => /\.dmp$/i.test(name)).map(async (name) => ({ name, found: await stat(join(place, name)) })),
  );
  const newest = dumps
    .filter(({ found }) => found.isFile() && found.size <= DUMP_BYTES_MAX)
    .sort((a, b) => b.found.mtimeMs - a.found.mtimeMs)
    .slice(0, DUMPS_MAX);
  for (const { name } of newest) await copyFile(join(place, name), join(folder, name));
  const left = dumps.length - newest.length;
  await writeFile(join(folder, "contents.txt"), `${newest.length} dumps, ${left} more are left in ${place}\r\n`);
}

async function writeInventory(folder: string): Promise<void> {
  await writeFile(join(folder, "inventory.txt"), tellInventory(await takeInventory(INVENTORY_WITHIN_MS)));
}
