/** The evidence of crashes that is kept with an incident when the reports it came in are pruned. */
import { creator } from "./create.ts";
import type { Migration } from "./migration.ts";

export const migration0002: Migration = {
  number: 2,
  name: "0002-incident-crashes",
  codeFrom: 1,
  async up(db, kind) {
    const { text, integer, create } = creator(db, kind);
    await create("incident_crashes", (table) =>
      table
        .addColumn("incident", text, (column) => column.notNull().references("incidents.id"))
        .addColumn("device", text, (column) => column.notNull())
        .addColumn("at", integer, (column) => column.notNull())
        .addColumn("boot", text, (column) => column.notNull())
        .addPrimaryKeyConstraint("incident_crashes_key", ["incident", "device"]),
    );
  },
};
