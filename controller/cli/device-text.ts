/** One device as text: its condition with the reason, its boots, its orders, its reports. Pure. Times are UTC. */
import type { DeviceView } from "../../protocol/api.ts";
import type { BootView, DeviceOrderView, StoredReport } from "../../protocol/api-device.ts";
import {
  bootKindWords,
  bootModeWords,
  bugcheckWords,
  EMPTY_EVIDENCE_WORDS,
  endingWords,
  endWords,
  isEmpty,
  NO_EVIDENCE_WORDS,
  parameterWords,
  repairWords,
  runWords,
  suspectWords,
} from "../../protocol/boot-words.ts";
import type { BootEvidence } from "../../protocol/boot.ts";
import { clean, facts, moment, shortHash, table } from "./output.ts";

export function deviceText(device: DeviceView): string {
  const { lastBoot } = device;
  const head = facts([
    ["Device", device.id],
    ["Name", device.name],
    ["Site", device.site],
    ["Role", device.role],
    ["Condition", `${device.condition}: ${device.because}`],
    ["Connected", device.connected ? "yes" : "no"],
    ["Last heard", moment(device.lastHeardAt)],
    ["Believes", trustWords(device.trust)],
    ["Agent", lastBoot?.agentVersion ?? "not known"],
  ]);
  const content = device.content.map(({ source, label, sha256, path }) => [source, label, shortHash(sha256), path]);
  return content.length === 0 ? head : `${head}\n\n${table(["CONTENT", "VERSION", "SHA-256", "FILE"], content)}`;
}

const trustWords = (trust: DeviceView["trust"]): string =>
  trust === null
    ? "not known: it has not said"
    : `trust document ${trust.trustVersion}, policy ${trust.policyVersion} (0: none)`;

/** @param isRunning whether the newest of them runs now */
export function bootsText(boots: readonly BootView[], isRunning: boolean): string {
  const [newest] = boots;
  if (newest === undefined) return "No boot was ever reported.";
  const rows = boots.map((boot, i) => [
    moment(boot.times.startedAt),
    resultOf(boot, isRunning && i === 0),
    bootKindWords[boot.kind === "logged" ? boot.logged.kind : boot.boot.kind],
    boot.ending === null && isRunning && i === 0 ? "It is running." : endingWords(boot),
  ]);
  const all = boots.filter((boot) => boot.kind === "reported");
  const reported = all.find(({ boot: { evidence } }) => evidence !== undefined && !isEmpty(evidence)) ?? all[0];
  const run = runWords(boots);
  return [
    table(["BOOT", "RESULT", "START", "END"], rows),
    ...(run === null ? [] : ["", run]),
    ...(reported === undefined
      ? []
      : ["", `Evidence that boot ${reported.boot.bootId} (${bootModeWords[reported.boot.mode]}) sent:`]),
    ...(reported === undefined ? [] : evidenceLines(reported.boot.evidence).map((line) => `  - ${clean(line)}`)),
  ].join("\n");
}

function resultOf(boot: BootView, isRunning: boolean): string {
  if (boot.kind === "logged") return boot.agentRan === "no" ? "agent never ran" : "known from the log only";
  if (boot.good !== null) return "good";
  return isRunning ? "not good yet" : "never good";
}

function evidenceLines(evidence: BootEvidence | undefined): string[] {
  if (evidence === undefined) return [NO_EVIDENCE_WORDS];
  if (isEmpty(evidence)) return [EMPTY_EVIDENCE_WORDS];
  const { crashDumps, startupRepair, earlierBoots } = evidence;
  return [
    ...crashDumps.map((dump) => {
      const at = dump.crashedAt === null ? "" : ` of ${moment(dump.crashedAt)} by the device's clock`;
      const parameters = parameterWords(dump.bugcheck);
      return `crash dump${at}: bugcheck ${bugcheckWords(dump.bugcheck)} ${parameters}. ${suspectWords(dump)} (${dump.file})`;
    }),
    ...(startupRepair === null ? [] : [repairWords(startupRepair)]),
    ...earlierBoots.toReversed().map(({ startedAt, endedAt, ended }) => {
      const began = startedAt === null ? "that began before the log" : `of ${moment(startedAt)}`;
      const parameters = ended.kind === "bugcheck" ? ` ${parameterWords(ended.bugcheck)}` : "";
      return `event log: the boot ${began} ${endWords(ended)}${parameters}${endedAt === null ? "" : ` at ${moment(endedAt)}`}`;
    }),
  ];
}

export function ordersText(orders: readonly DeviceOrderView[]): string {
  if (orders.length === 0) return "No order was ever given to this device.";
  return orders.map(orderText).join("\n\n");
}

function orderText(order: DeviceOrderView): string {
  const { id, title, rollout, standing, issuedAt, endedAt, refusal, steps, receipt } = order;
  return [
    facts([
      ["Order", id],
      ["Title", title],
      ["Rollout", rollout],
      ["Standing", standing],
      ["Issued", moment(issuedAt)],
      ...(endedAt === null ? [] : [["Ended", moment(endedAt)] as const]),
      ...(refusal === null ? [] : [["Refused", `${refusal.rule}: ${refusal.because}`] as const]),
      ["Receipt", receiptWords(receipt)],
    ]),
    ...steps.map(({ step, outcome, fault, because }, i) => {
      const why = [fault, because].filter((part) => part !== null).join(": ");
      return clean(`  ${i + 1}. ${step.kind}: ${outcome ?? "not begun"}${why === "" ? "" : ` (${why})`}`);
    }),
  ].join("\n");
}

function receiptWords(receipt: DeviceOrderView["receipt"]): string {
  if (receipt === null) return "none yet";
  return receipt.check.kind === "verified"
    ? "signature verified against this device's key"
    : `proves nothing: ${receipt.check.because}`;
}

export const reportsText = (reports: readonly StoredReport[]): string =>
  table(
    ["RECEIVED", "KIND", "SEQUENCE", "EPOCH"],
    reports.map(({ receivedAt, body, sequence, epoch }) => [moment(receivedAt), body.kind, String(sequence), epoch]),
  );
