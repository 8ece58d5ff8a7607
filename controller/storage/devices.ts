/** Devices: who is registered, and the last thing known of each. An id belongs for ever to the key it came with. */
import type { SelectQueryBuilder } from "kysely";
import { KnownStates } from "../fleet/known-state.ts";
import type { DeviceRow, DeviceState, DeviceStore, KnownDevice } from "../store/devices.ts";
import type { Database } from "./database.ts";
import { appendChanges } from "./feed.ts";
import {
  type DeviceBootsTable,
  type DevicesTable,
  type DeviceTrustTable,
  decode,
  decodeOrNull,
  type Tables,
} from "./schema.ts";

export const devicesPart = (database: Database): DeviceStore => ({
  registerDevice: (stream, { id, publicKey, name, site, role }, now) =>
    database.write(async ({ db, bulk, locked }) => {
      const told = (): Promise<void> =>
        appendChanges(db, bulk, stream, [{ at: now, device: id, body: { kind: "registered" }, report: null }]);
      const row = {
        id,
        public_key: publicKey,
        name,
        site,
        role,
        registered_at: now,
        standing: "accepted",
        binding: "front", // a person who registers a device says nothing of its connection
        standing_since: now,
        standing_because: BY_HAND,
      } as const;
      const inserted = await db
        .insertInto("devices")
        .values(row)
        .onConflict((conflict) => conflict.column("id").doNothing())
        .executeTakeFirst();
      if (inserted.numInsertedOrUpdatedRows === 1n) {
        await told();
        return "registered";
      }
      const query = db.selectFrom("devices").select(["public_key", "name", "site", "role"]).where("id", "=", id);
      const before = await locked(query).executeTakeFirstOrThrow();
      if (before.public_key !== publicKey) return "conflict";
      if (before.name !== name || before.site !== site || before.role !== role) {
        await db.updateTable("devices").set({ name, site, role }).where("id", "=", id).execute();
        await told(); // so that every process reads the device again
      }
      return "same";
    }),

  setStanding: (stream, device, standing, because, now) =>
    database.write(async ({ db, bulk, locked }) => {
      const query = db.selectFrom("devices").select("standing").where("id", "=", device);
      const before = await locked(query).executeTakeFirst();
      if (before === undefined) return "unknown";
      if (before.standing === standing) return "same";
      if (before.standing === "revoked" && standing !== "accepted") return "same";
      await db
        .updateTable("devices")
        .set({ standing, standing_since: now, standing_because: because })
        .where("id", "=", device)
        .execute();
      await appendChanges(db, bulk, stream, [{ at: now, device, body: { kind: "standing", standing }, report: null }]);
      return "changed";
    }),

  async device(id) {
    const [row] = await rows(database, (devices) => devices.where("id", "=", id));
    return row === undefined ? undefined : deviceRow(row);
  },

  async devicesAfter(after, limit) {
    const found = await rows(database, (devices) =>
      devices
        .$if(after !== null, (some) => some.where("id", ">", after))
        .orderBy("id")
        .limit(limit),
    );
    const states = new KnownStates(); // what is shared crosses threads once
    return found.map((row): KnownDevice => {
      const { state, standingSince: _, standingBecause: __, binding: ___, ...device } = deviceRow(row);
      return { ...device, state: state === null ? null : states.keep(state, null) };
    });
  },
});

const BY_HAND = "A person registered it.";

type Devices = SelectQueryBuilder<Tables, "devices", DevicesTable>;

/** Devices are chosen before their boots are joined: otherwise PostgreSQL reads all boots before those of the page too. */
const rows = ({ db }: Database, choose: (devices: Devices) => Devices): Promise<Row[]> =>
  db
    .selectFrom(choose(db.selectFrom("devices").selectAll()).as("chosen"))
    .leftJoin("device_boots", "device_boots.device", "chosen.id")
    .leftJoin("device_trust", "device_trust.device", "chosen.id")
    .selectAll("chosen")
    .select(["boot", "content", "trust_version", "policy_version"])
    .orderBy("chosen.id")
    .execute();

type Joined = DeviceBootsTable & DeviceTrustTable;
type Row = DevicesTable & { [C in Exclude<keyof Joined, "device">]: Joined[C] | null };

const deviceRow = (row: Row): DeviceRow => ({
  id: row.id,
  publicKey: row.public_key,
  name: row.name,
  site: row.site,
  role: row.role,
  registeredAt: row.registered_at,
  standing: row.standing,
  standingSince: row.standing_since ?? row.registered_at,
  standingBecause: row.standing_because ?? BY_HAND,
  group: row.device_group,
  image: row.image,
  binding: row.binding,
  state: stateOf(row),
});

function stateOf(row: Row): DeviceState | null {
  const { last_heard_at, leaving, healthy, boot, content, trust_version, policy_version, minor } = row;
  if (last_heard_at === null) return null;
  return {
    lastHeardAt: last_heard_at,
    boot: decodeOrNull(boot),
    healthy: decodeOrNull(healthy),
    content: content === null ? [] : decode(content),
    leaving,
    trust:
      trust_version === null || policy_version === null
        ? null
        : { trustVersion: trust_version, policyVersion: policy_version },
    minor: minor ?? null, // not there in the schema of before
  };
}
