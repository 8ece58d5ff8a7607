/** Incidents: their events, the version that each is about, and the evidence that is kept with them. */
import type { IncidentCrash, IncidentStore, StoredIncidentEvent } from "../store/incidents.ts";
import type { Database } from "./database.ts";
import { epochNow } from "./leadership.ts";
import { decode, encode } from "./schema.ts";

const ABOUT = ["id", "title", "source", "sha256", "evidence", "declared_at", "declared_by"] as const;

export const incidentsPart = (database: Database): IncidentStore => ({
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

  appendIncident: ({ incident, expectedVersion, leaderEpoch, events, about }) =>
    database.write(async (transaction) => {
      const { db, bulk, locked } = transaction;
      const epoch = await epochNow(transaction);
      if (epoch !== leaderEpoch) return { kind: "stale-leader", leaderEpoch: epoch };
      const head = { incident, version: 0 };
      await db
        .insertInto("incident_heads")
        .values(head)
        .onConflict((conflict) => conflict.column("incident").doNothing())
        .execute();
      const before = await locked(
        db.selectFrom("incident_heads").select("version").where("incident", "=", incident),
      ).executeTakeFirstOrThrow();
      if (before.version !== expectedVersion) return { kind: "stale-version", version: before.version };
      const rows = events.map((event, i) => ({ incident, version: expectedVersion + 1 + i, event: encode(event) }));
      await bulk.insert("incident_events", ["incident", "version", "event"], rows);
      const version = expectedVersion + events.length;
      await db.updateTable("incident_heads").set({ version }).where("incident", "=", incident).execute();
      if (about !== undefined) {
        const { declaredAt, declaredBy, ...row } = about;
        const shown = { ...row, declared_at: declaredAt, declared_by: declaredBy };
        await bulk.insert("incidents", ABOUT, [shown], { key: ["id"] });
      }
      return { kind: "appended", version };
    }),

  async incidentEvents(known) {
    const heads = await database.db.selectFrom("incident_heads").selectAll().execute();
    const found: StoredIncidentEvent[] = [];
    for (const { incident, version } of heads) {
      const from = known[incident] ?? 0;
      if (version <= from) continue;
      const query = database.db.selectFrom("incident_events").selectAll().where("incident", "=", incident);
      const rows = await query.where("version", ">", from).orderBy("version").execute();
      found.push(...rows.map((row) => ({ ...row, event: decode(row.event) })));
    }
    return found;
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
