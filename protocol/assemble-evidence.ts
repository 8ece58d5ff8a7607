/**
 * Puts together what one device was ordered and signed: every receipt with its order, in the order in which they name
 * each other. What a device sent that no receipt of its own can be is left out, so that none spoils the whole bundle.
 */
import { z } from "zod";
import { Sha256 } from "./canonical.ts";
import { type Envelope, payloadDigest, peek } from "./dsse.ts";
import { ORDERS_MAX, type OrderEvidence, STEP_RECEIPTS_MAX } from "./evidence-bundle.ts";
import { DeviceId, OrderId } from "./ids.ts";

export interface OrderFacts {
  /** In the order in which they were made; all of one device. */
  readonly orders: readonly Envelope[];
  /** In any order; reports come at least once, so one may be there twice. */
  readonly stepReceipts: readonly Envelope[];
  readonly receipts: readonly Envelope[];
}

const Named = z.object({ orderId: OrderId, deviceId: DeviceId, previous: Sha256.nullable().optional() });
type Named = z.infer<typeof Named>;

/** The newest orders, if there are more than a bundle holds. @throws ZodError for an order that is none */
export function assembleOrders({ orders, stepReceipts, receipts }: OrderFacts): OrderEvidence[] {
  const stepsOf = byOrder(stepReceipts);
  const lastOf = byOrder(receipts);
  return orders.slice(-ORDERS_MAX).map((order): OrderEvidence => {
    const { orderId, deviceId } = peek(order, Named);
    const mine = (receipts: readonly Receipt[] = []): readonly Receipt[] =>
      receipts.filter(({ named }) => named.deviceId === deviceId);
    return {
      order,
      steps: chained(mine(stepsOf.get(orderId))).slice(0, STEP_RECEIPTS_MAX),
      receipt: mine(lastOf.get(orderId)).at(-1)?.envelope ?? null,
    };
  });
}

interface Receipt {
  readonly envelope: Envelope;
  readonly named: Named;
}

const byOrder = (envelopes: readonly Envelope[]): ReadonlyMap<OrderId, readonly Receipt[]> =>
  Map.groupBy(envelopes.flatMap(readable), ({ named }) => named.orderId);

/** A device may send anything in an envelope. */
function readable(envelope: Envelope): Receipt[] {
  try {
    return [{ envelope, named: peek(envelope, Named) }];
  } catch {
    return [];
  }
}

/** What hangs together from the first on, then the rest: whoever verifies sees that something is missing. */
function chained(receipts: readonly Receipt[]): Envelope[] {
  const left = new Map(receipts.map((receipt) => [payloadDigest(receipt.envelope), receipt]));
  const following = new Map([...left].map(([digest, { named }]) => [named.previous ?? null, digest]));
  const chain: Envelope[] = [];
  for (let at = following.get(null); at !== undefined; at = following.get(at)) {
    const receipt = left.get(at);
    if (receipt === undefined) break;
    chain.push(receipt.envelope);
    left.delete(at);
  }
  return [...chain, ...[...left.values()].map(({ envelope }) => envelope)];
}
