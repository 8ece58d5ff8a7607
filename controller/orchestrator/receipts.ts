/**
 * Whether receipts prove anything: signed by this device's key, for this device and this order; those of steps also for
 * the very event that they came with, each naming the one before it. Pure but for `verify`.
 *
 * What is not proved is never believed; what it claims is kept apart, for people to look at.
 */
import type { ReceiptCheck, StepReceiptCheck } from "../../protocol/api-device.ts";
import { type Envelope, open, PAYLOAD_TYPES, peek } from "../../protocol/dsse.ts";
import type { DeviceId, OrderId } from "../../protocol/ids.ts";
import { Receipt, type StepProgress, StepReceipt } from "../../protocol/progress.ts";
import type { PublicKey } from "../../protocol/public-key.ts";
import type { VerifyDevice } from "../ports/trust.ts";

export interface Witness {
  readonly publicKey: PublicKey;
  readonly verify: VerifyDevice;
}

export function checkReceipt(
  envelope: Envelope,
  of: { readonly device: DeviceId; readonly order: OrderId },
  { publicKey, verify }: Witness,
): ReceiptCheck {
  const opened = open(envelope, PAYLOAD_TYPES.receipt, Receipt, (_keyId, bytes, signature) =>
    verify(publicKey, bytes, signature),
  );
  const unproven = (because: string): ReceiptCheck => ({ kind: "unproven", because, claimed: claimOf(envelope) });
  if (opened.kind === "refused") {
    return unproven(opened.rule === "signature" ? "it is not signed by this device's key" : opened.because);
  }
  const { body, digest } = opened;
  if (body.deviceId !== of.device) return unproven(`it is of another device, ${body.deviceId}`);
  if (body.orderId !== of.order) return unproven(`it is for another order, ${body.orderId}`);
  return { kind: "verified", receipt: body, digest };
}

/** Null: there is none, as of an event that ends nothing, or because the agent is older than such receipts. */
export function checkStepReceipt(
  progress: StepProgress,
  device: DeviceId,
  { publicKey, verify }: Witness,
): StepReceiptCheck | null {
  if (progress.receipt === undefined) return null;
  const opened = open(progress.receipt, PAYLOAD_TYPES.stepReceipt, StepReceipt, (_keyId, bytes, signature) =>
    verify(publicKey, bytes, signature),
  );
  const unproven = (because: string): StepReceiptCheck => ({ kind: "unproven", because });
  if (opened.kind === "refused")
    return unproven(opened.rule === "signature" ? "it is not signed by this device's key" : opened.because);
  const { body, digest } = opened;
  if (body.deviceId !== device) return unproven(`it is of another device, ${body.deviceId}`);
  if (body.orderId !== progress.orderId) return unproven(`it is for another order, ${body.orderId}`);
  if (body.step !== progress.step || body.event !== progress.event)
    return unproven(`it says "${body.event}" of step ${body.step + 1}, the report "${progress.event}"`);
  return { kind: "verified", digest, previous: body.previous };
}

function claimOf(envelope: Envelope): Receipt | null {
  try {
    return peek(envelope, Receipt);
  } catch {
    return null;
  }
}
