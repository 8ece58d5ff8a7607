/** What an agent whose journal cannot be right says to orders: it fails closed, and says so once for each. */
import type { Order } from "../../protocol/plan.ts";
import type { Outbox } from "./outbox.ts";

export function refuseAll(outbox: Outbox, mustEnd: (error: unknown) => void): (orders: readonly Order[]) => void {
  const told = new Set<string>();
  return (orders) => {
    for (const { orderId, withdrawn } of orders) {
      if (withdrawn || told.has(orderId)) continue;
      told.add(orderId);
      const because = "the device's journal cannot be right; nothing is carried out until a person has looked at it";
      outbox.put({ kind: "order-refused", orderId, rule: "journal-unreadable", because }).catch(mustEnd);
    }
  };
}
