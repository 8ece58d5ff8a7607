/**
 * Emergency stops and holds, with what approvers sign about them and their signatures.
 *
 * A signature counts under the very statement that it was made for; another statement makes those before it void.
 */
import type { Sha256 } from "../../protocol/canonical.ts";
import { payloadDigest } from "../../protocol/dsse.ts";
import type { HoldId, StopId } from "../../protocol/ids.ts";
import type { EmergencyStore, HoldRow, StopRow } from "../store/emergency.ts";
import type { Approval, Unsigned } from "../store/signing.ts";
import type { Database } from "./database.ts";
import { decode, decodeOrNull, encode, type WordApprovalsTable } from "./schema.ts";

export const emergencyPart = (database: Database): EmergencyStore => {
  const approvalsOf = async (
    rows: readonly { readonly id: StopId | HoldId; readonly statement_digest: Sha256 }[],
  ): Promise<(id: StopId | HoldId) => Approval[]> => {
    const ids = rows.map(({ id }) => id);
    const query = database.db.selectFrom("word_approvals").selectAll().orderBy("at").orderBy("key_id");
    const all: readonly WordApprovalsTable[] =
      ids.length === 0 ? [] : await query.where("subject", "in", ids).execute();
    return (id) =>
      all
        .filter(({ subject, statement_digest }) => {
          return subject === id && rows.some((row) => row.id === id && row.statement_digest === statement_digest);
        })
        .map(({ key_id, person, sig, at, added_by }) => ({ keyId: key_id, person, sig, at, by: added_by }));
  };

  return {
    addStop: (stop, statement) =>
      database.write(async ({ db }) => {
        const { numInsertedOrUpdatedRows } = await db
          .insertInto("emergency_stops")
          .values({
            id: stop.stopId,
            stop: encode(stop),
            at: stop.at,
            ...columnsOf(statement),
            envelope: null,
            resumed_at: null,
            resumed_by: null,
          })
          .onConflict((conflict) => conflict.column("id").doNothing())
          .executeTakeFirst();
        return numInsertedOrUpdatedRows === 1n;
      }),

    async stops(limit) {
      const query = database.db.selectFrom("emergency_stops").selectAll().orderBy("at", "desc").orderBy("id", "desc");
      const rows = await query.limit(limit).execute();
      const approvals = await approvalsOf(rows);
      return rows.map((row): StopRow => {
        return {
          stop: decode(row.stop),
          statement: decode(row.statement),
          approvals: approvals(row.id),
          envelope: decodeOrNull(row.envelope),
          resumedAt: row.resumed_at,
          resumedBy: row.resumed_by,
        };
      });
    },

    renewResume: (id, statement) =>
      database.write(async ({ db }) => {
        const query = db.updateTable("emergency_stops").set(columnsOf(statement)).where("id", "=", id);
        const { numUpdatedRows } = await query.executeTakeFirst();
        if (numUpdatedRows === 1n) await db.deleteFrom("word_approvals").where("subject", "=", id).execute();
        return numUpdatedRows === 1n;
      }),

    resumeStop: (id, { statement, envelope, at, by }) =>
      database.write(async ({ db }) => {
        const { numUpdatedRows } = await db
          .updateTable("emergency_stops")
          .set({ envelope: encode(envelope), resumed_at: at, resumed_by: by })
          .where("id", "=", id)
          .where("statement_digest", "=", statement)
          .executeTakeFirst();
        return numUpdatedRows === 1n;
      }),

    addHold: ({ id, statement, because, madeAt, madeBy }) =>
      database.write(async ({ db }) => {
        await db
          .insertInto("holds")
          .values({
            id,
            ...columnsOf(statement),
            because,
            made_at: madeAt,
            made_by: madeBy,
            envelope: null,
            approved_at: null,
            approved_by: null,
            released_at: null,
            released_by: null,
          })
          .execute();
      }),

    async holds(limit) {
      const query = database.db.selectFrom("holds").selectAll().orderBy("made_at", "desc").orderBy("id", "desc");
      const rows = await query.limit(limit).execute();
      const approvals = await approvalsOf(rows);
      return rows.map((row): HoldRow => {
        return {
          id: row.id,
          statement: decode(row.statement),
          because: row.because,
          madeAt: row.made_at,
          madeBy: row.made_by,
          approvals: approvals(row.id),
          envelope: decodeOrNull(row.envelope),
          approvedAt: row.approved_at,
          approvedBy: row.approved_by,
          releasedAt: row.released_at,
          releasedBy: row.released_by,
        };
      });
    },

    approveHold: (id, { statement, envelope, at, by }) =>
      database.write(async ({ db }) => {
        const { numUpdatedRows } = await db
          .updateTable("holds")
          .set({ envelope: encode(envelope), approved_at: at, approved_by: by })
          .where("id", "=", id)
          .where("statement_digest", "=", statement)
          .where("released_at", "is", null)
          .executeTakeFirst();
        return numUpdatedRows === 1n;
      }),

    releaseHold: (id, at, by) =>
      database.write(async ({ db }) => {
        const { numUpdatedRows } = await db
          .updateTable("holds")
          .set({ released_at: at, released_by: by })
          .where("id", "=", id)
          .where("released_at", "is", null)
          .executeTakeFirst();
        return numUpdatedRows === 1n;
      }),

    addWordApproval: (subject, statement, { keyId, person, sig, at, by }) =>
      database.write(async ({ db }) => {
        // The row is written to be held: no other statement takes its place before the signature stands.
        const own = await db
          .updateTable(subject.startsWith("stop_") ? "emergency_stops" : "holds")
          .set({ statement_digest: statement })
          .where("id", "=", subject as never)
          .where("statement_digest", "=", statement)
          .executeTakeFirst();
        if (own.numUpdatedRows === 0n) return "changed";
        const values = { subject, key_id: keyId, statement_digest: statement, person, sig, at, added_by: by };
        const { numInsertedOrUpdatedRows } = await db
          .insertInto("word_approvals")
          .values(values)
          .onConflict((conflict) => conflict.columns(["subject", "key_id"]).doNothing())
          .executeTakeFirst();
        return numInsertedOrUpdatedRows === 1n ? "added" : "had";
      }),
  };
};

const columnsOf = (statement: Unsigned) => ({
  statement: encode(statement),
  statement_digest: payloadDigest({ ...statement, signatures: [] }),
});
