/** The steps of a playbook in plain words: what will be touched on a machine. */
import { assertNever } from "../../../protocol/exhaustive.ts";
import type { Step } from "../../../protocol/playbook.ts";
import { counted, duration } from "./numbers.ts";
import { fullTime } from "./times.ts";

export interface StepWords {
  readonly what: string;
  readonly details: readonly string[];
}

export function stepWords(step: Step): StepWords {
  switch (step.kind) {
    case "quarantine-file": {
      const { sha256, header, modifiedFrom, modifiedBefore } = step.where;
      return {
        what: `Move ${step.files} into quarantine`,
        details: [
          `only files whose SHA-256 is ${sha256.join(" or ")}`,
          ...(header === undefined ? [] : [`that begin with the bytes ${header}`]),
          ...(modifiedFrom === undefined ? [] : [`changed at or after ${fullTime(modifiedFrom)}`]),
          ...(modifiedBefore === undefined ? [] : [`changed before ${fullTime(modifiedBefore)}`]),
          `if more than ${counted(step.filesMax, "file")} would match, the step fails and touches none`,
        ],
      };
    }
    case "restore-file":
      return {
        what: `Put ${step.files} back out of quarantine`,
        details: [`only files whose SHA-256 is ${step.sha256}`, `that ${step.from.quarantineOf} moved there`],
      };
    case "set-service-start":
      return { what: `Set the service ${step.service} to start ${START[step.start]}`, details: [] };
    case "reboot":
      return {
        what: "Restart the machine, unless it has restarted since the last change",
        details: [
          step.noticeMs === 0 ? "without a warning" : `a logged-on user is warned ${duration(step.noticeMs)} ahead`,
        ],
      };
    case "await-healthy":
      return {
        what: `Wait for a good boot: up for ${duration(step.settleMs)}, within ${duration(step.withinMs)}`,
        details: step.services.length === 0 ? [] : [`with these services running: ${step.services.join(", ")}`],
      };
    default:
      return assertNever(step);
  }
}

const START = {
  boot: "at boot",
  system: "with the system",
  automatic: "automatically",
  manual: "by hand",
  disabled: "never (disabled)",
} as const;
