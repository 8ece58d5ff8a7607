/** May these steps be done here at all? By the policy, by the device's own settings, and never to the agent itself. */
import type { Step } from "../../protocol/playbook.ts";
import { ruleFor } from "../../protocol/policy.ts";
import { isUnder, nameMatches, splitPath, type WindowsGlob, WindowsPath } from "../../protocol/windows-path.ts";
import { type AdmissionFacts, type Offered, type Refused, refuse } from "./admission-facts.ts";

/** As it is installed. Switched off by mistake on a fleet, nobody could ever order it on again. */
const OWN_SERVICE = "ringback";

export function checkSteps({ statement, policy }: Offered, facts: AdmissionFacts): Refused | undefined {
  const { source, steps } = statement;
  const rule = ruleFor(policy, source);
  if (rule === undefined) return refuse("source-not-allowed", `the policy allows nothing for ${source}`);
  const filesMax = steps.reduce((sum, step) => sum + filesOf(step), 0);
  if (filesMax > policy.limits.filesPerOrderMax)
    return refuse(
      "too-many-files",
      `the plan may touch ${filesMax} files, the policy allows ${policy.limits.filesPerOrderMax}`,
    );
  for (const [i, step] of steps.entries()) {
    if (!rule.steps.includes(step.kind))
      return refuse("step-not-allowed", `step ${i + 1} is ${step.kind}, which the policy does not allow for ${source}`);
    if (!facts.allowedSteps.has(step.kind))
      return refuse("step-not-allowed", `step ${i + 1} is ${step.kind}, which this device does not allow`);
    if (step.kind === "set-service-start" && step.service.trim().toLowerCase() === OWN_SERVICE)
      return refuse("step-not-allowed", `step ${i + 1} is about the agent's own service, which no order may touch`);
    if (!("files" in step)) continue;
    if (!rule.roots.some((root) => isUnder(step.files, root)))
      return refuse("path-not-allowed", `step ${i + 1}: ${step.files} lies in no folder that the policy allows`);
    if (!facts.allowedRoots.some((root) => isUnder(step.files, root)))
      return refuse(
        "path-not-allowed",
        `step ${i + 1}: ${step.files} lies under none of this device's allowed folders`,
      );
    if (facts.forbiddenRoots.some((root) => isUnder(step.files, root) || isNamedBy(step.files, root)))
      return refuse("path-not-allowed", `step ${i + 1}: ${step.files} lies in the agent's own folder, or is it`);
  }
  return undefined;
}

/** Would a pattern take the folder itself for one of its files? */
function isNamedBy(pattern: WindowsGlob, root: string): boolean {
  const own = splitPath(WindowsPath.parse(root));
  const { folder, name } = splitPath(pattern);
  return isUnder(`${folder}\\x`, own.folder) && isUnder(`${own.folder}\\x`, folder) && nameMatches(name, own.name);
}

const filesOf = (step: Step): number =>
  step.kind === "quarantine-file" ? step.filesMax : step.kind === "restore-file" ? 1 : 0;
