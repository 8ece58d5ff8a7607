/**
 * Who decides. One row with a lease; its epoch grows whenever the owner changes.
 *
 * The lease keeps two from trying at once; the epoch keeps a leader that was slow to notice from writing (see
 * `appendRollout`), whatever the clocks say.
 */
import type { LeadershipStore } from "../store/leadership.ts";
import type { Database, WriteTransaction } from "./database.ts";

/** The epoch of now; it stays what it is until the end of the transaction. */
export async function epochNow({ db, locked }: WriteTransaction): Promise<number> {
  const row = await locked(db.selectFrom("leadership").select("epoch")).executeTakeFirst();
  return row?.epoch ?? 0;
}

export const leadershipPart = (database: Database): LeadershipStore => ({
  lead: (owner, now, leaseMs) =>
    database.write(async ({ db, locked }) => {
      const until = (now + leaseMs) as typeof now;
      const first = await db
        .insertInto("leadership")
        .values({ id: 1, owner, epoch: 1, until })
        .onConflict((conflict) => conflict.column("id").doNothing())
        .executeTakeFirst();
      if (first.numInsertedOrUpdatedRows === 1n) return { leads: true, epoch: 1, until };
      const held = await locked(db.selectFrom("leadership").selectAll()).executeTakeFirstOrThrow();
      if (held.owner !== owner && held.until > now) return { leads: false, epoch: held.epoch, until: held.until };
      const epoch = held.owner === owner ? held.epoch : held.epoch + 1;
      await db.updateTable("leadership").set({ owner, epoch, until }).execute();
      return { leads: true, epoch, until };
    }),
});
