/**
 * Which processes take agents' connections now. Each counts its beats in a row of its own; whoever leads says of one that
 * has stopped that it is lost, at the beat at which it stopped. So one that goes on is alive by that, and no clock decides.
 */
import type { GatewayStore } from "../store/gateways.ts";
import type { Database } from "./database.ts";
import { epochNow } from "./leadership.ts";

/** Rows of processes that are long gone; whoever detects has told everything about them. */
const KEPT_MS = 30 * 24 * 3_600_000;

export const gatewaysPart = (database: Database): GatewayStore => ({
  beat: (stream, now) =>
    database.write(async ({ db }) => {
      const { beats, lost_beats } = await db
        .insertInto("gateways")
        .values({ stream, beats: 1, alive_at: now, lost_beats: null, lost_from: null, lost_at: null })
        .onConflict((conflict) =>
          conflict.column("stream").doUpdateSet((set) => ({ beats: set("gateways.beats", "+", 1), alive_at: now })),
        )
        .returning(["beats", "lost_beats"])
        .executeTakeFirstOrThrow();
      return lost_beats === beats - 1 ? "was-lost" : "alive";
    }),

  async gateways() {
    const rows = await database.db.selectFrom("gateways").selectAll().orderBy("stream").execute();
    return rows.map(({ stream, beats, alive_at, lost_beats, lost_from, lost_at }) => ({
      stream,
      beats,
      aliveAt: alive_at,
      lost:
        lost_beats === null || lost_from === null || lost_at === null ? null : lossOf(lost_beats, lost_from, lost_at),
    }));
  },

  loseGateway: ({ leaderEpoch, stream, loss: { beats, from, at } }) =>
    database.write(async (transaction) => {
      if ((await epochNow(transaction)) !== leaderEpoch) return "stale-leader";
      const { db } = transaction;
      await db
        .deleteFrom("gateways")
        .where("lost_at", "<", (at - KEPT_MS) as typeof at)
        .execute();
      const { numUpdatedRows } = await db
        .updateTable("gateways")
        .set({ lost_beats: beats, lost_from: from, lost_at: at })
        .where("stream", "=", stream)
        .where("beats", "=", beats)
        .executeTakeFirst();
      return numUpdatedRows === 1n ? "lost" : "alive";
    }),
});

const lossOf = <Time>(beats: number, from: Time, at: Time) => ({ beats, from, at });
