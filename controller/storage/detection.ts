/**
 * What detection remembers, and what the controller may do by itself.
 *
 * A save is one transaction of the leader of now: memory, place in the feed, devices and exposures always belong together,
 * so whoever reads them and tells the feed on from there has the same numbers.
 */
import type { DetectionDevice, Store } from "../store.ts";
import type { Database } from "./database.ts";
import { epochNow } from "./leadership.ts";
import { type DetectionDevicesTable, decode, decodeOrNull, encode } from "./schema.ts";

type DetectionMethods =
  | "saveDetection"
  | "detection"
  | "detectionDevicesAfter"
  | "detectionExposuresAfter"
  | "responseRules"
  | "putResponseRules";

export const detectionPart = (database: Database): Pick<Store, DetectionMethods> => ({
  saveDetection: ({ leaderEpoch, at, cursor, names, memory, shown, devices, exposures, cleared, retired, anew }) =>
    database.write(async (transaction) => {
      if ((await epochNow(transaction)) !== leaderEpoch) return "stale-leader";
      const { db, bulk } = transaction;
      if (anew) {
        await db.deleteFrom("detection_devices").execute();
        await db.deleteFrom("detection_exposures").execute();
      }
      const row = { id: 1 as const, at, cursor: encode(cursor), names, memory, shown };
      await bulk.insert("detection", ["id", "at", "cursor", "names", "memory", "shown"], [row], { key: ["id"] });
      const key = { key: ["device"] } as const;
      const rows = devices.map(({ device, slot, known, memory: own }) => ({
        device,
        slot,
        known: encode(known),
        memory: own === null ? null : encode(own),
      }));
      const remembering = rows.filter((each) => each.memory !== null);
      await bulk.insert("detection_devices", ["device", "slot", "known", "memory"], remembering, key);
      const without = rows.filter((each) => each.memory === null);
      await bulk.insert("detection_devices", ["device", "slot", "known"], without, key);
      const dated = exposures.map(({ device, version, writtenAt }) => ({ device, version, written_at: writtenAt }));
      await bulk.insert("detection_exposures", ["device", "version", "written_at"], dated, {
        key: ["version", "device"],
      });
      for (const { device, version } of cleared) {
        const over = db.deleteFrom("detection_exposures").where("version", "=", version).where("device", "=", device);
        await over.execute();
      }
      for (const version of retired)
        await db.deleteFrom("detection_exposures").where("version", "=", version).execute();
      return "saved";
    }),

  async detection() {
    const row = await database.db.selectFrom("detection").selectAll().executeTakeFirst();
    if (row === undefined) return undefined;
    const { at, cursor, names, memory, shown } = row;
    return { at, cursor: decode(cursor), names, memory, shown };
  },

  async detectionDevicesAfter(after, limit) {
    const query = database.db.selectFrom("detection_devices").selectAll().where("slot", ">", after);
    return (await query.orderBy("slot").limit(limit).execute()).map(deviceOf);
  },

  async detectionExposuresAfter(after, limit) {
    const all = database.db.selectFrom("detection_exposures").selectAll();
    const query =
      after === null
        ? all
        : all.where((where) =>
            where.or([
              where("version", ">", after.version),
              where.and([where("version", "=", after.version), where("device", ">", after.device)]),
            ]),
          );
    const rows = await query.orderBy("version").orderBy("device").limit(limit).execute();
    return rows.map(({ written_at, ...exposure }) => ({ ...exposure, writtenAt: written_at }));
  },

  async responseRules() {
    const row = await database.db.selectFrom("response_rules").selectAll().executeTakeFirst();
    if (row === undefined) return undefined;
    return { rules: decode(row.rules), changedAt: row.changed_at, changedBy: row.changed_by };
  },

  putResponseRules: ({ rules, changedAt, changedBy }) =>
    database.write(async ({ bulk }) => {
      const row = { id: 1 as const, rules: encode(rules), changed_at: changedAt, changed_by: changedBy };
      await bulk.insert("response_rules", ["id", "rules", "changed_at", "changed_by"], [row], { key: ["id"] });
    }),
});

const deviceOf = ({ device, slot, known, memory }: DetectionDevicesTable): DetectionDevice => ({
  device,
  slot,
  known: decode(known),
  memory: decodeOrNull(memory),
});
