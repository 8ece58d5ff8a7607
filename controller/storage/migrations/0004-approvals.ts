/** Trust documents, policies, what approvers sign, and their signatures. */
import { creator } from "./create.ts";
import type { Migration } from "./migration.ts";

export const migration0004: Migration = {
  number: 4,
  name: "0004-approvals",
  codeFrom: 1,
  async up(db, kind) {
    const { text, integer, create } = creator(db, kind);
    await db.schema.alterTable("plans").addColumn("statement", text).execute();
    await db.schema.alterTable("plans").addColumn("statement_digest", text).execute();
    await create("approvals", (table) =>
      table
        .addColumn("plan", text, (column) => column.notNull().references("plans.id"))
        .addColumn("key_id", text, (column) => column.notNull())
        .addColumn("statement_digest", text, (column) => column.notNull())
        .addColumn("person", text, (column) => column.notNull())
        .addColumn("sig", text, (column) => column.notNull())
        .addColumn("at", integer, (column) => column.notNull())
        .addColumn("added_by", text, (column) => column.notNull())
        .addPrimaryKeyConstraint("approvals_key", ["plan", "key_id"]),
    );
    await create("trust_documents", (table) =>
      table
        .addColumn("version", integer, (column) => column.primaryKey().notNull())
        .addColumn("envelope", text, (column) => column.notNull())
        .addColumn("stored_at", integer, (column) => column.notNull()),
    );
    await create("policies", (table) =>
      table
        .addColumn("position", integer, (column) => column.primaryKey().notNull())
        .addColumn("version", integer, (column) => column.notNull())
        .addColumn("envelope", text, (column) => column.notNull())
        .addColumn("stored_at", integer, (column) => column.notNull()),
    );
  },
};
