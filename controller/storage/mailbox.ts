/**
 * Mailboxes: the orders that wait for a device, until it says what became of them.
 *
 * An agent has at most one order to run at a time: the one it was handed, until it is ended or withdrawn, then the
 * oldest that waits. The device's row is locked by whoever posts, hands out or ends, so they take turns.
 */
import type { Envelope } from "../../protocol/dsse.ts";
import type { OrderId } from "../../protocol/ids.ts";
import type { Order } from "../../protocol/plan.ts";
import type { IngestReport } from "../store/reports.ts";
import type { MailboxStore } from "../store/mailbox.ts";
import type { Bulk, Database } from "./database.ts";
import { decode, type Json } from "./schema.ts";

/** A frame holds four orders: one to run, and these; the newest, since only the last one handed can still be running. */
const WITHDRAWALS_MAX = 3;

export const mailboxPart = (database: Database): MailboxStore => ({
  async takeMailbox(device, now) {
    // Most mailboxes are empty, and a fleet that comes back asks for all of them: look before taking the lock.
    const some = database.db.selectFrom("mailbox").select("position").where("device", "=", device);
    if ((await some.where("status", "<>", "ended").limit(1).executeTakeFirst()) === undefined) return [];
    return database.write(async ({ db, bulk }) => {
      await bulk.select("devices", ["id"], [{ id: device }], ["id"], "lock");
      const rows = await db
        .selectFrom("mailbox")
        .innerJoin("plans", "plans.id", "mailbox.plan")
        .select(["order_id", "status", "withdrawn", "mailbox.envelope as order", "plans.envelope as statement"])
        .where("device", "=", device)
        .where("status", "<>", "ended")
        .orderBy("position")
        .execute();
      const withdrawn = rows.filter((row) => row.withdrawn === 1).slice(-WITHDRAWALS_MAX);
      const open = rows.filter((row) => row.withdrawn === 0);
      const next = open.find((row) => row.status === "handed") ?? open[0];
      if (next?.status === "waiting") {
        const handed = { status: "handed", handed_at: now } as const;
        await db.updateTable("mailbox").set(handed).where("order_id", "=", next.order_id).execute();
      }
      return (next === undefined ? withdrawn : [next, ...withdrawn]).map((row): Order => {
        const statement = statementOf(row.order_id, row.statement);
        return { orderId: row.order_id, withdrawn: row.withdrawn === 1, order: decode(row.order), statement };
      });
    });
  },

  async ordersOf(device, limit, before) {
    const rows = await database.db
      .selectFrom("mailbox")
      .innerJoin("plans", "plans.id", "mailbox.plan")
      .select(["position", "order_id", "mailbox.plan", "mailbox.rollout", "status", "withdrawn", "handed_at"])
      .select(["mailbox.envelope as order", "plans.envelope as statement"])
      .where("device", "=", device)
      .$if(before !== undefined, (query) => query.where("position", "<", before as number))
      .orderBy("position", "desc")
      .limit(limit)
      .execute();
    return rows.map(({ order_id, position, plan, rollout, order, statement, status, withdrawn, handed_at }) => ({
      order: order_id,
      position,
      plan,
      rollout,
      envelope: decode(order),
      statement: statementOf(order_id, statement),
      status,
      withdrawn: withdrawn === 1,
      handedAt: handed_at,
    }));
  },
});

function statementOf(order: OrderId, statement: Json<Envelope> | null): Envelope {
  if (statement === null) throw new Error(`order ${order} is of a plan that was never approved`);
  return decode(statement);
}

/** A refusal or the last report ends an order, if it is this device's. */
export async function endOrders(bulk: Bulk, reports: readonly IngestReport[]): Promise<void> {
  const ended = reports.flatMap(({ deviceId, body }) =>
    body.kind === "order-refused" || body.kind === "order-ended"
      ? [{ order_id: body.orderId, device: deviceId, status: "ended" as const }]
      : [],
  );
  await bulk.update("mailbox", ["order_id", "device"], ["order_id", "device", "status"], ended);
}
