/**
 * Webhooks and their deliveries. A message that is told twice is stored once; a webhook that is deleted takes what waits for
 * it along.
 */
import type { WebhookDeliveryRow, WebhookRow, WebhookStore } from "../store/webhooks.ts";
import type { Database } from "./database.ts";

export const webhooksPart = (database: Database): WebhookStore => ({
  addWebhook: (row) =>
    database.write(async ({ db }) => {
      const { numInsertedOrUpdatedRows } = await db
        .insertInto("webhooks")
        .values({
          name: row.name,
          id: row.id,
          url: row.url,
          generation: row.generation,
          rotated_at: row.rotatedAt,
          disabled_because: row.disabledBecause,
          made_at: row.madeAt,
          made_by: row.madeBy,
        })
        .onConflict((conflict) => conflict.column("name").doNothing())
        .executeTakeFirst();
      return numInsertedOrUpdatedRows === 1n;
    }),

  async webhooks() {
    const rows = await database.db.selectFrom("webhooks").selectAll().orderBy("name").execute();
    return rows.map(({ name, id, url, generation, rotated_at, disabled_because, made_at, made_by }): WebhookRow => {
      const times = { rotatedAt: rotated_at, madeAt: made_at };
      return { name, id, url, generation, ...times, disabledBecause: disabled_because, madeBy: made_by };
    });
  },

  changeWebhook: (id, change) =>
    database.write(async ({ db }) => {
      const { generation, rotatedAt, disabledBecause } = change;
      const { numUpdatedRows } = await db
        .updateTable("webhooks")
        .set({
          ...(generation === undefined ? {} : { generation }),
          ...(rotatedAt === undefined ? {} : { rotated_at: rotatedAt }),
          ...(disabledBecause === undefined ? {} : { disabled_because: disabledBecause }),
        })
        .where("id", "=", id)
        .executeTakeFirst();
      return numUpdatedRows === 1n;
    }),

  deleteWebhook: (id) =>
    database.write(async ({ db }) => {
      const { numDeletedRows } = await db.deleteFrom("webhooks").where("id", "=", id).executeTakeFirst();
      await db.deleteFrom("webhook_deliveries").where("webhook", "=", id).execute();
      return numDeletedRows === 1n;
    }),

  addDeliveries: (deliveries, forgetBefore) =>
    database.write(async ({ db }) => {
      for (const { nextAt, ...delivery } of deliveries)
        await db
          .insertInto("webhook_deliveries")
          .values({ ...delivery, next_at: nextAt })
          .onConflict((conflict) => conflict.columns(["webhook", "id"]).doNothing())
          .execute();
      await db
        .deleteFrom("webhook_deliveries")
        .where("state", "!=", "waiting")
        .where("at", "<", forgetBefore)
        .execute();
    }),

  async deliveriesDue(webhook, by, limit) {
    const query = database.db.selectFrom("webhook_deliveries").selectAll().where("webhook", "=", webhook);
    const rows = await query.where("next_at", "<=", by).orderBy("next_at").orderBy("id").limit(limit).execute();
    return rows.map(rowOf);
  },

  recordDelivery: ({ webhook, id, attempts, state, answer, nextAt }) =>
    database.write(async ({ db }) => {
      await db
        .updateTable("webhook_deliveries")
        .set({ attempts, state, answer, next_at: nextAt })
        .where("webhook", "=", webhook)
        .where("id", "=", id)
        .execute();
    }),

  async deliveriesOf(webhook, limit) {
    const query = database.db.selectFrom("webhook_deliveries").selectAll().where("webhook", "=", webhook);
    return (await query.orderBy("at", "desc").orderBy("id", "desc").limit(limit).execute()).map(rowOf);
  },
});

const rowOf = <Row extends { readonly next_at: WebhookDeliveryRow["nextAt"] }>({ next_at, ...row }: Row) => ({
  ...row,
  nextAt: next_at,
});
