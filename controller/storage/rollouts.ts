/**
 * Rollouts: decisions as events, devices as rows, orders in mailboxes; each append is one transaction.
 *
 * An append counts only from the leader of now and only on the version it was decided on. Both rows stay locked until
 * the commit, so of two that meet exactly one wins and a leader that was replaced meanwhile changes nothing.
 */
import type { DeviceId, OrderId } from "../../protocol/ids.ts";
import type { AppendResult, RolloutAppend, RolloutDeviceRow, RolloutRow, RolloutStore } from "../store/rollouts.ts";
import type { Bulk, Database, WriteTransaction } from "./database.ts";
import { epochNow } from "./leadership.ts";
import { decode, encode } from "./schema.ts";

export const rolloutsPart = (database: Database): RolloutStore => ({
  createRollout({ id, plan, startedAt, version, cursor }, devices, started, statement) {
    if (version !== 1) throw new RangeError(`a rollout begins with one event, so its version is 1, not ${version}`);
    return database.write(async ({ db, bulk }) => {
      const mine = db.updateTable("plans").set({ rollout: id }).where("id", "=", plan);
      // The rows are of the text that was approved: with another one in its place nothing starts.
      const free = mine.where("rollout", "is", null).where("statement_digest", "=", statement);
      if ((await free.executeTakeFirst()).numUpdatedRows === 0n) {
        const taken = db.selectFrom("plans").select("id").where("id", "=", plan);
        await taken.executeTakeFirstOrThrow(() => new Error(`there is no plan ${plan}`));
        return false;
      }
      const row = { id, plan, started_at: startedAt, version, cursor: encode(cursor) };
      await db.insertInto("rollouts").values(row).execute();
      await db
        .insertInto("rollout_events")
        .values({ rollout: id, version, event: encode(started) })
        .execute();
      await saveDevices(bulk, id, devices);
      return true;
    });
  },

  async rollouts() {
    const rows = await database.db.selectFrom("rollouts").selectAll().orderBy("started_at").orderBy("id").execute();
    return rows.map(({ id, plan, started_at, version, cursor }) => ({
      id,
      plan,
      startedAt: started_at,
      version,
      cursor: decode(cursor),
    }));
  },

  async rolloutEvents(id) {
    const query = database.db.selectFrom("rollout_events").select("event").where("rollout", "=", id);
    return (await query.orderBy("version").execute()).map(({ event }) => decode(event));
  },

  async rolloutDevicesAfter(id, after, limit) {
    const rows = await database.db
      .selectFrom("rollout_devices")
      .select(["device", "wave", "status", "generation", "order_id", "since", "detail"])
      .where("rollout", "=", id)
      .$if(after !== null, (query) => query.where("device", ">", after))
      .orderBy("device")
      .limit(limit)
      .execute();
    return rows.map(({ order_id, ...row }) => ({ ...row, order: order_id }));
  },

  appendRollout: (append) =>
    database.write(async (transaction) => {
      const stale = (await staleLeader(transaction, append)) ?? (await staleVersion(transaction, append));
      if (stale !== undefined) return stale;
      const { db, bulk } = transaction;
      await lockDevices(bulk, append);
      const tooLate = await recall(transaction, append);
      await withdraw(transaction, append);
      const queued = await post(transaction, append);
      const version = append.expectedVersion + append.events.length;
      const events = append.events.map((event, i) => ({
        rollout: append.rollout,
        version: append.expectedVersion + 1 + i,
        event: encode(event),
      }));
      await bulk.insert("rollout_events", ["rollout", "version", "event"], events);
      await saveDevices(bulk, append.rollout, rowsToSave(append, queued, tooLate));
      const end = db.updateTable("rollouts").set({ version, cursor: encode(append.cursor) });
      await end.where("id", "=", append.rollout).execute();
      return { kind: "appended", version, queued: [...queued], tooLate: [...tooLate.values()] };
    }),
});

async function staleLeader(transaction: WriteTransaction, append: RolloutAppend): Promise<AppendResult | undefined> {
  const leaderEpoch = await epochNow(transaction);
  return leaderEpoch === append.leaderEpoch ? undefined : { kind: "stale-leader", leaderEpoch };
}

async function staleVersion(
  { db, locked }: WriteTransaction,
  append: RolloutAppend,
): Promise<AppendResult | undefined> {
  const query = db.selectFrom("rollouts").select("version").where("id", "=", append.rollout);
  const { version } = await locked(query).executeTakeFirstOrThrow(
    () => new Error(`there is no rollout ${append.rollout}`),
  );
  return version === append.expectedVersion ? undefined : { kind: "stale-version", version };
}

