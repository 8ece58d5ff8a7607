/** The first tables. */
import { sql } from "kysely";
import { creator } from "./create.ts";
import type { Migration } from "./migration.ts";

export const migration0001: Migration = {
  number: 1,
  name: "0001-tables",
  codeFrom: 1,
  async up(db, kind) {
    const { text, integer, create } = creator(db, kind);

    await create("devices", (table) =>
      table
        .addColumn("id", text, (column) => column.primaryKey().notNull())
        .addColumn("public_key", text, (column) => column.notNull())
        .addColumn("name", text, (column) => column.notNull())
        .addColumn("site", text, (column) => column.notNull())
        .addColumn("role", text, (column) => column.notNull())
        .addColumn("registered_at", integer, (column) => column.notNull())
        .addColumn("last_heard_at", integer)
        .addColumn("leaving", text)
        .addColumn("healthy", text),
    );
    await create("device_boots", (table) =>
      table
        .addColumn("device", text, (column) => column.primaryKey().notNull())
        .addColumn("boot", text)
        .addColumn("content", text, (column) => column.notNull()),
    );
    await create("epochs", (table) =>
      table
        .addColumn("device", text, (column) => column.notNull())
        .addColumn("epoch", text, (column) => column.notNull())
        .addColumn("through", integer, (column) => column.notNull())
        .addColumn("opened_at", integer, (column) => column.notNull())
        .addPrimaryKeyConstraint("epochs_key", ["device", "epoch"]),
    );
    await create("streams", (table) =>
      table
        .addColumn("id", text, (column) => column.primaryKey().notNull())
        .addColumn("last", integer, (column) => column.notNull()),
    );
    await create("changes", (table) =>
      table
        .addColumn("stream", text, (column) => column.notNull())
        .addColumn("sequence", integer, (column) => column.notNull())
        .addColumn("at", integer, (column) => column.notNull())
        .addColumn("month", integer, (column) => column.notNull())
        .addColumn("device", text, (column) => column.notNull())
        .addColumn("epoch", text)
        .addColumn("epoch_sequence", integer)
        .addColumn("digest", text)
        .addColumn("body", text, (column) => column.notNull())
        .addPrimaryKeyConstraint("changes_key", ["stream", "sequence"]),
    );
    // A report exists once, whoever writes it: the last line of defence behind the locks of ingest.
    await db.schema
      .createIndex("changes_report")
      .unique()
      .on("changes")
      .columns(["device", "epoch", "epoch_sequence"])
      .where(sql.ref("epoch"), "is not", null)
      .execute();
    await create("device_groups", (table) =>
      table
        .addColumn("name", text, (column) => column.primaryKey().notNull())
        .addColumn("selector", text, (column) => column.notNull()),
    );
    await create("incidents", (table) =>
      table
        .addColumn("id", text, (column) => column.primaryKey().notNull())
        .addColumn("title", text, (column) => column.notNull())
        .addColumn("source", text, (column) => column.notNull())
        .addColumn("sha256", text, (column) => column.notNull())
        .addColumn("evidence", text, (column) => column.notNull())
        .addColumn("declared_at", integer, (column) => column.notNull())
        .addColumn("declared_by", text, (column) => column.notNull()),
    );
    await create("plans", (table) =>
      table
        .addColumn("id", text, (column) => column.primaryKey().notNull())
        .addColumn("digest", text, (column) => column.notNull())
        .addColumn("created_at", integer, (column) => column.notNull())
        .addColumn("created_by", text, (column) => column.notNull())
        .addColumn("generation", integer)
        .addColumn("envelope", text)
        .addColumn("approved_at", integer)
        .addColumn("approved_by", text)
        .addColumn("rollout", text)
        .addColumn("plan", text, (column) => column.notNull()),
    );
    await create("generations", (table) =>
      table
        .addColumn("source", text, (column) => column.primaryKey().notNull())
        .addColumn("last", integer, (column) => column.notNull()),
    );
    await create("rollouts", (table) =>
      table
        .addColumn("id", text, (column) => column.primaryKey().notNull())
        .addColumn("plan", text, (column) => column.notNull().unique().references("plans.id"))
        .addColumn("started_at", integer, (column) => column.notNull())
        .addColumn("version", integer, (column) => column.notNull())
        .addColumn("cursor", text, (column) => column.notNull()),
    );
    await create("rollout_events", (table) =>
      table
        .addColumn("rollout", text, (column) => column.notNull().references("rollouts.id"))
        .addColumn("version", integer, (column) => column.notNull())
        .addColumn("event", text, (column) => column.notNull())
        .addPrimaryKeyConstraint("rollout_events_key", ["rollout", "version"]),
    );
    await create("rollout_devices", (table) =>
      table
        .addColumn("rollout", text, (column) => column.notNull().references("rollouts.id"))
        .addColumn("device", text, (column) => column.notNull())
        .addColumn("wave", integer, (column) => column.notNull())
        .addColumn("status", text, (column) => column.notNull())
        .addColumn("generation", integer, (column) => column.notNull())
        .addColumn("order_id", text)
        .addColumn("since", integer, (column) => column.notNull())
        .addColumn("detail", text)
        .addPrimaryKeyConstraint("rollout_devices_key", ["rollout", "device"]),
    );
    await create("mailbox", (table) =>
      table
        .addColumn("device", text, (column) => column.notNull().references("devices.id"))
        .addColumn("position", integer, (column) => column.notNull())
        .addColumn("order_id", text, (column) => column.notNull().unique())
        .addColumn("plan", text, (column) => column.notNull().references("plans.id"))
        .addColumn("rollout", text, (column) => column.notNull().references("rollouts.id"))
        .addColumn("envelope", text, (column) => column.notNull())
        .addColumn("status", text, (column) => column.notNull())
        .addColumn("withdrawn", integer, (column) => column.notNull())
        .addColumn("handed_at", integer)
        .addPrimaryKeyConstraint("mailbox_key", ["device", "position"]),
    );
    await create("leadership", (table) =>
      table
        .addColumn("id", integer, (column) => column.primaryKey().notNull())
        .addColumn("owner", text, (column) => column.notNull())
        .addColumn("epoch", integer, (column) => column.notNull())
        .addColumn("until", integer, (column) => column.notNull()),
    );
    await create("setup_codes", (table) =>
      table
        .addColumn("hash", text, (column) => column.primaryKey().notNull())
        .addColumn("expires_at", integer, (column) => column.notNull())
        .addColumn("used_at", integer),
    );
    await create("tokens", (table) =>
      table
        .addColumn("hash", text, (column) => column.primaryKey().notNull())
        .addColumn("name", text, (column) => column.notNull())
        .addColumn("created_at", integer, (column) => column.notNull()),
    );
  },
};
