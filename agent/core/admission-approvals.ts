/** Did as many people approve as must, of the kind that this plan needs, believing what this device believes? */
import { PAYLOAD_TYPES } from "../../protocol/dsse.ts";
import { kindOf } from "../../protocol/plan.ts";
import { isPasskey } from "../../protocol/signatures.ts";
import { type Offered, type Refused, refuse } from "./admission-facts.ts";

export function checkApprovals({ statement, payloadType, voices, trust, policy }: Offered): Refused | undefined {
  if (trust.version < statement.minimumTrustVersion)
    return refuse(
      "trust-version",
      `the plan needs trust document ${statement.minimumTrustVersion}, this device has ${trust.version}`,
    );
  if (policy.version < statement.minimumPolicyVersion)
    return refuse(
      "policy-version",
      `the plan needs policy ${statement.minimumPolicyVersion}, this device has ${policy.version}`,
    );
  // By this number approvers judge how large the plan is, and policy whether it needs a key file.
  const places = statement.waves.reduce((sum, { size }) => sum + size, 0);
  if (places !== statement.deviceCount)
    return refuse("schema", `the plan says ${statement.deviceCount} devices, its waves hold ${places}`);
  // An approval of the one kind is none of the other: what brings something back is approved as such.
  if (kindOf(statement.steps) !== statement.kind || payloadType !== typeFor(statement.kind))
    return refuse("approval-type", `the plan was approved as a ${statement.kind}, which its steps or its seal are not`);
  const { threshold } = trust.approvers;
  const needed = statement.kind === "restore" ? Math.max(threshold, policy.limits.restoreThreshold ?? 0) : threshold;
  // TUF 4.4: a threshold counts distinct people; a key, or a person, that signs twice counts once.
  if (voices.length < needed)
    return refuse("under-signed", `${voices.length} of ${needed} approvers that it takes have signed`);
  const { keyFileAboveDevices } = policy.limits;
  const isLarge = keyFileAboveDevices !== null && statement.deviceCount > keyFileAboveDevices;
  if (isLarge && voices.every(({ key }) => isPasskey(key)))
    return refuse("key-file-needed", `a plan for ${statement.deviceCount} devices needs one approval by a key file`);
  return undefined;
}

const typeFor = (kind: "rollback" | "restore"): string =>
  kind === "restore" ? PAYLOAD_TYPES.restore : PAYLOAD_TYPES.statement;
