/** What a step would do here, in one sentence made of what its check has found. Pure. */
import { assertNever } from "../../protocol/exhaustive.ts";
import type { Step } from "../../protocol/playbook.ts";
import type { Memo } from "./journal-records.ts";

export function wouldWords(step: Step, memo: Memo): string {
  const files = memo.kind === "files" ? memo.files.map(({ path }) => path).join(", ") : "";
  switch (step.kind) {
    case "quarantine-file":
      return `puts away ${files}`;
    case "restore-file":
    case "restore-from-quarantine":
      return `puts back ${files}`;
    case "set-service-start":
      return `${step.service} starts ${memo.kind === "service-start" ? memo.was : "otherwise"} now, and would start ${step.start}`;
    case "set-registry-value":
      return `${step.key}\\${step.name} would be another value than now, or none`;
    case "remove-update":
      return `${step.update} is installed and can be taken off`;
    case "block-update":
      return `${step.update} may be offered now, and would not be`;
    case "install-update":
      return `${step.update} is not installed, and the file for it is there`;
    case "revert-definitions":
      return `Microsoft Defender has definitions ${memo.kind === "definitions" ? memo.was : ""}, which would go`;
    case "remove-driver":
      return `removes ${memo.kind === "drivers" ? memo.drivers.map((d) => `${d.published} ${d.version}`).join(", ") : ""}`;
    case "hold-content":
      return `${step.source} gets updates now, and would get none`;
    case "release-content":
      return `${step.source} is held by an order, and would get updates again`;
    case "set-safe-mode":
      return "the next start alone would be in safe mode, where a later step has something to do";
    case "restart-service":
      return `${step.service} would be restarted`;
    case "collect-diagnostics":
      return "evidence would be collected into the agent's own folder, and nothing else changed";
    case "reboot":
    case "await-healthy":
      return "it would follow what the steps before it change";
    default:
      return assertNever(step);
  }
}
