/** Webhooks, and what is to be told to each. */
import { creator } from "./create.ts";
import type { Migration } from "./migration.ts";

export const migration0008: Migration = {
  number: 8,
  name: "0008-webhooks",
  codeFrom: 1,
  async up(db, kind) {
    const { text, integer, create } = creator(db, kind);
    await create("webhooks", (table) =>
      table
        .addColumn("name", text, (column) => column.primaryKey().notNull())
        .addColumn("id", text, (column) => column.notNull().unique())
        .addColumn("url", text, (column) => column.notNull())
        .addColumn("generation", integer, (column) => column.notNull())
        .addColumn("rotated_at", integer, (column) => column.notNull())
        .addColumn("disabled_because", text)
        .addColumn("made_at", integer, (column) => column.notNull())
        .addColumn("made_by", text, (column) => column.notNull()),
    );
    await create("webhook_deliveries", (table) =>
      table
        .addColumn("webhook", text, (column) => column.notNull())
        .addColumn("id", text, (column) => column.notNull())
        .addColumn("type", text, (column) => column.notNull())
        .addColumn("at", integer, (column) => column.notNull())
        .addColumn("body", text, (column) => column.notNull())
        .addColumn("attempts", integer, (column) => column.notNull())
        .addColumn("state", text, (column) => column.notNull())
        .addColumn("answer", text)
        .addColumn("next_at", integer)
        .addPrimaryKeyConstraint("webhook_deliveries_key", ["webhook", "id"]),
    );
    await db.schema.createIndex("webhook_deliveries_due").on("webhook_deliveries").columns(["next_at"]).execute();
  },
};
