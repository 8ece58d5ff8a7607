/**
 * What an approver reads: decoded in the browser from the very bytes that are signed, never from what else is told of
 * the plan. Pure. What cannot be read as devices would read it is not shown as if it could.
 */
import type { PlanView } from "../../../protocol/api.ts";
import type { Sha256 } from "../../../protocol/canonical.ts";
import { type Envelope, KeyId, open, PAYLOAD_TYPES, payloadDigest } from "../../../protocol/dsse.ts";
import type { PlanId } from "../../../protocol/ids.ts";
import { PlanStatement } from "../../../protocol/plan.ts";

export type Reading =
  | {
      readonly kind: "read";
      readonly statement: PlanStatement;
      readonly digest: Sha256;
      readonly signed: Pick<Envelope, "payloadType" | "payload">;
    }
  | { readonly kind: "unreadable"; readonly because: string };

/** @param asked the plan of the address: what was read out over the phone, or stood in a message */
export function readSigned({ signed }: Pick<PlanView, "signed">, asked: PlanId): Reading {
  if (signed === null) return unreadable("It was made before approvers had keys. Have it made again.");
  const type = signed.payloadType === PAYLOAD_TYPES.restore ? PAYLOAD_TYPES.restore : PAYLOAD_TYPES.statement;
  // Nobody has signed yet: what is read is what a signature would be under.
  const envelope: Envelope = { ...signed, signatures: [{ keyid: NOBODY, sig: "" }] };
  const opened = open(envelope, type, PlanStatement, () => true);
  if (opened.kind === "refused") return unreadable(`Devices would refuse it too: ${opened.because}.`);
  const { body: statement } = opened;
  if ((statement.kind === "restore") !== (type === PAYLOAD_TYPES.restore))
    return unreadable("It calls itself another kind of plan inside than outside. Devices would refuse it too.");
  if (statement.planId !== asked) return unreadable(`It is the text of another plan, ${statement.planId}.`);
  return { kind: "read", statement, digest: payloadDigest(envelope), signed };
}

const NOBODY = KeyId.parse("0".repeat(64));
const unreadable = (because: string): Reading => ({ kind: "unreadable", because });
