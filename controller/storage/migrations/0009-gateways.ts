/** Which processes take agents' connections, and which of them have stopped without a word. */
import { creator } from "./create.ts";
import type { Migration } from "./migration.ts";

export const migration0009: Migration = {
  number: 9,
  name: "0009-gateways",
  codeFrom: 1,
  async up(db, kind) {
    const { text, integer, create } = creator(db, kind);
    await create("gateways", (table) =>
      table
        .addColumn("stream", text, (column) => column.primaryKey().notNull())
        .addColumn("beats", integer, (column) => column.notNull())
        .addColumn("alive_at", integer, (column) => column.notNull())
        .addColumn("lost_beats", integer)
        .addColumn("lost_from", integer)
        .addColumn("lost_at", integer),
    );
  },
};
