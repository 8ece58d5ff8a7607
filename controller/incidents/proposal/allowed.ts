/** Would agents take these steps under the policy as it is? Said before people approve in vain. Pure. */
import { pathsOf, type Playbook } from "../../../protocol/playbook.ts";
import { type Policy, ruleFor } from "../../../protocol/policy.ts";
import { isKeyUnder } from "../../../protocol/registry.ts";
import { isUnder } from "../../../protocol/windows-path.ts";

/** What policy holders have to allow first; devices decide by the same rules. */
export function notAllowed({ source, steps }: Playbook, policy: Policy): readonly string[] {
  const rule = ruleFor(policy, source);
  if (rule === undefined) return [`a policy that allows anything for ${source}; policy holders sign one`];
  const missing = steps.flatMap((step) => {
    const kinds = rule.steps.includes(step.kind) ? [] : [`a policy that allows ${step.kind} for ${source}`];
    const paths = pathsOf(step)
      .filter((path) => !rule.roots.some((root) => isUnder(path, root)))
      .map((path) => `a policy that allows steps in the folder of ${path} for ${source}`);
    const keys =
      step.kind === "set-registry-value" && !(rule.registryKeys ?? []).some((root) => isKeyUnder(step.key, root))
        ? [`a policy that allows values of the key ${step.key} for ${source}`]
        : [];
    return [...kinds, ...paths, ...keys];
  });
  return [...new Set(missing)];
}
