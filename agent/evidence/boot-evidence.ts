/**
 * Brings together what a machine holds as evidence of the boots before this one: event log, crash dumps, Startup Repair.
 *
 * Pure. Times are the machine's own clock, which may have been set in between: the boot that was reported last is found by
 * the nearest start, and where none is near, everything is told rather than nothing.
 */
import {
  type BootEnd,
  type BootEvidence,
  type BootKind,
  type CrashDump,
  EVIDENCE_MAX,
  type LoggedBoot,
  type StartupRepair,
} from "../../protocol/boot.ts";
import type { Instant } from "../../protocol/time.ts";

export interface EvidenceFound {
  /** From the System log, oldest first; the running boot may be the last of them. */
  readonly boots: readonly LoggedBoot[];
  readonly crashDumps: readonly CrashDump[];
  readonly startupRepair: { readonly writtenAt: Instant; readonly says: StartupRepair } | null;
}

/** What is told of the time before this boot. */
export interface BootPast {
  /** What the log says of this boot's kind, where it says it: the kernel, asked at once, may not know. */
  readonly kind?: Exclude<BootKind, "unknown">;
  readonly previousEnd: BootEnd;
  readonly evidence: BootEvidence;
}

/** The kernel's idea of when it booted and the log's differ by seconds; boots in a loop are about a minute apart. */
const SAME_BOOT_MS = 5 * 60_000;

/**
 * @param bootedAt when this boot began
 * @param since when the boot began that was reported last; null if none was
 */
export function bootPast(found: EvidenceFound, bootedAt: Instant, since: Instant | null): BootPast {
  const newest = found.boots.at(-1);
  const running = isRunning(newest, bootedAt) ? newest : undefined;
  const ended = found.boots.slice(0, running === undefined ? undefined : -1);
  const from = since === null ? 0 : Math.max(0, nearest(ended, since));
  const earlierBoots = ended.slice(from).slice(-EVIDENCE_MAX.earlierBoots);
  const begin = earlierBoots[0]?.startedAt ?? since;
  const isNew = (at: Instant | null): boolean => begin === null || at === null || at >= begin;
  const crashDumps = found.crashDumps
    .filter(({ crashedAt }) => isNew(crashedAt))
    .toSorted((a, b) => (a.crashedAt ?? 0) - (b.crashedAt ?? 0))
    .slice(-EVIDENCE_MAX.crashDumps);
  const told = earlierBoots.map((boot, i) => withDump(boot, earlierBoots[i + 1]?.startedAt ?? bootedAt, crashDumps));
  const repair = found.startupRepair;
  return {
    ...(running === undefined || running.kind === "unknown" ? {} : { kind: running.kind }),
    previousEnd: told.at(-1)?.ended ?? dumpedIn(since, bootedAt, crashDumps)?.end ?? { kind: "unknown" },
    evidence: {
      earlierBoots: told,
      crashDumps,
      startupRepair: repair !== null && isNew(repair.writtenAt) ? repair.says : null,
    },
  };
}

/** A dump that was written in a boot proves how and when it ended, where the log does not know it. */
function withDump(boot: LoggedBoot, until: Instant, dumps: readonly CrashDump[]): LoggedBoot {
  const { kind } = boot.ended;
  if (kind === "clean" || kind === "planned-restart") return boot;
  const dumped = dumpedIn(boot.startedAt, until, dumps);
  if (dumped === undefined) return boot;
  return { ...boot, endedAt: boot.endedAt ?? dumped.at, ended: kind === "bugcheck" ? boot.ended : dumped.end };
}

function dumpedIn(
  from: Instant | null,
  until: Instant,
  dumps: readonly CrashDump[],
): { readonly at: Instant; readonly end: BootEnd } | undefined {
  for (const { crashedAt, bugcheck } of dumps.toReversed()) {
    if (from === null || crashedAt === null || crashedAt < from || crashedAt > until) continue;
    return { at: crashedAt, end: { kind: "bugcheck", bugcheck } };
  }
  return undefined;
}

/** One that has ended is another, however near: in a loop, or with a clock that begins anew at each start, many are. */
const isRunning = (last: LoggedBoot | undefined, bootedAt: Instant): boolean =>
  last !== undefined && last.ended.kind === "unknown" && last.endedAt === null && nearest([last], bootedAt) === 0;

/** The boot that began nearest to this time; -1 if none began near it. */
function nearest(boots: readonly LoggedBoot[], at: Instant): number {
  let best = -1;
  let distance = SAME_BOOT_MS;
  for (const [i, { startedAt }] of boots.entries()) {
    if (startedAt === null || Math.abs(startedAt - at) >= distance) continue;
    distance = Math.abs(startedAt - at);
    best = i;
  }
  return best;
}
