/** Who decided: the statement says what the plan says, enough people signed it, and policy allowed it. */
import { digestOf } from "./canonical.ts";
import { type Envelope, open, PAYLOAD_TYPES } from "./dsse.ts";
import type { EvidenceBody } from "./evidence-bundle.ts";
import { leafHash, MerkleTree } from "./merkle.ts";
import { kindOf, type Plan, PlanStatement, stepsDigest } from "./plan.ts";
import { filesTouchedBy, pathsOf, unpaired } from "./playbook.ts";
import { type Policy, ruleFor } from "./policy.ts";
import { isKeyUnder } from "./registry.ts";
import { isPasskey, type VerifyRaw, voicesOf } from "./signatures.ts";
import type { TrustDocument } from "./trust-document.ts";
import { isUnder } from "./windows-path.ts";

/** Undefined where nothing can be read; its signatures are `approvalFaults`. */
export function readStatement(envelope: Envelope): PlanStatement | undefined {
  const isRestore = envelope.payloadType === PAYLOAD_TYPES.restore;
  const type = isRestore ? PAYLOAD_TYPES.restore : PAYLOAD_TYPES.statement;
  const opened = open(envelope, type, PlanStatement, () => true);
  // An approval of the one kind is none of the other.
  return opened.kind === "opened" && (opened.body.kind === "restore") === isRestore ? opened.body : undefined;
}

/** Everything that the statement says about the plan, made again from the plan. */
export function statementFaults(plan: Plan, statement: PlanStatement): string[] {
  const made = {
    planId: plan.id,
    planDigest: digestOf(plan),
    kind: kindOf(plan.playbook.steps),
    title: plan.title,
    steps: plan.playbook.steps,
    source: plan.playbook.source,
    undoes: plan.undoes,
    supplements: plan.supplements ?? null,
    deviceCount: plan.waves.reduce((sum, { devices }) => sum + devices.length, 0),
    waves: plan.waves.map(({ name, devices }, wave) => ({ name, size: devices.length, root: rootOf(plan, wave) })),
  };
  const said = { ...statement, waves: statement.waves.map(({ name, size, root }) => ({ name, size, root })) };
  return (Object.keys(made) as (keyof typeof made)[])
    .filter((field) => digestOf(made[field]) !== digestOf(said[field]))
    .map((field) => `what was signed has another ${field} than the plan`);
}

function rootOf({ id, playbook, waves }: Plan, wave: number): string {
  const digest = stepsDigest(playbook.steps);
  const devices = new Set(waves[wave]?.devices);
  return new MerkleTree([...devices].map((deviceId) => leafHash({ planId: id, wave, deviceId, stepsDigest: digest })))
    .root;
}

/** Under one document and policy that were in force when something was ordered. */
export function approvalFaults(
  { statement: envelope }: Pick<EvidenceBody, "statement">,
  statement: PlanStatement,
  trust: TrustDocument,
  policy: Policy | undefined,
  verify: VerifyRaw,
): string[] {
  const { approvers, passkeys, version } = trust;
  const voices = voicesOf(envelope, approvers, passkeys, verify);
  const restore = statement.kind === "restore" ? (policy?.limits.restoreThreshold ?? 0) : 0;
  const needed = Math.max(approvers.threshold, restore);
  const keyFileAbove = policy?.limits.keyFileAboveDevices ?? null;
  const needsKeyFile = keyFileAbove !== null && statement.deviceCount > keyFileAbove;
  return [
    ...(voices.length < needed
      ? [`${voices.length} approvers of trust document ${version} signed, ${needed} must`]
      : []),
    ...(version < statement.minimumTrustVersion ? [`it asks for trust document ${statement.minimumTrustVersion}`] : []),
    ...(needsKeyFile && voices.every(({ key }) => isPasskey(key)) ? ["none of the approvals is by a key file"] : []),
  ];
}

export function policyFaults(statement: PlanStatement, policy: Policy | undefined): string[] {
  if (policy === undefined || policy.version < statement.minimumPolicyVersion)
    return ["there was no policy of the version that the statement asks for"];
  const rule = ruleFor(policy, statement.source);
  if (rule === undefined) return [`policy ${policy.version} does not allow source ${statement.source}`];
  const filesMax = statement.steps.reduce((sum, step) => sum + filesTouchedBy(step), 0);
  const pairing = unpaired(statement.steps);
  const lasts = statement.validUntil - statement.validFrom;
  return [
    ...statement.steps.flatMap((step, i) => [
      ...(rule.steps.includes(step.kind)
        ? []
        : [`policy ${policy.version} does not allow step ${i + 1}, ${step.kind}`]),
      ...pathsOf(step)
        .filter((path) => !rule.roots.some((root) => isUnder(path, root)))
        .map(() => `policy ${policy.version} does not allow step ${i + 1} in its folder`),
      ...(step.kind === "set-registry-value" && !(rule.registryKeys ?? []).some((key) => isKeyUnder(step.key, key))
        ? [`policy ${policy.version} does not allow step ${i + 1} in its registry key`]
        : []),
      ...("source" in step && ruleFor(policy, step.source)?.steps.includes(step.kind) !== true
        ? [`policy ${policy.version} does not allow step ${i + 1} for source ${step.source}`]
        : []),
    ]),
    ...(pairing === undefined ? [] : [`step ${pairing.step + 1} ${pairing.because}`]),
    ...(filesMax > policy.limits.filesPerOrderMax ? [`policy ${policy.version} does not allow so many files`] : []),
    ...(lasts > policy.limits.validityMsMax ? [`policy ${policy.version} does not allow so long a validity`] : []),
  ];
}
