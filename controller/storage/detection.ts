/**
 * What detection remembers, and what the controller may do by itself.
 *
 * Memory, place in the feed, devices and exposures always belong together, so whoever reads them and tells the feed on
 * from there has the same numbers. What is too much for one transaction is staged in parts, which count from the save on
 * that says so, in its transaction, and are taken over before anything else.
 */
import type { Transaction } from "kysely";
import type { DetectionDevice, DetectionExposure, DetectionStore } from "../store/detection.ts";
import type { ResponseRuleStore } from "../store/response-rules.ts";
import type { Bulk, Database } from "./database.ts";
import { epochNow } from "./leadership.ts";
import {
  type DetectionDevicesTable,
  type DetectionExposuresTable,
  decode,
  decodeOrNull,
  encode,
  type Tables,
} from "./schema.ts";

export const detectionPart = (database: Database): DetectionStore & ResponseRuleStore => ({
  stageDetection: ({ leaderEpoch, isFirst, devices, exposures }) =>
    database.write(async (transaction) => {
      if ((await epochNow(transaction)) !== leaderEpoch) return "stale-leader";
      const { db, bulk } = transaction;
      await mustBeWhole(db);
      if (isFirst) {
        await db.deleteFrom("detection_part_devices").execute();
        await db.deleteFrom("detection_part_exposures").execute();
      }
      const columns = ["device", "slot", "known", "memory"] as const;
      await bulk.insert("detection_part_devices", columns, devices.map(rowOf));
      await bulk.insert("detection_part_exposures", ["device", "version", "written_at"], exposures.map(exposureRowOf));
      return "staged";
    }),

  saveDetection: ({ leaderEpoch, at, cursor, names, memory, shown, anew, hasParts, ...changes }) =>
    database.write(async (transaction) => {
      if ((await epochNow(transaction)) !== leaderEpoch) return "stale-leader";
      const { db, bulk } = transaction;
      await mustBeWhole(db);
      if (anew) {
        await db.deleteFrom("detection_devices").execute();
        await db.deleteFrom("detection_exposures").execute();
      }
      const row = { id: 1 as const, at, cursor: encode(cursor), names, memory, shown, parts: hasParts ? 1 : 0 };
      const columns = ["id", "at", "cursor", "names", "memory", "shown", "parts"] as const;
      await bulk.insert("detection", columns, [row], { key: ["id"] });
      await putDevices(bulk, changes.devices.map(rowOf));
      await putExposures(bulk, changes.exposures.map(exposureRowOf));
      for (const { device, version } of changes.cleared) {
        const over = db.deleteFrom("detection_exposures").where("version", "=", version).where("device", "=", device);
        await over.execute();
      }
      for (const version of changes.retired) {
        await db.deleteFrom("detection_exposures").where("version", "=", version).execute();
        if (hasParts) await db.deleteFrom("detection_part_exposures").where("version", "=", version).execute();
      }
      return "saved";
    }),

  takeDetectionParts: (leaderEpoch, limit) =>
    database.write(async (transaction) => {
      if ((await epochNow(transaction)) !== leaderEpoch) return "stale-leader";
      const { db, bulk } = transaction;
      if (!(await hasPartsLeft(db))) return "done";
      const devices = await db
        .selectFrom("detection_part_devices")
        .selectAll()
        .orderBy("device")
        .limit(limit)
        .execute();
      const last = devices.at(-1);
      if (last !== undefined) {
        await putDevices(bulk, devices);
        await db.deleteFrom("detection_part_devices").where("device", "<=", last.device).execute();
        return "more";
      }
      const staged = db.selectFrom("detection_part_exposures").selectAll().orderBy("version").orderBy("device");
      const exposures = await staged.limit(limit).execute();
      await putExposures(bulk, exposures);
      for (const version of new Set(exposures.map((each) => each.version))) {
        const taken = exposures.findLast((each) => each.version === version);
        if (taken === undefined) continue;
        const over = db.deleteFrom("detection_part_exposures").where("version", "=", version);
        await over.where("device", "<=", taken.device).execute();
      }
      if (exposures.length === limit) return "more";
      await db.updateTable("detection").set({ parts: 0 }).execute();
      return "done";
    }),

  async detection() {
    const row = await database.db.selectFrom("detection").selectAll().executeTakeFirst();
    if (row === undefined) return undefined;
    const { at, cursor, names, memory, shown } = row; // parts are the store's own business
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

const rowOf = ({ device, slot, known, memory }: DetectionDevice): DetectionDevicesTable => ({
  device,
  slot,
  known: encode(known),
  memory: memory === null ? null : encode(memory),
});

const exposureRowOf = ({ device, version, writtenAt }: DetectionExposure): DetectionExposuresTable => {
  return { device, version, written_at: writtenAt };
};

async function putDevices(bulk: Bulk, rows: readonly DetectionDevicesTable[]): Promise<void> {
  const key = { key: ["device"] } as const;
  const remembering = rows.filter(({ memory }) => memory !== null);
  await bulk.insert("detection_devices", ["device", "slot", "known", "memory"], remembering, key);
  const without = rows.filter(({ memory }) => memory === null);
  await bulk.insert("detection_devices", ["device", "slot", "known"], without, key);
}

const putExposures = (bulk: Bulk, rows: readonly DetectionExposuresTable[]): Promise<void> =>
  bulk.insert("detection_exposures", ["device", "version", "written_at"], rows, { key: ["version", "device"] });

async function hasPartsLeft(db: Transaction<Tables>): Promise<boolean> {
  return (await db.selectFrom("detection").select("parts").executeTakeFirst())?.parts === 1;
}

/** Staged over what is still to be taken over, two saves would be mixed. */
async function mustBeWhole(db: Transaction<Tables>): Promise<void> {
  if (await hasPartsLeft(db)) throw new Error("parts of what detection remembers are still to be taken over");
}
