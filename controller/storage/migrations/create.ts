/** How tables are made in either database: strict types, and ids and names that compare byte by byte. */
import { type CreateTableBuilder, type RawBuilder, sql, type Transaction } from "kysely";
import type { Database } from "../database.ts";
import type { Tables } from "../schema.ts";

export interface Creator {
  readonly text: RawBuilder<unknown>;
  readonly integer: RawBuilder<unknown>;
  readonly create: <Name extends string, Columns extends string>(
    name: Name,
    columns: (table: CreateTableBuilder<Name>) => CreateTableBuilder<Name, Columns>,
  ) => Promise<void>;
}

export const creator = (db: Transaction<Tables>, kind: Database["kind"]): Creator => ({
  text: kind === "postgres" ? sql`text collate "C"` : sql`text`, // whatever the server's language
  integer: kind === "postgres" ? sql`bigint` : sql`integer`,
  async create(name, columns) {
    const table = columns(db.schema.createTable(name));
    await (kind === "sqlite" ? table.modifyEnd(sql`strict`) : table).execute();
  },
});
