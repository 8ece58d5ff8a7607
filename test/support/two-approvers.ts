/** A controller whose plans take two people: real store, keeper and orchestrator, and keys that it does not hold. */
import { type Envelope, fromBase64, pae, payloadDigest, type Signer, toBase64 } from "../../protocol/dsse.ts";
import type { PlanId } from "../../protocol/ids.ts";
import type { Policy } from "../../protocol/policy.ts";
import type { TrustDocument } from "../../protocol/trust-document.ts";
import { ADA, APPROVERS, BEN } from "./attack.ts";
import type { ControllerHarness } from "./controller-harness.ts";
import { aPlanRequest } from "./plan-builders.ts";
import { ROOT, sealPolicy, sealTrust } from "./trust.ts";

/** Publishes the next trust document, signed by the harness's root. */
export async function publish(
  { trust, orchestrator }: ControllerHarness,
  over: Partial<TrustDocument> = { approvers: APPROVERS },
): Promise<Envelope> {
  const envelope = sealTrust({ ...trust.document, version: trust.document.version + 1, ...over }, ROOT);
  await trust.publishTrust(envelope);
  await orchestrator.catchUp();
  return envelope;
}

export async function publishPolicy({ trust }: ControllerHarness, over: Partial<Policy>, ...by: Signer[]) {
  const envelope = sealPolicy({ ...trust.policy, ...over }, ...by);
  await trust.publishPolicy(envelope);
  return envelope;
}

/** Signs what the plan says now. */
export async function signed({ store, administration }: ControllerHarness, id: PlanId, signer: Signer) {
  const statement = (await store.plan(id))?.statement;
  if (statement === null || statement === undefined) throw new Error(`plan ${id} has no statement`);
  const sig = toBase64(signer.sign(pae(statement.payloadType, fromBase64(statement.payload))));
  const statementDigest = payloadDigest({ ...statement, signatures: [] });
  const approval = { statementDigest, keyId: signer.keyId, sig };
  return { approval, send: () => administration.addApproval(id, approval, "anna") };
}

export async function approvedPlan(
  controller: ControllerHarness,
  over: Parameters<typeof aPlanRequest>[0] = {},
  signers: readonly Signer[] = [ADA, BEN],
): Promise<PlanId> {
  const { id } = await controller.administration.makePlan(aPlanRequest(over), "anna");
  for (const signer of signers) await (await signed(controller, id, signer)).send();
  return id;
}
