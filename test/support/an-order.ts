/** An order as it lies in a mailbox, of any size: its envelopes hold nothing, which is for agents to find out. */
import { createHash } from "node:crypto";
import { KeyId, PAYLOAD_TYPES } from "../../protocol/dsse.ts";
import { newId } from "../../protocol/ids.ts";
import type { Order } from "../../protocol/plan.ts";
import { at } from "../../protocol/time.ts";

/** @param payloadChars how long the payload of each of the two envelopes is, in base64 */
export function anOrder(seed: string, payloadChars = 100): Order {
  const dice = createHash("sha256").update(seed).digest();
  const signatures = [{ keyid: KeyId.parse(dice.toString("hex")), sig: dice.toString("base64") }];
  const payload = "A".repeat(payloadChars - (payloadChars % 4));
  return {
    orderId: newId("order", at("2026-11-22T11:00:00Z"), dice),
    withdrawn: false,
    order: { payloadType: PAYLOAD_TYPES.order, payload, signatures },
    statement: { payloadType: PAYLOAD_TYPES.statement, payload, signatures },
  };
}
