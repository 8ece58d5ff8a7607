/**
 * What Startup Repair left behind of its work (C:\Windows\System32\LogFiles\Srt\SrtTrail.txt).
 *
 * The trail is in the language of the machine, so no word of it is looked at: parts are told by rules of dashes, by what
 * is a pair, and by the order of fields. Words are kept as they are written. That Windows found "the OS booted
 * successfully" is a root cause like others.
 */
import { StartupRepair } from "../../protocol/boot.ts";
import { sayable } from "../core/sayable.ts";
import type { ByteSource } from "./byte-source.ts";
import { type NotOne, notOne } from "./not-one.ts";
import { isRule, partsOf, type RepairAction } from "./startup-repair-parts.ts";
import { textOf } from "./text-file.ts";

export interface RepairTrail {
  readonly kind: "startup-repair";
  readonly repairAttempts: number | null;
  /** As written, in the machine's own way of writing dates. */
  readonly lastSuccessfulBoot: string | null;
  readonly sessions: number;
  /** One a session; empty where none was found. */
  readonly windowsDirectories: readonly string[];
  readonly systemDisks: readonly string[];
  readonly tests: number;
  readonly rootCauses: readonly string[];
  readonly repairActions: readonly RepairAction[];
  readonly notes: readonly string[];
}

/** A session takes some 5 KB, and Windows writes few. */
const READ_BYTES_MAX = 1024 * 1024;
const HEAD_BYTES = 4_096;
/** The rules in every trail known so far. */
const RULE_CHARS = 27;

export function readStartupRepair(source: ByteSource): RepairTrail | NotOne {
  const none = notOne("is no trail of Startup Repair");
  const [title, rule] = textOf(source, HEAD_BYTES)
    .trimStart()
    .split(/\r\n|\r|\n/, 2);
  if (title === undefined || rule === undefined || !isRule(rule)) return none;
  const parts = partsOf(textOf(source, READ_BYTES_MAX));
  const heads = parts.filter((part) => part.kind === "head");
  const sessions = parts.filter((part) => part.kind === "session");
  const attempts = heads.find(({ repairAttempts }) => repairAttempts !== null)?.repairAttempts ?? null;
  if (attempts === null || (sessions.length === 0 && rule.trim().length !== RULE_CHARS)) return none;
  const causes = parts.filter((part) => part.kind === "causes");
  return {
    kind: "startup-repair",
    repairAttempts: attempts,
    lastSuccessfulBoot: heads.find(({ lastBoot }) => lastBoot !== null)?.lastBoot ?? null,
    sessions: sessions.length,
    windowsDirectories: sessions.map(({ windowsDirectory }) => windowsDirectory),
    systemDisks: sessions.map(({ systemDisk }) => systemDisk),
    tests: parts.filter((part) => part.kind === "test").length,
    rootCauses: causes.flatMap((part) => part.rootCauses),
    repairActions: causes.flatMap((part) => part.repairActions),
    notes: source.size > READ_BYTES_MAX ? [`only the first ${READ_BYTES_MAX} of ${source.size} bytes were read`] : [],
  };
}

/** As a boot report carries it: the newest causes, if there are many. */
export function startupRepairReport({ sessions, repairAttempts, rootCauses }: RepairTrail): StartupRepair {
  return StartupRepair.parse({
    sessions,
    repairAttempts,
    rootCauses: rootCauses.slice(-10).map((cause) => sayable(cause, 500)),
  } satisfies StartupRepair);
}
