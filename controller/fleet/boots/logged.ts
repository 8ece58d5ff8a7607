/**
 * Lays what event logs say into the row of boots that agents told of. Pure.
 *
 * An entry of a log is a boot that was told, or one that only the log knows; the log's order says where that one stands.
 * Clocks are compared only with clocks of the same device, to recognise a boot, never to sort.
 */
import { type BootEnd, type BootId, EVIDENCE_MAX, type LoggedBoot } from "../../../protocol/boot.ts";
import type { Instant } from "../../../protocol/time.ts";
import type { Telling, ToldBoot } from "./told.ts";

/** How a boot ended, as a later report has it. */
export interface LogEnding {
  readonly entry: LoggedBoot;
  readonly end: BootEnd;
  /** Not the log's word, but what the boot after it says: it has looked at crash dumps as well. */
  readonly byDump: boolean;
  readonly toldBy: BootId;
  readonly telling: Telling;
}
/** A boot that only a log knows. */
interface SilentBoot extends LogEnding {
  readonly kind: "silent";
  readonly key: string;
  /** The agent did not run in it. False where it may be a told boot under another clock. */
  readonly isSure: boolean;
}
export type Boot = ToldBoot | SilentBoot;

export interface Row {
  /** Oldest first. */
  readonly boots: readonly Boot[];
  /** How a told boot ended, by the log that names it. */
  readonly endings: ReadonlyMap<ToldBoot, LogEnding>;
}

/** The kernel's idea of its start and the log's differ by seconds; agents look for a boot within the same time. */
const SAME_BOOT_MS = 300_000;
/** Lists of these lengths may have lost their oldest entries: there is room for so many, and for so few in a full frame. */
const MAYBE_CUT: readonly number[] = [EVIDENCE_MAX.earlierBoots, 5];

export function layOut(told: readonly ToldBoot[]): Row {
  const boots: Boot[] = [...told];
  const endings = new Map<ToldBoot, LogEnding>();
  for (const [i, boot] of told.entries()) {
    for (const telling of boot.tellings) place(boots, endings, { teller: boot, before: told[i - 1], telling });
  }
  return { boots, endings };
}

interface Story {
  readonly teller: ToldBoot;
  /** The boot that was told before. */
  readonly before: ToldBoot | undefined;
  readonly telling: Telling;
}

function place(boots: Boot[], endings: Map<ToldBoot, LogEnding>, story: Story): void {
  const { teller, before, telling } = story;
  const entries = telling.boot.evidence?.earlierBoots ?? [];
  const known = boots.slice(0, boots.indexOf(teller));
  const meant = entries.map((entry) => recognise(known, entry, entries));
  if (meant[0] === undefined && isTheOneBefore(entries, story) && !meant.includes(before)) meant[0] = before;
  const isSure = before === undefined || meant.includes(before) || isOlder(before, entries);
  let end = known.length;
  for (const [i, entry] of [...entries.entries()].toReversed()) {
    const boot = meant[i];
    const ending: LogEnding = { entry, ...endOf(entry, i === entries.length - 1, telling), toldBy: teller.id, telling };
    if (boot === undefined) boots.splice(end, 0, { kind: "silent", key: keyOf(entry), isSure, ...ending });
    else {
      end = Math.min(end, boots.indexOf(boot));
      if (boot.kind === "told" && !endings.has(boot)) endings.set(boot, ending);
    }
  }
}

/** The newest entry is the boot before this one, and of that one the report says more where the log knows little. */
function endOf({ ended }: LoggedBoot, isNewest: boolean, { boot: { previousEnd } }: Telling) {
  const knowsLittle = ended.kind === "unknown" || ended.kind === "power-loss";
  const byDump = isNewest && knowsLittle && previousEnd.kind === "bugcheck";
  return { end: byDump ? previousEnd : ended, byDump };
}

/** The boot that the entry means: the same entry told before, or the told boot of which no other entry is nearer. */
function recognise(known: readonly Boot[], entry: LoggedBoot, entries: readonly LoggedBoot[]): Boot | undefined {
  const key = keyOf(entry);
  const same = known.find((boot) => boot.kind === "silent" && boot.key === key);
  if (same !== undefined || entry.startedAt === null) return same;
  let nearest: ToldBoot | undefined;
  let nearestMs = SAME_BOOT_MS;
  for (const boot of known) {
    if (boot.kind === "silent") continue;
    const apart = apartMs(boot, entry);
    const isBeaten = entries.some((other) => other !== entry && apartMs(boot, other) < apart);
    if (apart < nearestMs && !isBeaten) [nearest, nearestMs] = [boot, apart];
  }
  return nearest;
}

const apartMs = ({ tellings }: ToldBoot, { startedAt }: LoggedBoot): number =>
  startedAt === null ? Infinity : Math.min(...tellings.map(({ boot }) => Math.abs(boot.bootedAt - startedAt)));

/**
 * The oldest entry is the boot that was told before, though no clock says so: there is no other that it could be, or the
 * log begins in the middle of it. Only where the same life of the agent counted both.
 */
function isTheOneBefore(entries: readonly LoggedBoot[], { before, telling }: Story): boolean {
  const [oldest] = entries;
  if (oldest === undefined || before === undefined) return false;
  if (!before.tellings.some(({ epoch }) => epoch === telling.epoch)) return false;
  const bootedAt = before.tellings[0]?.boot.bootedAt ?? 0;
  const beginsInIt = oldest.startedAt === null && oldest.endedAt !== null && oldest.endedAt >= bootedAt;
  return entries.length === 1 || beginsInIt;
}

/** It stands before the list, which has lost its oldest entries. */
function isOlder({ tellings }: ToldBoot, entries: readonly LoggedBoot[]): boolean {
  const startedAt = entries[0]?.startedAt ?? null;
  return (
    MAYBE_CUT.includes(entries.length) && startedAt !== null && tellings.every(({ boot }) => boot.bootedAt < startedAt)
  );
}

/** No boot id holds a tilde, so it never names a told boot. The same entry in another report is the same boot. */
const keyOf = ({ startedAt, endedAt }: LoggedBoot): string => `~${named(startedAt)}-${named(endedAt)}`;
const named = (instant: Instant | null): string => (instant === null ? "x" : String(instant));
