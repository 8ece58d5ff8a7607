/** What a step does to a machine, in words: nothing that it says is left out. */
import { assertNever } from "./exhaustive.ts";
import { counted, detail, durationWords, fact, hashWords, instantWords, quote, type WordLine } from "./plain-words.ts";
import type { Step, StepOf } from "./playbook.ts";

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
        `out of the quarantine of plan ${step.from.quarantineOf}`,
      ];
    case "set-service-start":
      return [`set how service ${quote(step.service)} starts: ${step.start}`];
    case "reboot":
      return [
        step.noticeMs === 0
          ? "RESTART the machine WITHOUT WARNING whoever works at it"
          : `RESTART the machine; whoever works at it is warned ${durationWords(step.noticeMs)} before`,
      ];
    case "await-healthy":
      return [
        `wait for a good start: up for ${durationWords(step.settleMs)}, within ${durationWords(step.withinMs)}`,
        step.services.length === 0 ? "no service is asked for" : `services that must run: ${list(step.services)}`,
      ];
    default:
      return assertNever(step);
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
