/** Which trust document and policy each device says it has. A device without a row has not said. */
import { creator } from "./create.ts";
import type { Migration } from "./migration.ts";

export const migration0006: Migration = {
  number: 6,
  name: "0006-device-trust",
  codeFrom: 1,
  async up(db, kind) {
    const { text, integer, create } = creator(db, kind);
    await create("device_trust", (table) =>
      table
        .addColumn("device", text, (column) => column.primaryKey().notNull().references("devices.id"))
        .addColumn("trust_version", integer, (column) => column.notNull())
        .addColumn("policy_version", integer, (column) => column.notNull()),
    );
  },
};
