/**
 * After the machine woke up: was that the end of a sleep, or of Fast Startup or hibernation, which is a boot of its own?
 *
 * Only the System log knows, and Windows writes it some seconds after it has told its services that it is awake. None of
 * this can be shown under Wine, which neither sleeps nor logs.
 */
import { setTimeout as wait } from "node:timers/promises";
import { findEvidence } from "../find-evidence.ts";
import { lastResume, type Resume } from "./boot-identity.ts";
import type { RunTool } from "./ports.ts";
import { readSystemLog } from "./read-system-log.ts";

/** Looked at again after so long. */
const LOOKS_MS = [2_000, 10_000, 30_000];

export interface ResumeParts {
  /** Where the diary of the System log is kept. */
  readonly diary: string;
  readonly runTool: RunTool;
  /** True if it was not known before. */
  readonly remember: (resume: Pick<Resume, "kind" | "atMs">) => boolean;
  readonly looksMs?: readonly number[];
}

/** True if this is another boot from now on, which the next process reports. @throws what the disk says */
export async function noticeResume({ diary, runTool, remember, looksMs = LOOKS_MS }: ResumeParts): Promise<boolean> {
  for (const lookMs of looksMs) {
    await wait(lookMs);
    const read = await readSystemLog(diary, runTool);
    if (read.kind === "not-known") continue;
    const { boots } = await findEvidence({ eventLog: diary, crashDumps: undefined, startupRepair: undefined });
    const resume = lastResume(boots);
    if (resume !== undefined && remember(resume)) return true;
  }
  return false;
}
