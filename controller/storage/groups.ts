/** Groups: what people wrote down of the fleet. */
import type { GroupStore } from "../store/groups.ts";
import type { Database } from "./database.ts";
import { decode, encode } from "./schema.ts";

export const groupsPart = (database: Database): GroupStore => ({
  putGroup: ({ name, selector }) =>
    database.write(async ({ db }) => {
      const value = { selector: encode(selector) };
      await db
        .insertInto("device_groups")
        .values({ name, ...value })
        .onConflict((conflict) => conflict.column("name").doUpdateSet(value))
        .execute();
    }),

  deleteGroup: (name) =>
    database.write(async ({ db }) => {
      const { numDeletedRows } = await db.deleteFrom("device_groups").where("name", "=", name).executeTakeFirst();
      return numDeletedRows === 1n;
    }),

  async groups() {
    const rows = await database.db.selectFrom("device_groups").selectAll().orderBy("name").execute();
    return rows.map(({ name, selector }) => ({ name, selector: decode(selector) }));
  },
});
