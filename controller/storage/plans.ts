/** Plans, what approvers sign of them, and their signatures. A plan gets one rollout; until then it may change. */
import { sha256Hex } from "../../protocol/canonical.ts";
import { fromBase64 } from "../../protocol/dsse.ts";
import type { PlanRow, PlanStore } from "../store/plans.ts";
import type { Approval, Unsigned } from "../store/signing.ts";
import type { Database } from "./database.ts";
import { type ApprovalsTable, decode, decodeOrNull, encode, encodeOrNull, type PlansTable } from "./schema.ts";

export const plansPart = (database: Database): PlanStore => {
  /** With the approvals of the statements that the plans have now, in the order in which they came. */
  const withApprovals = async (rows: readonly PlansTable[]): Promise<PlanRow[]> => {
    if (rows.length === 0) return [];
    const approvals = await database.db
      .selectFrom("approvals")
      .selectAll()
      .where(
        "plan",
        "in",
        rows.map(({ id }) => id),
      )
      .orderBy("at")
      .orderBy("key_id")
      .execute();
    return rows.map((row) => {
      const own = approvals.filter(
        ({ plan, statement_digest }) => plan === row.id && statement_digest === row.statement_digest,
      );
      return planRow(row, own);
    });
  };

  return {
    addPlan: ({ plan, digest, createdBy, generation, statement, envelope, approvedAt, approvedBy, rollout }) =>
      database.write(async ({ db }) => {
        const row = {
          id: plan.id,
          digest,
          created_at: plan.createdAt,
          created_by: createdBy,
          generation,
          envelope: encodeOrNull(envelope),
          approved_at: approvedAt,
          approved_by: approvedBy,
          rollout,
          ...statementColumns(statement),
          plan: encode(plan),
        };
        await db.insertInto("plans").values(row).execute();
      }),

    async plan(id) {
      const row = await database.db.selectFrom("plans").selectAll().where("id", "=", id).executeTakeFirst();
      return row === undefined ? undefined : (await withApprovals([row]))[0];
    },

    async plans(limit) {
      const query = database.db.selectFrom("plans").selectAll().orderBy("created_at", "desc").orderBy("id", "desc");
      return withApprovals(await query.limit(limit).execute());
    },

    nextGeneration: (source, era) =>
      database.write(async ({ db }) => {
        const counter = era === 1 ? source : `${source} era ${era}`;
        const { last } = await db
          .insertInto("generations")
          .values({ source: counter, last: 1 })
          .onConflict((conflict) =>
            conflict.column("source").doUpdateSet((set) => ({ last: set("generations.last", "+", 1) })),
          )
          .returning("last")
          .executeTakeFirstOrThrow();
        return last;
      }),

    replacePlan: ({ plan, digest, generation, statement }) =>
      database.write(async ({ db }) => {
        const text = { digest, generation, ...statementColumns(statement), plan: encode(plan) };
        const approval = { envelope: null, approved_at: null, approved_by: null };
        const query = db.updateTable("plans").set({ ...text, ...approval });
        const { numUpdatedRows } = await query
          .where("id", "=", plan.id)
          .where("rollout", "is", null)
          .executeTakeFirst();
        if (numUpdatedRows === 0n) return false;
        await db.deleteFrom("approvals").where("plan", "=", plan.id).execute();
        return true;
      }),

    addApproval: (plan, statement, { keyId, person, sig, at, by }) =>
      database.write(async ({ db }) => {
        // The row is written to be held: no other text takes its place before the signature stands.
        const held = await db
          .updateTable("plans")
          .set({ statement_digest: statement })
          .where("id", "=", plan)
          .where("statement_digest", "=", statement)
          .executeTakeFirst();
        if (held.numUpdatedRows === 0n) return "changed";
        const values = { plan, key_id: keyId, statement_digest: statement, person, sig, at, added_by: by };
        const { numInsertedOrUpdatedRows } = await db
          .insertInto("approvals")
          .values(values)
          .onConflict((conflict) => conflict.columns(["plan", "key_id"]).doNothing())
          .executeTakeFirst();
        return numInsertedOrUpdatedRows === 1n ? "added" : "had";
      }),

    approvePlan: (id, { statement, envelope, at, by }) =>
      database.write(async ({ db }) => {
        const { numUpdatedRows } = await db
          .updateTable("plans")
          .set({ envelope: encode(envelope), approved_at: at, approved_by: by })
          .where("id", "=", id)
          .where("statement_digest", "=", statement)
          .where("rollout", "is", null)
          .executeTakeFirst();
        return numUpdatedRows === 1n;
      }),
  };
};

const statementColumns = (statement: Unsigned | null) => ({
  statement: encodeOrNull(statement),
  statement_digest: statement === null ? null : sha256Hex(fromBase64(statement.payload)),
});

const planRow = (row: PlansTable, approvals: readonly ApprovalsTable[]): PlanRow => ({
  plan: decode(row.plan),
  digest: row.digest,
  createdBy: row.created_by,
  generation: row.generation,
  statement: decodeOrNull(row.statement),
  approvals: approvals.map(
    ({ key_id, person, sig, at, added_by }): Approval => ({ keyId: key_id, person, sig, at, by: added_by }),
  ),
  envelope: decodeOrNull(row.envelope),
  approvedAt: row.approved_at,
  approvedBy: row.approved_by,
  rollout: row.rollout,
});