async function lockDevices(bulk: Bulk, { posts, recalls, withdrawals }: RolloutAppend): Promise<void> {
  const ids = new Set([...posts, ...recalls, ...withdrawals].map(({ device }) => device));
  const keys = [...ids].sort().map((id) => ({ id }));
  await bulk.select("devices", ["id"], keys, ["id"], "lock");
}

/** Ends orders that nobody was handed. Answers those that were, by device. */
async function recall({ bulk }: WriteTransaction, { recalls }: RolloutAppend): Promise<ReadonlyMap<DeviceId, OrderId>> {
  const keys = recalls.map(({ device, order }) => ({ device, order_id: order }));
  const rows = await bulk.select("mailbox", ["device", "order_id", "handed_at"], keys, ["order_id", "device"]);
  const tooLate = new Map(
    rows.filter(({ handed_at }) => handed_at !== null).map(({ device, order_id }) => [device, order_id]),
  );
  const ended = keys.filter(({ device }) => !tooLate.has(device)).map((key) => ({ ...key, status: "ended" as const }));
  await bulk.update("mailbox", ["order_id", "device"], ["order_id", "device", "status"], ended);
  return tooLate;
}

/** What nobody was handed just ends; for what may run, the agent is told. */
async function withdraw({ bulk }: WriteTransaction, { withdrawals }: RolloutAppend): Promise<void> {
  const keys = withdrawals.map(({ device, order }) => ({ device, order_id: order }));
  const rows = await bulk.select("mailbox", ["device", "order_id", "status"], keys, ["order_id", "device"]);
  const withdrawn = rows.map(({ status, ...key }) => ({
    ...key,
    status: status === "handed" ? status : ("ended" as const),
    withdrawn: 1 as const,
  }));
  const columns = ["order_id", "device", "status", "withdrawn"] as const;
  await bulk.update("mailbox", ["order_id", "device"], columns, withdrawn);
}

const MAILBOX = [
  "device",
  "position",
  "order_id",
  "plan",
  "rollout",
  "envelope",
  "status",
  "withdrawn",
  "handed_at",
] as const;

/** Answers the orders that stand behind another open one. */
async function post({ bulk }: WriteTransaction, { rollout, posts }: RolloutAppend): Promise<ReadonlySet<OrderId>> {
  const devices = [...new Set(posts.map(({ device }) => device))].map((device) => ({ device }));
  const before = await bulk.select("mailbox", ["device", "position", "status", "withdrawn"], devices, ["device"]);
  const lastPosition = new Map<DeviceId, number>();
  const busy = new Set<DeviceId>();
  for (const { device, position, status, withdrawn } of before) {
    lastPosition.set(device, Math.max(position, lastPosition.get(device) ?? 0));
    if (status !== "ended" && withdrawn === 0) busy.add(device);
  }
  const queued = new Set<OrderId>();
  const rows = posts.map(({ device, order, plan, envelope }) => {
    const position = (lastPosition.get(device) ?? 0) + 1;
    lastPosition.set(device, position);
    if (busy.has(device)) queued.add(order);
    busy.add(device);
    return {
      device,
      position,
      order_id: order,
      plan,
      rollout,
      envelope: encode(envelope),
      status: "waiting" as const,
      withdrawn: 0 as const,
      handed_at: null,
    };
  });
  await bulk.insert("mailbox", MAILBOX, rows);
  return queued;
}

function rowsToSave(
  { rows }: RolloutAppend,
  queued: ReadonlySet<OrderId>,
  tooLate: ReadonlyMap<DeviceId, OrderId>,
): readonly RolloutDeviceRow[] {
  return rows
    .filter(({ device }) => !tooLate.has(device))
    .map((row) =>
      row.status === "offered" && row.order !== null && queued.has(row.order) ? { ...row, status: "queued" } : row,
    );
}

const DEVICES = ["rollout", "device", "wave", "status", "generation", "order_id", "since", "detail"] as const;

async function saveDevices(bulk: Bulk, rollout: RolloutRow["id"], rows: readonly RolloutDeviceRow[]): Promise<void> {
  // One row a device: the last word counts.
  const last = new Map(rows.map((row) => [row.device, row]));
  const values = [...last.values()].map(({ order, ...row }) => ({ rollout, ...row, order_id: order }));
  await bulk.insert("rollout_devices", DEVICES, values, { key: ["rollout", "device"] });
}
