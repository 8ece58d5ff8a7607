/** Is this the order of this plan, for this device, in a wave whose turn it is? */
import { isInTree, leafHash } from "../../protocol/merkle.ts";
import { stepsDigest } from "../../protocol/plan.ts";
import { type AdmissionFacts, type Offered, type Refused, refuse } from "./admission-facts.ts";

export function checkIdentity(
  { offer, order, statement, statementDigest }: Offered,
  { deviceId }: AdmissionFacts,
): Refused | undefined {
  if (offer.orderId !== order.orderId)
    return refuse("schema", `the mailbox calls this order ${offer.orderId}, its signed text ${order.orderId}`);
  if (order.statementDigest !== statementDigest || order.planId !== statement.planId)
    return refuse("wrong-plan", "the order points to another plan statement than the one it came with");
  if (order.deviceId !== deviceId) return refuse("wrong-device", `the order is for ${order.deviceId}`);
  return undefined;
}

export function checkWave({ order, statement }: Offered): Refused | undefined {
  const wave = statement.waves[order.wave];
  if (wave === undefined) return refuse("not-in-wave", `the approved plan has no wave ${order.wave + 1}`);
  const { planId, deviceId, gate } = order;
  const leaf = leafHash({ planId, wave: order.wave, deviceId, stepsDigest: stepsDigest(statement.steps) });
  if (!isInTree(leaf, order.proof, wave.size, wave.root))
    return refuse("not-in-wave", `the approvers did not put this device into wave "${wave.name}"`);
  if (order.wave === 0 ? gate !== null : gate?.wave !== order.wave - 1)
    return refuse("gate-not-passed", `the order does not say that the gate before wave "${wave.name}" has passed`);
  return undefined;
}
