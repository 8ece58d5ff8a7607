/**
 * Evidence in words, for a person on a bad day: what happened first, then what it rests on.
 *
 * Whatever stands in a file may come from an attacker, so no character that steers a terminal gets through.
 */
import { type Bugcheck, BootEnd, type LoggedBoot } from "../../protocol/boot.ts";
import { bugcheckName } from "../../protocol/bugcheck-names.ts";
import type { CrashDumpFile } from "./crash-dump.ts";
import type { EventLog } from "./event-log.ts";
import type { Evidence } from "./inspect.ts";
import type { RepairTrail } from "./startup-repair.ts";

const LAST_BOOTS = 20;
const LAST_DRIVERS = 5;
/** A hostile file must not flood a person's screen. */
const LISTED = 20;
const LINE_CHARS_MAX = 500;
const LABEL = 14;
/** 2026-07-19 04:12:33 */
const TIME = 19;
const MACHINES: Readonly<Record<string, string>> = { "8664": "x64", aa64: "ARM64" };

/** Ends with a newline. */
export function tellEvidence(file: string, evidence: Evidence): string {
  const lines = linesOf(evidence);
  return `${[plain(`${file}: ${lines.title}`), ...lines.rest.map((line) => plain(`  ${line}`))].join("\n")}\n`;
}

interface Told {
  readonly title: string;
  readonly rest: readonly string[];
}

function linesOf(evidence: Evidence): Told {
  switch (evidence.kind) {
    case "event-log":
      return tellEventLog(evidence);
    case "crash-dump":
      return tellCrashDump(evidence);
    case "startup-repair":
      return tellStartupRepair(evidence);
  }
}

function tellCrashDump({
  bugcheck,
  crashedAt,
  uptimeSeconds,
  build,
  machine,
  drivers,
  suspect,
  notes,
}: CrashDumpFile): Told {
  const path = drivers.find(({ name }) => name === suspect?.driver)?.path ?? null;
  return {
    title: `crash dump, Windows build ${build} on ${MACHINES[machine] ?? `processor type ${machine}`}`,
    rest: [
      field("Bugcheck", nameOf(bugcheck.code)),
      field("Parameters", bugcheck.parameters.join(", ")),
      field("Crashed", crashedAt === null ? "the dump does not say when" : `${time(crashedAt)} UTC`),
      ...(uptimeSeconds === null ? [] : [field("Had been up", durationOf(uptimeSeconds))]),
      field("Suspect", suspect === null ? "none: nothing in the dump points at a driver" : suspect.driver),
      ...(suspect === null ? [] : [field("", suspect.because)]),
      ...(path === null ? [] : [field("", path)]),
      ...(drivers.length === 0 ? [] : [field("Drivers", driverWords(drivers))]),
      ...notes.map((note) => field("Note", note)),
    ],
  };
}

function driverWords(drivers: CrashDumpFile["drivers"]): string {
  const last = drivers.slice(-LAST_DRIVERS).map(({ name }) => name);
  return `${amount(drivers.length, "was loaded", "were loaded")}, at last ${last.join(", ")}`;
}

function tellStartupRepair(trail: RepairTrail): Told {
  const { repairAttempts, lastSuccessfulBoot, sessions, tests, rootCauses, repairActions, notes } = trail;
  const where = trail.windowsDirectories.map((folder, i) => {
    return `${folder || "no Windows folder was found"}, ${trail.systemDisks[i] || "no disk was found"}`;
  });
  const tried = repairActions.map(({ action, result, code }) => `${action}: ${result} (${code})`);
  return {
    title: "trail of Windows' Startup Repair (in the words of the machine's language)",
    rest: [
      ...listed("Found", rootCauses, "no cause"),
      ...listed("Tried", tried, "no repair"),
      field("Attempts", repairAttempts === null ? "not said" : String(repairAttempts)),
      field("Last good boot", lastSuccessfulBoot ?? "not said"),
      ...listed("Windows", where, "not said"),
      field("Trail", `${amount(sessions, "session", "sessions")}, ${amount(tests, "test", "tests")}`),
      ...notes.map((note) => field("Note", note)),
    ],
  };
}

