/** The steps of a playbook in plain words: what will be touched on a machine. */
import { assertNever } from "../../../protocol/exhaustive.ts";
import type { Step } from "../../../protocol/playbook.ts";
import type { RegistryValue } from "../../../protocol/registry.ts";
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
      return "quarantineOf" in step.from
        ? {
            what: `Put ${step.files} back out of quarantine`,
            details: [`only files whose SHA-256 is ${step.sha256}`, `that ${step.from.quarantineOf} moved there`],
          }
        : {
            what: `Put ${step.files} back out of the device's own known-good copies`,
            details: [
              `only contents whose SHA-256 is ${step.sha256}`,
              "only where this plan has put something away before",
            ],
          };
    case "set-service-start":
      return { what: `Set the service ${step.service} to start ${START[step.start]}`, details: [] };
    case "reboot":
      return {
        what: "Restart the machine, unless it has restarted since the last change",
        details: [
          step.noticeMs === 0 ? "without a warning" : `a logged-on user is warned ${duration(step.noticeMs)} ahead`,
          ...(step.deferMs === undefined ? [] : [`and may put it off for ${duration(step.deferMs)} in all`]),
        ],
      };
    case "await-healthy":
      return {
        what: `Wait for a good boot: up for ${duration(step.settleMs)}, within ${duration(step.withinMs)}`,
        details: step.services.length === 0 ? [] : [`with these services running: ${step.services.join(", ")}`],
      };
    case "restart-service":
      return {
        what: `Restart the service ${step.service}`,
        details: [`it must run again within ${duration(step.withinMs)}`],
      };
    case "set-registry-value":
      return {
        what: `${step.value === null ? "Remove" : "Set"} the registry value ${step.key}\\${step.name === "" ? "(default)" : step.name}`,
        details: step.value === null ? [] : [`to ${registryValue(step.value)}`],
      };
    case "remove-update":
      return {
        what: `Take the Windows update ${step.update} off`,
        details: [`within ${duration(step.withinMs)}`, "fails where Windows does not let it be removed"],
      };
    case "block-update":
      return { what: `Keep Windows Update from offering ${step.update} again`, details: [] };
    case "install-update":
      return {
        what: `Install the Windows update ${step.update} out of ${step.file}`,
        details: [`only if the file's SHA-256 is ${step.sha256}`, `within ${duration(step.withinMs)}`],
      };
    case "revert-definitions":
      return {
        what: "Take Microsoft Defender back to its definitions before",
        details: [`only where it has ${step.versions.join(" or ")}`, `within ${duration(step.withinMs)}`],
      };
    case "restore-from-quarantine":
      return {
        what: `Have Microsoft Defender put ${step.file} back`,
        details: [`that it took away as ${step.threat}`, `only if its SHA-256 is ${step.sha256}`],
      };
    case "remove-driver":
      return {
        what: `Remove the driver package ${step.original} of ${step.provider}`,
        details: [`only in version ${step.versions.join(" or ")}`, "a copy is kept"],
      };
    case "hold-content":
      return { what: `Hold ${step.source}: it gets no updates until it is released`, details: [] };
    case "release-content":
      return { what: `Release ${step.source}: it gets updates again`, details: [] };
    case "set-safe-mode":
      return {
        what: `Let the next start be in safe mode, ${step.mode === "minimal" ? "without network" : "with network"}`,
        details: ["only where a later step has something to do", "the machine does not stay there, whatever happens"],
      };
    case "collect-diagnostics":
      return { what: `Collect evidence on the device: ${step.parts.join(", ")}`, details: [] };
    default:
      return assertNever(step);
  }
}

function registryValue(value: RegistryValue): string {
  switch (value.kind) {
    case "string":
    case "expand-string":
      return `the text "${value.text}"`;
    case "dword":
      return `the number ${value.number}`;
    case "multi-string":
      return `the lines ${value.lines.map((line) => `"${line}"`).join(", ")}`;
    case "binary":
      return `the bytes ${value.hex}`;
    default:
      return assertNever(value);
  }
}

const START = {
  boot: "at boot",
  system: "with the system",
  automatic: "automatically",
  manual: "by hand",
  disabled: "never (disabled)",
} as const;
