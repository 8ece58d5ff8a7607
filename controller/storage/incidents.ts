/** Incidents, and the evidence that is kept with them. */
import type { IncidentCrash, Store } from "../store.ts";
import type { Database } from "./database.ts";
import { decode, encode } from "./schema.ts";

type IncidentMethods = "addIncident" | "incidents" | "pinCrashes" | "crashesOf";

export const incidentsPart = (database: Database): Pick<Store, IncidentMethods> => ({
  addIncident: ({ id, title, source, sha256, evidence, declaredAt, declaredBy }) =>
    database.write(async ({ db }) => {
      const row = { id, title, source, sha256, evidence, declared_at: declaredAt, declared_by: declaredBy };
      await db.insertInto("incidents").values(row).execute();
    }),

  async incidents() {
    const rows = await database.db.selectFrom("incidents").selectAll().orderBy("declared_at").orderBy("id").execute();
    return rows.map(({ declared_at, declared_by, ...row }) => ({
      ...row,
      declaredAt: declared_at,
      declaredBy: declared_by,
    }));
  },

  pinCrashes: (crashes) =>
    database.write(async ({ bulk }) => {
      const rows = crashes.map(({ boot, ...crash }) => ({ ...crash, boot: encode(boot) }));
      await bulk.insert("incident_crashes", ["incident", "device", "at", "boot"], rows, {
        key: ["incident", "device"],
      });
    }),

  async crashesOf(incident, after, limit) {
    let query = database.db.selectFrom("incident_crashes").selectAll().where("incident", "=", incident);
    if (after !== null) query = query.where("device", ">", after);
    const rows = await query.orderBy("device").limit(limit).execute();
    return rows.map(({ boot, ...row }): IncidentCrash => ({ ...row, boot: decode(boot) }));
  },
});
