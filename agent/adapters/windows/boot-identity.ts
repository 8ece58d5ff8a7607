/**
 * Which boot this is, in which mode: chosen from what the kernel and the registry say. Pure.
 *
 * A boot's identity is when the kernel began and its count of starts. The kernel moves the first when the clock is set, so
 * what was read first in a boot is kept in a key of the registry that lives in memory alone: it outlives every process of
 * the agent and any change of the clock, and is gone with the kernel. Where that key cannot be, the identity is made from
 * the kernel's start less by how much the clock has been set since.
 */
import type { BootId, BootKind, BootMode, LoggedBoot } from "../../../protocol/boot.ts";
import type { z } from "zod";

/** The kernel went on after Fast Startup or hibernation, the last time then. */
export interface Resume {
  readonly kind: Extract<BootKind, "hybrid" | "hibernate-resume">;
  /** By the machine's clock. */
  readonly atMs: number;
  /** How long the kernel had been up then. */
  readonly uptimeMs: number;
}

export const resumeText = ({ kind, atMs, uptimeMs }: Resume): string => `${kind} ${atMs} ${uptimeMs}`;

/** Undefined: it says nothing of the kind. */
export function readResume(text: string | undefined): Resume | undefined {
  const match = /^(hybrid|hibernate-resume) (\d{1,15}) (\d{1,15})$/.exec(text ?? "");
  if (match === null) return undefined;
  const kind = match[1] === "hybrid" ? "hybrid" : "hibernate-resume";
  return { kind, atMs: Number(match[2]), uptimeMs: Number(match[3]) };
}

/** The longest that it takes to hear of a resume. With a clock that says more, the kernel's up-time now is taken. */
const HEARD_WITHIN_MS = 5 * 60_000;

/** How long the kernel had been up at `atMs`. */
export function uptimeAt(atMs: number, nowMs: number, uptimeMs: number): number {
  const sinceMs = nowMs - atMs;
  return Math.max(0, Math.round(sinceMs >= 0 && sinceMs <= HEARD_WITHIN_MS ? uptimeMs - sinceMs : uptimeMs));
}

/**
 * The last resume of the kernel that runs, by the boots that the System log tells of, the running one included. Sleep,
 * Modern Standby too, is none: the log has no boot for it.
 */
export function lastResume(boots: readonly LoggedBoot[]): Omit<Resume, "uptimeMs"> | undefined {
  const last = boots.at(-1);
  if (last === undefined || last.startedAt === null) return undefined;
  if (last.kind !== "hybrid" && last.kind !== "hibernate-resume") return undefined;
  return { kind: last.kind, atMs: last.startedAt };
}

/** @param count of this machine's starts; 0 if not known */
export const kernelIdentity = (bootedAtFirst: bigint, count: number): string =>
  `${bootedAtFirst.toString(16)}-${count}`;

/** What was kept in this boot, if it can be of it: a key that somehow outlived the kernel names another count. */
export function identityToUse(kept: string | undefined, read: string): string {
  if (kept === undefined || !/^[0-9a-f]{1,16}-\d{1,10}$/.test(kept)) return read;
  return countOf(kept) === countOf(read) ? kept : read;
}

const countOf = (identity: string): string | undefined => identity.split("-").at(-1);

/** A kernel that began anew is a cold boot; one that goes on after a resume is a boot of its own, of that kind. */
export function bootOf(
  identity: string,
  resume: Pick<Resume, "kind" | "atMs"> | undefined,
): { readonly bootId: BootId; readonly kind: BootKind } {
  if (resume === undefined) return { bootId: identity as BootId, kind: "cold" };
  return { bootId: `${identity}.${resume.atMs}` as BootId, kind: resume.kind };
}

/** SafeBoot\Option\OptionValue, which Windows writes for a start in safe mode: minimal, network, directory services repair. */
const OPTIONS: Readonly<Record<number, z.infer<typeof BootMode>>> = {
  1: "safe-minimal",
  2: "safe-network",
  3: "safe-minimal",
};

/**
 * @param option of the registry; undefined in a normal start
 * @param metric what GetSystemMetrics(SM_CLEANBOOT) says: 0 normal, 1 safe mode, 2 with networking
 * @param isRecovery whether this is the small Windows that repairs the one on the disk
 */
export function bootMode(option: number | undefined, metric: number, isRecovery: boolean): z.infer<typeof BootMode> {
  if (isRecovery) return "recovery";
  return OPTIONS[option ?? 0] ?? OPTIONS[metric] ?? "normal";
}
