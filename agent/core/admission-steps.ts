/** May these steps be done here at all? By the policy, by the device's own settings, and never to the agent itself. */
import type { CheckQuestion } from "../../protocol/check.ts";
import { filesTouchedBy, pathsOf, type Step, unpaired } from "../../protocol/playbook.ts";
import { ruleFor, type SourceRule } from "../../protocol/policy.ts";
import { isKeyUnder } from "../../protocol/registry.ts";
import { isUnder, nameMatches, splitPath, type WindowsGlob, WindowsPath } from "../../protocol/windows-path.ts";
import { type AdmissionFacts, type Offered, type Refused, refuse } from "./admission-facts.ts";
import { isForbiddenKey } from "./forbidden-keys.ts";
import { wouldBeMissed } from "./needed-services.ts";

/** As it is installed. Switched off by mistake on a fleet, nobody could ever order it on again. */
const OWN_SERVICE = /^ringback(?:agent)?$/i;

/** This device's own limits. */
export type StepLimits = Pick<
  AdmissionFacts,
  "allowedSteps" | "allowedRoots" | "allowedRegistryKeys" | "forbiddenRoots"
>;

/** @param asked of a plan statement, or of a mere question */
export function checkSteps(
  { statement: asked, policy }: { readonly statement: CheckQuestion; readonly policy: Offered["policy"] },
  facts: StepLimits,
): Refused | undefined {
  const { source, steps } = asked;
  const rule = ruleFor(policy, source);
  if (rule === undefined) return refuse("source-not-allowed", `the policy allows nothing for ${source}`);
  const filesMax = steps.reduce((sum, step) => sum + filesTouchedBy(step), 0);
  if (filesMax > policy.limits.filesPerOrderMax)
    return refuse(
      "too-many-files",
      `the plan may touch ${filesMax} files, the policy allows ${policy.limits.filesPerOrderMax}`,
    );
  const pairing = unpaired(steps);
  if (pairing !== undefined) return refuse("step-not-allowed", `step ${pairing.step + 1} ${pairing.because}`);
  for (const [i, step] of steps.entries()) {
    const name = `step ${i + 1}`;
    if (!rule.steps.includes(step.kind))
      return refuse("step-not-allowed", `${name} is ${step.kind}, which the policy does not allow for ${source}`);
    if (!facts.allowedSteps.has(step.kind))
      return refuse("step-not-allowed", `${name} is ${step.kind}, which this device does not allow`);
    if ("service" in step && OWN_SERVICE.test(step.service.trim()))
      return refuse("step-not-allowed", `${name} is about the agent's own service, which no order may touch`);
    if (step.kind === "set-service-start" && wouldBeMissed(step.service, step.start))
      return refuse("step-not-allowed", `${name}: Windows does not start without ${step.service} as it is`);
    // A plan is approved for one source; what it does to another one must be allowed for that one, too.
    if ("source" in step && ruleFor(policy, step.source)?.steps.includes(step.kind) !== true)
      return refuse("source-not-allowed", `${name} is ${step.kind} of ${step.source}, which the policy does not allow`);
    const refused = checkKey(name, step, rule, facts) ?? checkPaths(name, step, rule, facts);
    if (refused !== undefined) return refused;
  }
  return undefined;
}

function checkKey(name: string, step: Step, rule: SourceRule, facts: StepLimits): Refused | undefined {
  if (step.kind !== "set-registry-value") return undefined;
  const { key } = step;
  if (isForbiddenKey(key, step.name))
    return refuse(
      "path-not-allowed",
      `${name}: ${key} is how this machine, a program or this agent starts; no order may touch it`,
    );
  if (!(rule.registryKeys ?? []).some((root) => isKeyUnder(key, root)))
    return refuse("path-not-allowed", `${name}: ${key} lies under no key that the policy allows`);
  if (!facts.allowedRegistryKeys.some((root) => isKeyUnder(key, root)))
    return refuse("path-not-allowed", `${name}: ${key} lies under none of this device's allowed keys`);
  return undefined;
}

function checkPaths(name: string, step: Step, rule: SourceRule, facts: StepLimits): Refused | undefined {
  for (const path of pathsOf(step)) {
    if (!rule.roots.some((root) => isUnder(path, root)))
      return refuse("path-not-allowed", `${name}: ${path} lies in no folder that the policy allows`);
    if (!facts.allowedRoots.some((root) => isUnder(path, root)))
      return refuse("path-not-allowed", `${name}: ${path} lies under none of this device's allowed folders`);
    if (facts.forbiddenRoots.some((root) => isUnder(path, root) || isNamedBy(path, root)))
      return refuse("path-not-allowed", `${name}: ${path} lies in the agent's own folder, or is it`);
  }
  return undefined;
}

/** Would a pattern take the folder itself for one of its files? */
function isNamedBy(pattern: WindowsGlob | WindowsPath, root: string): boolean {
  const own = splitPath(WindowsPath.parse(root));
  const { folder, name } = splitPath(pattern);
  return isUnder(`${folder}\\x`, own.folder) && isUnder(`${own.folder}\\x`, folder) && nameMatches(name, own.name);
}
