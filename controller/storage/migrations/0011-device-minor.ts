/** The newest schema minor that each device's agent speaks. Null: it has not logged in since this is kept. */
import { creator } from "./create.ts";
import type { Migration } from "./migration.ts";

export const migration0011: Migration = {
  number: 11,
  name: "0011-device-minor",
  codeFrom: 1,
  async up(db, kind) {
    await db.schema.alterTable("devices").addColumn("minor", creator(db, kind).integer).execute();
  },
};
