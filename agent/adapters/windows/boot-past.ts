/**
 * What Windows holds of the boots before this one: its System log, crash dumps, Startup Repair's trail.
 *
 * The log is asked through `wevtutil` into a diary of our own. Where that program says nothing, the log's file itself is
 * read as it lies there; where that cannot be either, the diary tells what it knew before.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Instant } from "../../../protocol/time.ts";
import { bootPast, type BootPast } from "../../evidence/boot-evidence.ts";
import type { Log } from "../../ports.ts";
import { type EvidencePlaces, findEvidence } from "../find-evidence.ts";
import type { RunTool } from "./ports.ts";
import { readSystemLog } from "./read-system-log.ts";

export interface PastPlaces {
  /** As C:\Windows. */
  readonly windows: string;
  /** Where the diary is kept. */
  readonly diary: string;
}

/** Never rejects: what cannot be read is left out, and the log says so. */
export async function windowsBootPast(
  { windows, diary }: PastPlaces,
  runTool: RunTool,
  log: Log,
  bootedAt: Instant,
  since: Instant | null,
): Promise<BootPast> {
  const places: EvidencePlaces = {
    eventLog: await eventLogAt(windows, diary, runTool, log),
    crashDumps: join(windows, "Minidump"),
    fullDump: join(windows, "MEMORY.DMP"),
    startupRepair: join(windows, "System32", "LogFiles", "Srt", "SrtTrail.txt"),
  };
  return bootPast(await findEvidence(places), bootedAt, since);
}

async function eventLogAt(windows: string, diary: string, runTool: RunTool, log: Log): Promise<string> {
  const because = await readSystemLog(diary, runTool).then(
    (read) => (read.kind === "read" ? undefined : read.because),
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
  if (because === undefined) return diary;
  const file = join(windows, "System32", "winevt", "Logs", "System.evtx");
  const instead = existsSync(file) ? file : diary;
  log.warn("the System log could not be asked how the boots before this one ended", { because, instead });
  return instead;
}
