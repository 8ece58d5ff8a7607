/**
 * Devices get a standing, and the tokens with which they enrol get a table.
 *
 * Devices that a person registered before this are accepted, and their logins are bound to no TLS channel: there was
 * none. Code of the version before goes on registering devices by hand, and these defaults are then the truth too.
 */
import { creator } from "./create.ts";
import type { Migration } from "./migration.ts";

export const migration0003: Migration = {
  number: 3,
  name: "0003-device-standing",
  codeFrom: 2,
  async up(db, kind) {
    const { text, integer, create } = creator(db, kind);
    const devices = db.schema.alterTable("devices");
    await devices.addColumn("standing", text, (column) => column.notNull().defaultTo("accepted")).execute();
    await devices.addColumn("binding", text, (column) => column.notNull().defaultTo("front")).execute();
    await devices.addColumn("device_group", text).execute();
    await devices.addColumn("image", text).execute();
    await devices.addColumn("standing_since", integer).execute();
    await devices.addColumn("standing_because", text).execute();
    // A device that enrols again with its key keeps its id, so it is looked up by it.
    await db.schema.createIndex("devices_public_key").on("devices").column("public_key").execute();
    await create("enrolment_tokens", (table) =>
      table
        .addColumn("id", text, (column) => column.primaryKey().notNull())
        .addColumn("hash", text, (column) => column.notNull().unique())
        .addColumn("device_group", text, (column) => column.notNull())
        .addColumn("site", text, (column) => column.notNull())
        .addColumn("role", text, (column) => column.notNull())
        .addColumn("pool", integer, (column) => column.notNull())
        .addColumn("acceptance", text, (column) => column.notNull())
        .addColumn("uses_max", integer, (column) => column.notNull())
        .addColumn("uses", integer, (column) => column.notNull())
        .addColumn("created_at", integer, (column) => column.notNull())
        .addColumn("created_by", text, (column) => column.notNull())
        .addColumn("expires_at", integer, (column) => column.notNull())
        .addColumn("revoked_at", integer)
        .addColumn("revoked_by", text),
    );
  },
};
