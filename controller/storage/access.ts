/** Set-up codes and tokens, as hashes. A code is used up in the transaction that stores its token: it works once. */
import type { AccessStore } from "../store/access.ts";
import type { Database } from "./database.ts";

export const accessPart = (database: Database): AccessStore => ({
  addSetupCode: (hash, expiresAt) =>
    database.write(async ({ db }) => {
      await db.insertInto("setup_codes").values({ hash, expires_at: expiresAt, used_at: null }).execute();
    }),

  redeemSetupCode: (hash, now, token) =>
    database.write(async ({ db }) => {
      const { numUpdatedRows } = await db
        .updateTable("setup_codes")
        .set({ used_at: now })
        .where("hash", "=", hash)
        .where("used_at", "is", null)
        .where("expires_at", ">", now)
        .executeTakeFirst();
      if (numUpdatedRows === 0n) return false;
      await db.insertInto("tokens").values({ hash: token.hash, name: token.name, created_at: now }).execute();
      return true;
    }),

  async isSetUp() {
    const query = database.db.selectFrom("setup_codes").select("hash").where("used_at", "is not", null);
    return (await query.limit(1).executeTakeFirst()) !== undefined;
  },

  async tokenOwner(hash) {
    const query = database.db.selectFrom("tokens").select("name").where("hash", "=", hash);
    return (await query.executeTakeFirst())?.name;
  },
});
