/** Trust documents and policies: every version that was ever published stays. */
import { sql } from "kysely";
import type { TrustStore } from "../store/trust.ts";
import type { Database } from "./database.ts";
import { decode, encode } from "./schema.ts";

export const trustPart = (database: Database): TrustStore => ({
  async trustDocuments() {
    const rows = await database.db.selectFrom("trust_documents").select("envelope").orderBy("version").execute();
    return rows.map(({ envelope }) => decode(envelope));
  },

  addTrustDocument: (version, envelope, at) =>
    database.write(async ({ db }) => {
      const { numInsertedOrUpdatedRows } = await db
        .insertInto("trust_documents")
        .values({ version, envelope: encode(envelope), stored_at: at })
        .onConflict((conflict) => conflict.column("version").doNothing())
        .executeTakeFirst();
      return numInsertedOrUpdatedRows === 1n;
    }),

  async policies() {
    const rows = await database.db.selectFrom("policies").select("envelope").orderBy("position").execute();
    return rows.map(({ envelope }) => decode(envelope));
  },

  addPolicy: (version, envelope, at) =>
    database.write(async ({ db }) => {
      const position = sql<number>`(select coalesce(max(position), 0) + 1 from policies)`;
      await db
        .insertInto("policies")
        .values({ position, version, envelope: encode(envelope), stored_at: at })
        .execute();
    }),
});
