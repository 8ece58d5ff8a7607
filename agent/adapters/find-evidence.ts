/**
 * Finds what a Windows machine holds as evidence of its boots: the System log, small crash dumps, Startup Repair's trail.
 *
 * What is missing, damaged or in use is left out, and the rest is told: evidence must never keep a boot from being
 * reported. Reads a bounded part of each file.
 */
import { lstatSync } from "node:fs";
import { lstat, readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { type CrashDump, EVIDENCE_MAX } from "../../protocol/boot.ts";
import type { Instant } from "../../protocol/time.ts";
import type { EvidenceFound } from "../evidence/boot-evidence.ts";
import type { ByteSource } from "../evidence/byte-source.ts";
import { crashDumpReport, readCrashDump } from "../evidence/crash-dump.ts";
import { type Newest, readEventLog } from "../evidence/event-log.ts";
import { readStartupRepair, startupRepairReport } from "../evidence/startup-repair.ts";
import { openFile } from "./file-source.ts";

/** Where the evidence lies on this machine; undefined where there is no such place. */
export interface EvidencePlaces {
  readonly eventLog: string | undefined;
  /** The folder of `*.dmp`. */
  readonly crashDumps: string | undefined;
  readonly startupRepair: string | undefined;
  /** MEMORY.DMP, of which the header alone is read. Left out where the machine has no such place. */
  readonly fullDump?: string | undefined;
}

/**
 * The records of the last boots. As XML a boot leaves some ten of about 1 KiB; the log of a whole system gets some 200
 * records a boot, and as many go into a chunk. Logs of gigabytes, which an administrator may want, take minutes to read.
 */
const NEWEST: Newest = { chunks: 64, xmlBytes: 256 * 1024 };

export async function findEvidence(places: EvidencePlaces): Promise<EvidenceFound> {
  const { eventLog, crashDumps, startupRepair, fullDump } = places;
  const log = eventLog === undefined ? undefined : readFile(eventLog, (source) => readEventLog(source, NEWEST));
  const dumps = crashDumps === undefined ? [] : (await newestDumps(crashDumps)).flatMap((path) => dumpAt(path) ?? []);
  const full = fullDump === undefined ? undefined : dumpAt(fullDump);
  return {
    boots: log?.kind === "event-log" ? log.boots : [],
    crashDumps: full === undefined || dumps.some((dump) => isOfSameCrash(dump, full)) ? dumps : [full, ...dumps],
    startupRepair: startupRepair === undefined ? null : await repairAt(startupRepair),
  };
}

/** Windows makes the small dump out of the large one; it says more, as it lists the drivers. */
const isOfSameCrash = (small: CrashDump, full: CrashDump): boolean =>
  small.crashedAt === full.crashedAt && small.bugcheck.code === full.bugcheck.code;

const dumpAt = (path: string): CrashDump | undefined =>
  readFile(path, (source) => {
    const dump = readCrashDump(source);
    return dump.kind === "crash-dump" ? crashDumpReport(basename(path), dump) : undefined;
  });

async function repairAt(path: string): Promise<EvidenceFound["startupRepair"]> {
  const says = readFile(path, (source) => {
    const trail = readStartupRepair(source);
    return trail.kind === "startup-repair" ? startupRepairReport(trail) : undefined;
  });
  const writtenAt = await writtenAtOf(path);
  return says === undefined || writtenAt === undefined ? null : { writtenAt, says };
}

async function newestDumps(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch((): string[] => []);
  const dumps = names.filter((name) => /\.dmp$/i.test(name)).map((name) => join(folder, name));
  const dated = await Promise.all(dumps.map(async (path) => ({ path, at: await writtenAtOf(path) })));
  return dated
    .filter(({ at }) => at !== undefined)
    .toSorted((a, b) => (b.at ?? 0) - (a.at ?? 0))
    .slice(0, EVIDENCE_MAX.crashDumps)
    .map(({ path }) => path);
}

/** Undefined of what is no plain file. */
const writtenAtOf = (path: string): Promise<Instant | undefined> =>
  lstat(path).then(
    (facts) => (facts.isFile() ? (Math.max(0, Math.floor(facts.mtimeMs)) as Instant) : undefined),
    () => undefined,
  );

/** Undefined if the file cannot be read, whyever. A link is not followed: it may lead to another machine's evidence. */
function readFile<Value>(path: string, read: (source: ByteSource) => Value): Value | undefined {
  try {
    if (!lstatSync(path).isFile()) return undefined;
    using source = openFile(path);
    return read(source);
  } catch {
    return undefined;
  }
}
