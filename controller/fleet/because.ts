/** Why a device is in its condition, in a sentence. Pure; says what is known, and that something is not where it isn't. */
import { endWords } from "../../protocol/boot-words.ts";
import type { BootEvidence, BootReport } from "../../protocol/boot.ts";
import { assertNever } from "../../protocol/exhaustive.ts";
import type { DeviceState, KnownState } from "../store/devices.ts";
import { conditionOf } from "./condition.ts";
import type { FleetDevice } from "./fleet.ts";

/** @param evidence what came with the report of its last boot, where somebody has looked it up: memory does not hold it */
export function becauseOf({ condition, state, known }: FleetDevice, evidence?: BootEvidence): string {
  switch (condition) {
    case "healthy":
      return "Its last boot is good: the declared services run, and it has been up long enough.";
    case "starting":
      return startingWords(state);
    case "boot-loop":
      return loopWords(state, evidence);
    case "silent":
      return `Gone without a goodbye, and not back within its window. ${beforeWords(state, evidence)}`;
    case "away":
      return GOODBYES[state?.leaving ?? "shutdown"];
    case "unknown":
      if (state === null) return "It is registered, but was never heard from.";
      if (!known) return `Not heard from since this controller started. ${beforeWords(state, evidence)}`;
      return "It was heard, but has never reported a boot.";
    default:
      return assertNever(condition);
  }
}

const GOODBYES: Readonly<Record<NonNullable<DeviceState["leaving"]>, string>> = {
  shutdown: "It said goodbye: it was shut down.",
  restart: "It said goodbye: it restarts, and is expected back.",
  sleep: "It said goodbye: it sleeps.",
  "service-stop": "It said goodbye: the agent's service was stopped. The machine itself may be running.",
};

function startingWords(state: KnownState | null): string {
  const boot = state?.boot ?? null;
  if (boot === null || boot.tries < 2) return "It has booted, and is not good yet: services or time are missing.";
  return `It is not good yet: this is boot ${boot.tries} since the last good one. The one before it ${endWords(boot.previousEnd)}.`;
}

function loopWords(state: KnownState | null, evidence: BootEvidence | undefined): string {
  const boot = state?.boot ?? null;
  if (boot === null) return "Two or more boots in a row ended badly.";
  return `In a boot loop: this is boot ${boot.tries} since the last good one. The one before it ${endWords(boot.previousEnd)}${suspectOf(boot, evidence)}.`;
}

/** The driver at which the newest dump of the last end points. */
function suspectOf({ previousEnd }: Pick<BootReport, "previousEnd">, evidence: BootEvidence | undefined): string {
  if (previousEnd.kind !== "bugcheck") return "";
  const dumps = (evidence?.crashDumps ?? []).filter(({ bugcheck }) => bugcheck.code === previousEnd.bugcheck.code);
  const [newest] = dumps.toSorted((a, b) => (b.crashedAt ?? 0) - (a.crashedAt ?? 0));
  return newest === undefined || newest.suspect === null ? "" : `; its crash dump points at ${newest.suspect.driver}`;
}

/** What it was when it was last heard. */
function beforeWords(state: KnownState | null, evidence: BootEvidence | undefined): string {
  if (state === null || state.boot === null) return "It has never reported a boot.";
  const then = conditionOf(state, { connected: true, known: true, overdue: false });
  if (then === "healthy") return "When last heard, its boot was good.";
  return then === "boot-loop"
    ? `When last heard: ${loopWords(state, evidence)}`
    : "When last heard, its boot was not good yet.";
}
