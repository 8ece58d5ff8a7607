/**
 * What detection remembers, the events of incidents, and what the controller may do by itself.
 *
 * The table of incidents of before goes on: it says which version the crash evidence of an incident is about, and an older
 * program beside this one reads it.
 */
import { creator } from "./create.ts";
import type { Migration } from "./migration.ts";

export const migration0007: Migration = {
  number: 7,
  name: "0007-detection",
  codeFrom: 1,
  async up(db, kind) {
    const { text, integer, create } = creator(db, kind);
    await create("detection", (table) =>
      table
        .addColumn("id", integer, (column) => column.primaryKey().notNull())
        .addColumn("at", integer, (column) => column.notNull())
        .addColumn("cursor", text, (column) => column.notNull())
        .addColumn("names", text, (column) => column.notNull())
        .addColumn("memory", text, (column) => column.notNull())
        .addColumn("shown", text, (column) => column.notNull()),
    );
    await create("detection_devices", (table) =>
      table
        .addColumn("device", text, (column) => column.primaryKey().notNull())
        .addColumn("slot", integer, (column) => column.notNull())
        .addColumn("known", text, (column) => column.notNull())
        .addColumn("memory", text),
    );
    await db.schema.createIndex("detection_devices_by_slot").on("detection_devices").column("slot").execute();
    await create("detection_exposures", (table) =>
      table
        .addColumn("device", text, (column) => column.notNull())
        .addColumn("version", integer, (column) => column.notNull())
        .addColumn("written_at", integer, (column) => column.notNull())
        .addPrimaryKeyConstraint("detection_exposures_key", ["version", "device"]),
    );
    await create("incident_heads", (table) =>
      table
        .addColumn("incident", text, (column) => column.primaryKey().notNull())
        .addColumn("version", integer, (column) => column.notNull()),
    );
    await create("incident_events", (table) =>
      table
        .addColumn("incident", text, (column) => column.notNull().references("incident_heads.incident"))
        .addColumn("version", integer, (column) => column.notNull())
        .addColumn("event", text, (column) => column.notNull())
        .addPrimaryKeyConstraint("incident_events_key", ["incident", "version"]),
    );
    await create("response_rules", (table) =>
      table
        .addColumn("id", integer, (column) => column.primaryKey().notNull())
        .addColumn("rules", text, (column) => column.notNull())
        .addColumn("changed_at", integer, (column) => column.notNull())
        .addColumn("changed_by", text, (column) => column.notNull()),
    );
  },
};
