/** Groups and plans: what people wrote down. A plan is approved once and gets one rollout. */
import type { PlanRow, Store } from "../ports.ts";
import type { Database } from "./database.ts";
import { decode, decodeOrNull, encode, encodeOrNull, type PlansTable } from "./schema.ts";

type PlanMethods = "addPlan" | "plan" | "plans" | "nextGeneration" | "approvePlan";

export const plansPart = (database: Database): Pick<Store, PlanMethods> => ({
  addPlan: ({ plan, digest, createdBy, generation, envelope, approvedAt, approvedBy, rollout }) =>
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
        plan: encode(plan),
      };
      await db.insertInto("plans").values(row).execute();
    }),

  async plan(id) {
    const row = await database.db.selectFrom("plans").selectAll().where("id", "=", id).executeTakeFirst();
    return row === undefined ? undefined : planRow(row);
  },

  async plans(limit) {
    const query = database.db.selectFrom("plans").selectAll().orderBy("created_at", "desc").orderBy("id", "desc");
    return (await query.limit(limit).execute()).map(planRow);
  },

  nextGeneration: (source) =>
    database.write(async ({ db }) => {
      const { last } = await db
        .insertInto("generations")
        .values({ source, last: 1 })
        .onConflict((conflict) =>
          conflict.column("source").doUpdateSet((set) => ({ last: set("generations.last", "+", 1) })),
        )
        .returning("last")
        .executeTakeFirstOrThrow();
      return last;
    }),

  approvePlan: (id, { envelope, generation, at, by }) =>
    database.write(async ({ db }) => {
      const approval = { envelope: encode(envelope), generation, approved_at: at, approved_by: by };
      const query = db.updateTable("plans").set(approval).where("id", "=", id).where("approved_at", "is", null);
      if ((await query.executeTakeFirst()).numUpdatedRows === 1n) return true;
      const plan = db.selectFrom("plans").select("id").where("id", "=", id);
      await plan.executeTakeFirstOrThrow(() => new Error(`there is no plan ${id}`));
      return false;
    }),
});

const planRow = (row: PlansTable): PlanRow => ({
  plan: decode(row.plan),
  digest: row.digest,
  createdBy: row.created_by,
  generation: row.generation,
  envelope: decodeOrNull(row.envelope),
  approvedAt: row.approved_at,
  approvedBy: row.approved_by,
  rollout: row.rollout,
});

type GroupMethods = "putGroup" | "deleteGroup" | "groups";

export const groupsPart = (database: Database): Pick<Store, GroupMethods> => ({
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
