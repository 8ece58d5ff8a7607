/** Whose approvals of a plan count now, by the trust document and the policy of this moment. Pure. */
import type { ApprovalView } from "../../protocol/api.ts";
import { type Envelope, peek } from "../../protocol/dsse.ts";
import { Slug } from "../../protocol/names.ts";
import { PlanStatement } from "../../protocol/plan.ts";
import { isPasskey, voicesOf } from "../../protocol/signatures.ts";
import type { TrustDocument } from "../../protocol/trust-document.ts";
import type { z } from "zod";
import type { TrustKeeper } from "../ports/trust.ts";
import type { PlanRow } from "../store/plans.ts";
import type { Approval, Unsigned } from "../store/signing.ts";
import { approvalsNeeded } from "./statement.ts";

/** What an envelope holds. People may have signed with several keys each, and some of them may be gone. */
const SIGNATURES_MAX = 16;

type Trust = Pick<TrustKeeper, "document" | "policy" | "verify">;

export interface Standing {
  readonly needed: number;
  /** Distinct people whose signatures are good and who may approve now. */
  readonly people: readonly { readonly person: string; readonly name: string }[];
  /** The signature that counts of each of them, as many as an envelope holds, key files first. */
  readonly counting: readonly Pick<Approval, "keyId" | "sig">[];
  /** Enough of them, and of the kind that the policy asks for. */
  readonly isEnough: boolean;
  /** Enough people, but none of them by a key file, which this many devices need. */
  readonly needsKeyFile: boolean;
}

/** The statement with these signatures. */
export const signedBy = (statement: Unsigned, approvals: readonly Pick<Approval, "keyId" | "sig">[]): Envelope => ({
  ...statement,
  signatures: approvals.map(({ keyId, sig }) => ({ keyid: keyId, sig })),
});

export function standingOf(envelope: Envelope, { document, policy, verify }: Trust): Standing {
  const { kind, deviceCount } = peek(envelope, PlanStatement);
  const voices = voicesOf(envelope, document.approvers, document.passkeys, verify);
  const needed = approvalsNeeded(kind, document, policy);
  const { keyFileAboveDevices } = policy.limits;
  const isLarge = keyFileAboveDevices !== null && deviceCount > keyFileAboveDevices;
  const needsKeyFile = isLarge && voices.every(({ key }) => isPasskey(key));
  const keyFilesFirst = voices.toSorted((a, b) => Number(isPasskey(a.key)) - Number(isPasskey(b.key)));
  return {
    needed,
    people: voices.map(({ holder: { person, name } }) => ({ person, name })),
    counting: keyFilesFirst.slice(0, SIGNATURES_MAX).map(({ key, sig }) => ({ keyId: key.keyId, sig })),
    isEnough: voices.length >= needed && !needsKeyFile,
    needsKeyFile,
  };
}

/** What was approved may have become void: by other approvers, a higher threshold, another policy. */
export function approvalOf({ envelope }: PlanRow, trust: Trust): "waiting" | "approved" | "void" {
  if (envelope === null) return "waiting";
  return PlanStatement.safeParse(peekOrNull(envelope)).success && standingOf(envelope, trust).isEnough
    ? "approved"
    : "void";
}

/** Why no device may get an order of this plan any more; undefined while its approvals count. */
export function whyVoid(row: PlanRow, trust: Trust): string | undefined {
  if (row.envelope === null || approvalOf(row, trust) !== "void") return undefined;
  const { version } = trust.document;
  return (
    `The approvals of plan ${row.plan.id} are void: by trust document ${version} and policy ${trust.policy.version} ` +
    "too few of those who signed it may approve it now, and devices would refuse its orders. No further device is " +
    "offered one. Abort this rollout, make a plan for the devices that are left, and have it approved."
  );
}

export function viewApproval(
  { keyId, person, at, by }: Approval,
  document: TrustDocument,
): z.infer<typeof ApprovalView> {
  const holder = document.approvers.holders.find((candidate) => candidate.person === person);
  const key = holder?.keys.find((candidate) => candidate.keyId === keyId);
  return {
    person: Slug.parse(person),
    name: holder?.name ?? null,
    keyId,
    kind: key?.kind ?? null,
    starter: key?.starter ?? false,
    counts: key !== undefined,
    at,
    by,
  };
}

/** Plans of before approvers had keys have statements of another form. */
function peekOrNull(envelope: Envelope): unknown {
  try {
    return peek(envelope, PlanStatement);
  } catch {
    return null;
  }
}
