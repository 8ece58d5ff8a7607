/**
 * How and when a boot ended, weighed from what it wrote itself and from what the boot after it found.
 *
 * Pure. The stronger evidence wins: a bugcheck that is known, then the kernel's word that there was no orderly end, then
 * the log's, then what the boot said of its own end.
 */
import type { BootEnd } from "../../protocol/boot.ts";
import type { Instant } from "../../protocol/time.ts";
import type { BootNotes } from "./boot-notes.ts";
import { isResume } from "./boot-notes.ts";

export interface Ending {
  readonly ended: BootEnd;
  readonly endedAt: Instant | null;
}

/** @param next the boot after it; undefined while there is none: it may still run */
export function endOf(boot: BootNotes, next: BootNotes | undefined): Ending {
  if (next === undefined) return ownEnd(boot);
  const bugcheck = next.dirty?.bugcheck ?? next.reported?.bugcheck;
  // A bugcheck is known from what the kernel kept of it, so it happened, also if the boot had begun to stop in good order.
  if (bugcheck !== undefined && bugcheck !== null)
    return { ended: { kind: "bugcheck", bugcheck }, endedAt: next.lastAlive };
  // Over a 6006: the services had stopped, then the machine hung, and power was cut. When is not known then.
  if (next.dirty !== undefined)
    return { ended: { kind: next.dirty.bugcheck === null ? "power-loss" : "unknown" }, endedAt: next.lastAlive };
  if (next.foundUnexpected) return { ended: { kind: "unknown" }, endedAt: next.lastAlive };
  // A machine resumes only from what it wrote in good order as it went down, and never after a restart.
  if (isResume(next.type)) return { ended: { kind: "clean" }, endedAt: boot.sleep?.at ?? boot.asked?.at ?? null };
  const own = ownEnd(boot, boot.asked !== undefined);
  if (own.ended.kind !== "unknown") return own;
  return { ended: { kind: next.lastShutdownGood === true ? "clean" : "unknown" }, endedAt: null };
}

/** @param isOver known from elsewhere; a request alone says only that it was going to be */
function ownEnd(boot: BootNotes, isOver = false): Ending {
  const { action, kernelStop, logStop, asked } = boot;
  const isStopped = kernelStop !== undefined || logStop !== undefined || action !== undefined;
  if (!isStopped && !isOver) return { ended: { kind: "unknown" }, endedAt: null };
  return {
    ended: { kind: isRestart(boot) ? "planned-restart" : "clean" },
    endedAt: kernelStop?.stoppedAt ?? logStop?.at ?? action?.at ?? asked?.at ?? null,
  };
}

/**
 * Kernel-Power 109 says it in a number, but gets into the log with the next boot only. Where it is missing, what was
 * asked for is taken for a restart, which is what programs ask for, unless its words are known to say otherwise; and an
 * end unasked for is a shutdown.
 */
function isRestart({ action, asked }: BootNotes): boolean {
  return action === undefined ? asked !== undefined && asked.action !== "off" : action.action === "restart";
}
