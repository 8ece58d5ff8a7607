/**
 * Boots, their ends and their evidence as people read them: the same sentences in the API, the console and the CLI.
 *
 * Only what a device or a log has said is said here, and who said it. Sentences hold no times: whoever shows them knows
 * in which zone.
 */
import type { BootEnding, BootView } from "./api-device.ts";
import type { BootEnd, BootEvidence, BootReport, Bugcheck, CrashDump } from "./boot.ts";
import { bugcheckName } from "./bugcheck-names.ts";
import { assertNever } from "./exhaustive.ts";

/** "0x50 PAGE_FAULT_IN_NONPAGED_AREA"; the code alone if nobody knows a name for it. */
export function bugcheckWords({ code }: Bugcheck): string {
  const name = bugcheckName(code);
  return name === undefined ? `0x${code}` : `0x${code} ${name}`;
}

/** "(0xffff8000, 0x0)", or nothing if there are none. */
export const parameterWords = ({ parameters }: Bugcheck): string =>
  parameters.length === 0 ? "" : `(${parameters.map((parameter) => `0x${parameter}`).join(", ")})`;

/** What the boot did: "ended in a bugcheck 0x50 ...", "lost power". */
export function endWords(end: BootEnd): string {
  switch (end.kind) {
    case "clean":
      return "was shut down cleanly";
    case "planned-restart":
      return "was restarted as planned";
    case "power-loss":
      return "lost power or was held off";
    case "bugcheck":
      return `ended in a bugcheck ${bugcheckWords(end.bugcheck)}`;
    case "unknown":
      return "ended in a way that is not known";
    default:
      return assertNever(end);
  }
}

/** A whole sentence, with who says so. */
export function endingWords(boot: BootView): string {
  const { ending } = boot;
  if (ending === null) return "It is running, or nobody has said yet how it ended.";
  switch (ending.by) {
    case "event-log":
      return `It ${endWords(ending.end)}, says the event log that boot ${ending.toldBy} sent.`;
    case "next-boot":
      return `It ${endWords(ending.end)}, says the boot after it, ${ending.toldBy}.`;
    case "leaving":
      return `It announced a ${ending.reason}, and has not been heard since.`;
    default:
      return assertNever(ending);
  }
}

export const bootKindWords: Readonly<Record<BootReport["kind"], string>> = {
  cold: "cold start",
  hybrid: "hybrid start (Fast Startup)",
  "hibernate-resume": "resumed from hibernation",
  unknown: "kind of start not known",
};

export const bootModeWords: Readonly<Record<BootReport["mode"], string>> = {
  normal: "normal mode",
  "safe-minimal": "safe mode",
  "safe-network": "safe mode with network",
  recovery: "recovery environment",
};

export const NO_EVIDENCE_WORDS =
  "No evidence was sent with this boot: its agent is older, or there was no room for it.";
export const EMPTY_EVIDENCE_WORDS =
  "The agent found nothing, or could not read it: no boot that ended since, no crash dump, no word of Startup Repair.";

export const isEmpty = ({ earlierBoots, crashDumps, startupRepair }: BootEvidence): boolean =>
  earlierBoots.length === 0 && crashDumps.length === 0 && startupRepair === null;

/** "It points at csagent.sys: the fault lies inside it." */
export const suspectWords = ({ suspect }: CrashDump): string =>
  suspect === null ? "It points at no driver." : `It points at ${suspect.driver}: ${sentence(suspect.because)}`;

/** What Startup Repair said, its own words quoted in the machine's language. */
export function repairWords({
  sessions,
  repairAttempts,
  rootCauses,
}: NonNullable<BootEvidence["startupRepair"]>): string {
  const ran = sessions === 1 ? "Startup Repair ran once" : `Startup Repair ran ${sessions} times`;
  const tried = repairAttempts === null ? "" : `, with ${counted(repairAttempts, "repair attempt")}`;
  const found =
    rootCauses.length === 0 ? "It named no cause." : `It says: ${rootCauses.map((cause) => `“${cause}”`).join("; ")}.`;
  return `${ran}${tried}. ${found}`;
}

/**
 * How the newest boots ended, if that is bad: "3 boots in a row ended in a bugcheck 0x50; a crash dump points at
 * csagent.sys". Null if the newest that has ended did so well, or nothing is known.
 * @param boots newest first
 */
export function runWords(boots: readonly BootView[]): string | null {
  const endings = boots.slice(boots[0]?.ending === null ? 1 : 0).map(({ ending }) => ending);
  const last = endOf(endings[0] ?? null);
  if (last === null || !isBad(last)) return null;
  const other = endings.findIndex((ending) => !isSame(endOf(ending), last));
  const run = endings.slice(0, other < 0 ? undefined : other);
  const what = run.length === 1 ? `The last boot ${endWords(last)}` : `${run.length} boots in a row ${manyWords(last)}`;
  const drivers = new Set(run.flatMap((ending) => dumpsOf(ending).flatMap(({ suspect }) => suspect?.driver ?? [])));
  if (drivers.size === 0) return `${what}.`;
  return `${what}; ${drivers.size === 1 ? "the crash dumps point" : "crash dumps point"} at ${[...drivers].join(" and ")}.`;
}

const manyWords = (end: BootEnd): string => (end.kind === "power-loss" ? "lost power or were held off" : endWords(end));

const endOf = (ending: BootEnding | null): BootEnd | null =>
  ending === null || ending.by === "leaving" ? null : ending.end;
const dumpsOf = (ending: BootEnding | null): readonly CrashDump[] =>
  ending === null || ending.by === "leaving" ? [] : ending.crashDumps;
const isBad = ({ kind }: BootEnd): boolean => kind === "bugcheck" || kind === "power-loss" || kind === "unknown";

function isSame(end: BootEnd | null, other: BootEnd): boolean {
  if (end?.kind === "bugcheck" && other.kind === "bugcheck") return end.bugcheck.code === other.bugcheck.code;
  return end?.kind === other.kind;
}

const counted = (count: number, one: string): string => `${count} ${one}${count === 1 ? "" : "s"}`;
const sentence = (words: string): string => (/[.!?]$/.test(words) ? words : `${words}.`);