function tellEventLog({ channel, records, recovered, lost, lostBecause, boots }: EventLog): Told {
  const last = boots.slice(-LAST_BOOTS);
  const more = boots.length - last.length;
  const salvaged = recovered === 0 ? "" : `; ${number(recovered)} more salvaged from space that was given up`;
  return {
    title: `event log${channel === null ? "" : `, channel ${channel}`}`,
    rest: [
      field("Boots", boots.length === 0 ? "none: this log tells of no start of Windows" : endsOf(boots)),
      ...(last.length === 0
        ? []
        : [field("", "from, to (UTC, by the machine's own clock), kind of start, how it ended")]),
      ...(more === 0 ? [] : [field("", `${number(more)} earlier, not shown (--json shows all)`)]),
      ...last.flatMap(bootLines),
      field("Records", `${number(records)} read${salvaged}`),
      field("Lost", lost === 0 && lostBecause.length === 0 ? "nothing" : `${number(lost)} records`),
      ...(lostBecause.length === 0 ? [] : listed("", lostBecause, "")),
    ],
  };
}

/** "45: 40 clean, 3 bugcheck, 2 power loss" */
function endsOf(boots: readonly LoggedBoot[]): string {
  const kinds = BootEnd.options.map((option) => option.shape.kind.value);
  const counted = kinds.flatMap((kind) => {
    const count = boots.filter(({ ended }) => ended.kind === kind).length;
    return count === 0 ? [] : [amount(count, ...END_WORDS[kind])];
  });
  return `${number(boots.length)}: ${counted.join(", ")}`;
}

/** One, and many. */
const END_WORDS: Readonly<Record<BootEnd["kind"], readonly [string, string]>> = {
  clean: ["clean", "clean"],
  "planned-restart": ["planned restart", "planned restarts"],
  "power-loss": ["power loss or hang", "power losses or hangs"],
  bugcheck: ["BUGCHECK", "BUGCHECKS"],
  unknown: ["unknown", "unknown"],
};

function bootLines({ startedAt, endedAt, kind, ended }: LoggedBoot, i: number, boots: readonly LoggedBoot[]): string[] {
  const from = startedAt === null ? "before this log".padEnd(TIME) : time(startedAt);
  const to = endedAt === null ? "?".padEnd(TIME) : time(endedAt);
  const line = `${from}  to  ${to}  ${(kind === "unknown" ? "" : kind).padEnd(16)}  `;
  if (ended.kind === "bugcheck")
    return [
      `${line}${END_WORDS.bugcheck[0]} ${nameOf(ended.bugcheck.code)}`,
      " ".repeat(line.length) + parametersOf(ended.bugcheck),
    ];
  const isOpen = ended.kind === "unknown" && endedAt === null && i === boots.length - 1;
  const wentBack = startedAt !== null && endedAt !== null && endedAt < startedAt;
  const end = isOpen ? "not known: the log ends in it" : END_WORDS[ended.kind][0];
  return [`${line}${end}${wentBack ? " (the clock was set back)" : ""}`];
}

const parametersOf = ({ parameters }: Bugcheck): string =>
  parameters.length === 0 ? "no parameters" : parameters.join(", ");
const nameOf = (code: string): string => [code, bugcheckName(code) ?? []].flat().join(" ");
const field = (label: string, value: string): string => `${label.padEnd(LABEL)}  ${value}`;
const number = (value: number): string => new Intl.NumberFormat("en").format(value);
const amount = (count: number, one: string, many: string): string => `${number(count)} ${count === 1 ? one : many}`;
const time = (ms: number): string => new Date(ms).toISOString().slice(0, TIME).replace("T", " ");

/** Each thing once, with how often it was there. */
function listed(label: string, values: readonly string[], none: string): string[] {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  const lines = [...counts].map(([value, count]) => (count === 1 ? value : `${value} (${count} times)`));
  const more = lines.length - LISTED;
  const shown = [...lines.slice(0, LISTED), ...(more > 0 ? [`${number(more)} more (--json shows all)`] : [])];
  return (shown.length === 0 ? [none] : shown).map((line, i) => field(i === 0 ? label : "", line));
}

function durationOf(seconds: number): string {
  if (seconds < 120) return `${seconds.toFixed(1)} seconds`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 120) return `${minutes} minutes`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} hours` : `${Math.floor(hours / 24)} days`;
}

/** Cut to a length that can be read; without characters that steer a terminal or turn the direction of writing. */
const plain = (line: string): string => line.slice(0, LINE_CHARS_MAX).replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, "");
