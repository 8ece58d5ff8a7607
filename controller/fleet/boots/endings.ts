/**
 * How each boot ended, and who says so. Pure.
 *
 * What nobody has said is null. A report that came after the boot counts for more than what the boot had announced.
 */
import type { BootEnd, Bugcheck, CrashDump } from "../../../protocol/boot.ts";
import type { BootEnding } from "../../../protocol/api-device.ts";
import type { Boot, LogEnding, Row } from "./logged.ts";
import type { Telling } from "./told.ts";

/** @returns one a boot, in the order of the row */
export function endingsOf({ boots, endings }: Row): readonly (BootEnding | null)[] {
  const found = boots.map((boot, i): BootEnding | null => {
    if (boot.kind === "silent") return byLog(boot);
    const logged = endings.get(boot);
    if (logged !== undefined) return byLog(logged);
    return byNextBoot(boots[i + 1]) ?? byLeaving(boot);
  });
  giveDumps(boots, found);
  return found;
}

const byLog = ({ entry, end, byDump, toldBy, telling }: LogEnding): BootEnding => ({
  by: byDump ? "next-boot" : "event-log",
  end,
  endedAt: entry.endedAt,
  toldBy,
  receivedAt: telling.receivedAt,
  crashDumps: [],
});

/** A boot whose log has entries means the newest of them by `previousEnd`; if that is not the boot before it here, it does not mean this one. */
function byNextBoot(next: Boot | undefined): BootEnding | null {
  if (next?.kind !== "told") return null;
  const [first] = next.tellings;
  if (first === undefined || (first.boot.evidence?.earlierBoots.length ?? 0) > 0) return null;
  return {
    by: "next-boot",
    end: first.boot.previousEnd,
    endedAt: null,
    toldBy: next.id,
    receivedAt: first.receivedAt,
    crashDumps: [],
  };
}

function byLeaving(boot: Boot): BootEnding | null {
  if (boot.kind !== "told" || boot.leaving === null) return null;
  return { by: "leaving", reason: boot.leaving.value, receivedAt: boot.leaving.receivedAt };
}

/** Every dump goes to the one boot that it is of, if that can be told; the first report that brings it counts. */
function giveDumps(boots: readonly Boot[], endings: readonly (BootEnding | null)[]): void {
  const given = new Set<string>();
  for (const boot of boots) {
    if (boot.kind !== "told") continue;
    for (const telling of boot.tellings) {
      for (const dump of telling.boot.evidence?.crashDumps ?? []) {
        const name = `${dump.crashedAt ?? dump.file} ${dump.bugcheck.code}`;
        if (given.has(name)) continue;
        const owner = ownerOf(dump, telling, boots, endings);
        if (owner === undefined) continue;
        given.add(name);
        owner.crashDumps.push(dump);
      }
    }
  }
}

type ToldEnding = Exclude<BootEnding, { by: "leaving" }>;

/** The newest boot before the report that ended in this very bugcheck and had begun when the dump was written. */
function ownerOf(
  dump: CrashDump,
  { boot: teller }: Telling,
  boots: readonly Boot[],
  endings: readonly (BootEnding | null)[],
): ToldEnding | undefined {
  const end = boots.findIndex((boot) => boot.kind === "told" && boot.id === teller.bootId);
  for (let i = end - 1; i >= 0; i--) {
    const ending = endings[i] ?? null;
    const boot = boots[i];
    if (boot === undefined || ending === null || ending.by === "leaving" || !isOf(dump.bugcheck, ending.end)) continue;
    const startedAt = boot.kind === "silent" ? boot.entry.startedAt : (boot.tellings[0]?.boot.bootedAt ?? null);
    if (dump.crashedAt === null || startedAt === null || startedAt <= dump.crashedAt) return ending;
  }
  return undefined;
}

/** A log that lost the parameters still names the code. */
function isOf({ code, parameters }: Bugcheck, end: BootEnd): boolean {
  if (end.kind !== "bugcheck" || end.bugcheck.code !== code) return false;
  const logged = end.bugcheck.parameters;
  return logged.length === 0 || parameters.length === 0 || logged.join() === parameters.join();
}
