/**
 * Whether a receipt proves anything: signed by this device's key, for this device and this order. Pure but for `verify`.
 *
 * What is not proved is never believed; what it claims is kept apart, for people to look at.
 */
import type { ReceiptCheck } from "../../protocol/api-device.ts";
import { type Envelope, open, PAYLOAD_TYPES, peek } from "../../protocol/dsse.ts";
import type { DeviceId, OrderId } from "../../protocol/ids.ts";
import { Receipt } from "../../protocol/progress.ts";
import type { PublicKey } from "../../protocol/trust.ts";
import type { VerifyDevice } from "../ports.ts";

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

function claimOf(envelope: Envelope): Receipt | null {
  try {
    return peek(envelope, Receipt);
  } catch {
    return null;
  }
}
