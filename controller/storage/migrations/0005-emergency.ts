/** Emergency stops, holds, the signatures under the words about both, and what devices refused. */
import { creator } from "./create.ts";
import type { Migration } from "./migration.ts";

export const migration0005: Migration = {
  number: 5,
  name: "0005-emergency",
  codeFrom: 1,
  async up(db, kind) {
    const { text, integer, create } = creator(db, kind);
    await create("emergency_stops", (table) =>
      table
        .addColumn("id", text, (column) => column.primaryKey().notNull())
        .addColumn("stop", text, (column) => column.notNull())
        .addColumn("at", integer, (column) => column.notNull())
        .addColumn("statement", text, (column) => column.notNull())
        .addColumn("statement_digest", text, (column) => column.notNull())
        .addColumn("envelope", text)
        .addColumn("resumed_at", integer)
        .addColumn("resumed_by", text),
    );
    await create("holds", (table) =>
      table
        .addColumn("id", text, (column) => column.primaryKey().notNull())
        .addColumn("statement", text, (column) => column.notNull())
        .addColumn("statement_digest", text, (column) => column.notNull())
        .addColumn("because", text, (column) => column.notNull())
        .addColumn("made_at", integer, (column) => column.notNull())
        .addColumn("made_by", text, (column) => column.notNull())
        .addColumn("envelope", text)
        .addColumn("approved_at", integer)
        .addColumn("approved_by", text)
        .addColumn("released_at", integer)
        .addColumn("released_by", text),
    );
    await create("word_approvals", (table) =>
      table
        .addColumn("subject", text, (column) => column.notNull())
        .addColumn("key_id", text, (column) => column.notNull())
        .addColumn("statement_digest", text, (column) => column.notNull())
        .addColumn("person", text, (column) => column.notNull())
        .addColumn("sig", text, (column) => column.notNull())
        .addColumn("at", integer, (column) => column.notNull())
        .addColumn("added_by", text, (column) => column.notNull())
        .addPrimaryKeyConstraint("word_approvals_key", ["subject", "key_id"]),
    );
    await create("refusals", (table) =>
      table
        .addColumn("device", text, (column) => column.notNull())
        .addColumn("epoch", text, (column) => column.notNull())
        .addColumn("sequence", integer, (column) => column.notNull())
        .addColumn("at", integer, (column) => column.notNull())
        .addColumn("body", text, (column) => column.notNull())
        .addPrimaryKeyConstraint("refusals_key", ["device", "epoch", "sequence"]),
    );
    await db.schema.createIndex("refusals_newest").on("refusals").columns(["at", "device", "sequence"]).execute();
  },
};
