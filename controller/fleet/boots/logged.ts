/**
 * Lays what event logs say into the row of boots that agents told of. Pure.
 *
 * An entry of a log is a boot that was told, or one in which the agent never ran; the log's order says where that one
 * stands. Clocks are compared only with clocks of the same device, to recognise a boot, never to sort.
 */
import type { BootId, LoggedBoot } from "../../../protocol/boot.ts";
import type { Instant } from "../../../protocol/time.ts";
import type { Telling, ToldBoot } from "./told.ts";

/** Who said how a boot ended. */
export interface LogEnding {
  readonly entry: LoggedBoot;
  readonly toldBy: BootId;
  readonly telling: Telling;
}
/** A boot in which the agent never ran. */
interface SilentBoot extends LogEnding {
  readonly kind: "silent";
  readonly key: string;
}
export type Boot = ToldBoot | SilentBoot;

export interface Row {
  /** Oldest first. */
  readonly boots: readonly Boot[];
  /** How a told boot ended, by the log that names it. */
  readonly endings: ReadonlyMap<ToldBoot, LogEnding>;
}

/** The kernel's start and the boot time that the agent reads differ by seconds; two boots are further apart. */
const SAME_BOOT_MS = 120_000;
/** A list as long as this may have lost its oldest entries. */
const ENTRIES_MAX = 20;

export function layOut(told: readonly ToldBoot[]): Row {
  const boots: Boot[] = [...told];
  const endings = new Map<ToldBoot, LogEnding>();
  for (const [i, boot] of told.entries()) {
    for (const telling of boot.tellings) place(boots, endings, boot, told[i - 1], telling);
  }
  return { boots, endings };
}

function place(
  boots: Boot[],
  endings: Map<ToldBoot, LogEnding>,
  teller: ToldBoot,
  before: ToldBoot | undefined,
  telling: Telling,
): void {
  const entries = telling.boot.evidence?.earlierBoots ?? [];
  let end = boots.indexOf(teller);
  for (const [i, entry] of [...entries.entries()].toReversed()) {
    const ending: LogEnding = { entry, toldBy: teller.id, telling };
    const isOldest = i === 0 && entries.length < ENTRIES_MAX;
    const found = recognise(boots, end, entry) ?? (isOldest ? theOneBefore(boots, end, before, telling) : undefined);
    if (found === undefined) boots.splice(end, 0, { kind: "silent", key: keyOf(entry), ...ending });
    else {
      end = boots.indexOf(found);
      if (found.kind === "told" && !endings.has(found)) endings.set(found, ending);
    }
  }
}

/** The boot that the entry means, among those before `end`. */
function recognise(boots: readonly Boot[], end: number, entry: LoggedBoot): Boot | undefined {
  const key = keyOf(entry);
  let nearest: ToldBoot | undefined;
  let nearestMs = SAME_BOOT_MS;
  for (const boot of boots.slice(0, end)) {
    if (boot.kind === "silent") {
      if (boot.key === key) return boot;
      continue;
    }
    for (const { boot: report } of boot.tellings) {
      const apartMs = entry.startedAt === null ? Infinity : Math.abs(report.bootedAt - entry.startedAt);
      if (apartMs <= nearestMs) [nearest, nearestMs] = [boot, apartMs];
    }
  }
  return nearest;
}

/**
 * A list begins with the boot that was told last: it has ended since. Its clock may have been set in between, so it is
 * known by its place too, but only where the same life of the agent counted both.
 */
function theOneBefore(
  boots: readonly Boot[],
  end: number,
  before: ToldBoot | undefined,
  telling: Telling,
): ToldBoot | undefined {
  if (before === undefined || boots.indexOf(before) >= end) return undefined;
  return before.tellings.some(({ epoch }) => epoch === telling.epoch) ? before : undefined;
}

/** No boot id holds a tilde, so it never names a told boot. The same entry in another report is the same boot. */
const keyOf = ({ startedAt, endedAt }: LoggedBoot): string => `~${named(startedAt)}-${named(endedAt)}`;
const named = (instant: Instant | null): string => (instant === null ? "x" : String(instant));
