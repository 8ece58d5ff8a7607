/** What detection remembers of a million devices is stored in parts: these wait for the whole to be complete. */
import { creator } from "./create.ts";
import type { Migration } from "./migration.ts";

export const migration0010: Migration = {
  number: 10,
  name: "0010-detection-parts",
  codeFrom: 1,
  async up(db, kind) {
    const { text, integer, create } = creator(db, kind);
    await db.schema
      .alterTable("detection")
      .addColumn("parts", integer, (column) => column.notNull().defaultTo(0))
      .execute();
    await create("detection_part_devices", (table) =>
      table
        .addColumn("device", text, (column) => column.primaryKey().notNull())
        .addColumn("slot", integer, (column) => column.notNull())
        .addColumn("known", text, (column) => column.notNull())
        .addColumn("memory", text),
    );
    await create("detection_part_exposures", (table) =>
      table
        .addColumn("device", text, (column) => column.notNull())
        .addColumn("version", integer, (column) => column.notNull())
        .addColumn("written_at", integer, (column) => column.notNull())
        .addPrimaryKeyConstraint("detection_part_exposures_key", ["version", "device"]),
    );
  },
};
