/** What a step does to a machine, in words: nothing that it says is left out. */
import { assertNever } from "./exhaustive.ts";
import { counted, detail, durationWords, fact, hashWords, instantWords, quote, type WordLine } from "./plain-words.ts";
import type { Step, StepOf } from "./playbook.ts";
import type { RegistryValue } from "./registry.ts";

export const stepsWords = (steps: readonly Step[]): WordLine[] =>
  steps.flatMap((step, i) => {
    const [first, ...rest] = stepWords(step);
    return [fact(`Step ${i + 1} of ${steps.length}: ${first}`), ...rest.map(detail)];
  });

/** What it does, then what it does it with. */
function stepWords(step: Step): readonly [string, ...string[]] {
  switch (step.kind) {
    case "quarantine-file":
      return [
        `put away into quarantine ${counted(step.filesMax, "file")} at most; more matches, and it touches none`,
        `files ${quote(step.files)}${any(step.files)}`,
        ...conditions(step),
      ];
    case "restore-file":
      return [
        "BRING BACK what was put away",
        `files ${quote(step.files)}${any(step.files)}`,
        `contents ${hashWords(step.sha256)}`,
        "quarantineOf" in step.from
          ? `out of the quarantine of plan ${step.from.quarantineOf}`
          : "out of each device's own copies of what was there in good boots, where this plan has put something away",
      ];
    case "set-service-start":
      return [`set how service ${quote(step.service)} starts: ${step.start}`];
    case "reboot":
      return [
        step.noticeMs === 0
          ? "RESTART the machine WITHOUT WARNING whoever works at it"
          : `RESTART the machine; whoever works at it is warned ${durationWords(step.noticeMs)} before`,
        ...(step.deferMs === undefined ? [] : [`and may put it off for ${durationWords(step.deferMs)} in all`]),
      ];
    case "await-healthy":
      return [
        `wait for a good start: up for ${durationWords(step.settleMs)}, within ${durationWords(step.withinMs)}`,
        step.services.length === 0 ? "no service is asked for" : `services that must run: ${list(step.services)}`,
      ];
    case "restart-service":
      return [`RESTART service ${quote(step.service)}; it must run again within ${durationWords(step.withinMs)}`];
    case "set-registry-value":
      return [
        step.value === null ? "REMOVE a value of the registry" : "set a value of the registry",
        `key ${quote(step.key)}`,
        step.name === "" ? "the key's default value" : `value ${quote(step.name)}`,
        ...(step.value === null ? [] : [`to ${valueWords(step.value)}`]),
      ];
    case "remove-update":
      return [`TAKE OFF update ${step.update} of Windows`, `within ${durationWords(step.withinMs)}`];
    case "block-update":
      return [`keep Windows Update from offering update ${step.update} again`];
    case "install-update":
      return [
        `INSTALL update ${step.update} of Windows`,
        `out of the file ${quote(step.file)}`,
        `contents ${hashWords(step.sha256)}`,
        `within ${durationWords(step.withinMs)}`,
      ];
    case "revert-definitions":
      return [
        "take Microsoft Defender back to the definitions before those that are installed",
        `only where these are installed: ${step.versions.join(", ")}`,
        `within ${durationWords(step.withinMs)}`,
      ];
    case "restore-from-quarantine":
      return [
        "BRING BACK what Microsoft Defender took away",
        `the file ${quote(step.file)}`,
        `contents ${hashWords(step.sha256)}`,
        `taken away as ${quote(step.threat)}`,
      ];
    case "remove-driver":
      return [
        "REMOVE a driver package; a copy is kept",
        `package ${quote(step.original)} of provider ${quote(step.provider)}`,
        `only in these versions: ${step.versions.join(", ")}`,
      ];
    case "hold-content":
      return [`HOLD source ${step.source}: it gets NO UPDATES until an order releases it`];
    case "release-content":
      return [`release source ${step.source}: it gets updates again`];
    case "set-safe-mode":
      return [
        `the next start alone is in SAFE MODE, ${step.mode === "minimal" ? "without network" : "with network"}, where a later step has something to do`,
        "whatever comes of it, the machine goes back to a normal start; BitLocker is not touched",
      ];
    case "collect-diagnostics":
      return [`collect evidence into the agent's own folder: ${step.parts.join(", ")}`];
    default:
      return assertNever(step);
  }
}

function valueWords(value: RegistryValue): string {
  switch (value.kind) {
    case "string":
      return `the text ${quote(value.text)}`;
    case "expand-string":
      return `the text ${quote(value.text)}, with variables in it filled in`;
    case "dword":
      return `the number ${value.number}`;
    case "multi-string":
      return value.lines.length === 0 ? "no lines" : `the lines ${list(value.lines)}`;
    case "binary":
      return value.hex === "" ? "no bytes" : `the bytes ${value.hex}`;
    default:
      return assertNever(value);
  }
}

function conditions({ where }: StepOf<"quarantine-file">): string[] {
  const { sha256, header, modifiedFrom, modifiedBefore } = where;
  return [
    ...sha256.map((digest, i) => `${i === 0 ? "only with the contents" : "or with the contents"} ${hashWords(digest)}`),
    ...(header === undefined ? [] : [`and only if it begins with the bytes ${header}`]),
    ...(modifiedFrom === undefined ? [] : [`and only if changed at ${instantWords(modifiedFrom)} or later`]),
    ...(modifiedBefore === undefined ? [] : [`and only if changed before ${instantWords(modifiedBefore)}`]),
  ];
}

const any = (files: string): string => (/\\\*(?:\.\*)?$/.test(files) ? ", which is EVERY file of the folder" : "");
const list = (names: readonly string[]): string => names.map(quote).join(", ");
