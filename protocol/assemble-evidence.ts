/** Puts a bundle together from what is stored: every receipt with its order, in the order in which they name each other. */
import { z } from "zod";
import { Sha256 } from "./canonical.ts";
import { type Envelope, payloadDigest, peek } from "./dsse.ts";
import type { DeviceEvidence, EvidenceBody, OrderEvidence } from "./evidence-bundle.ts";
import { DeviceId, OrderId } from "./ids.ts";

export interface EvidenceFacts extends Omit<EvidenceBody, "schema" | "devices"> {
  readonly devices: readonly Omit<DeviceEvidence, "orders">[];
  /** In the order in which they were made. */
  readonly orders: readonly Envelope[];
  /** In any order; reports come at least once, so one may be there twice. */
  readonly stepReceipts: readonly Envelope[];
  readonly receipts: readonly Envelope[];
}

const Named = z.object({ orderId: OrderId, deviceId: DeviceId, previous: Sha256.nullable().optional() });

/** @throws ZodError for an envelope that is no order or receipt: it would not have been stored */
export function assembleEvidence({ orders, stepReceipts, receipts, devices, ...rest }: EvidenceFacts): EvidenceBody {
  const stepsOf = grouped(stepReceipts, ({ orderId }) => orderId);
  const lastOf = grouped(receipts, ({ orderId }) => orderId);
  const ordersOf = grouped(orders, ({ deviceId }) => deviceId);
  const evidenceOf = (order: Envelope): OrderEvidence => {
    const { orderId } = peek(order, Named);
    return { order, steps: chained(stepsOf.get(orderId) ?? []), receipt: lastOf.get(orderId)?.at(-1) ?? null };
  };
  return {
    schema: "ringback.evidence/1",
    ...rest,
    devices: devices.map((device) => ({ ...device, orders: (ordersOf.get(device.deviceId) ?? []).map(evidenceOf) })),
  };
}

function grouped(
  envelopes: readonly Envelope[],
  by: (named: z.infer<typeof Named>) => string,
): ReadonlyMap<string, Envelope[]> {
  const groups = new Map<string, Envelope[]>();
  for (const envelope of envelopes) {
    const key = by(peek(envelope, Named));
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [envelope]);
    else group.push(envelope);
  }
  return groups;
}

/** What hangs together from the first on, then the rest: whoever verifies sees that something is missing. */
function chained(envelopes: readonly Envelope[]): Envelope[] {
  const left = new Map(envelopes.map((envelope) => [payloadDigest(envelope), envelope]));
  const following = new Map([...left].map(([digest, envelope]) => [peek(envelope, Named).previous ?? null, digest]));
  const chain: Envelope[] = [];
  for (let at = following.get(null); at !== undefined; at = following.get(at)) {
    const envelope = left.get(at);
    if (envelope === undefined) break;
    chain.push(envelope);
    left.delete(at);
  }
  return [...chain, ...left.values()];
}
