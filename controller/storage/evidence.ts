/**
 * What a rollout left behind, device by device: every order that was ever posted for it, and every signed receipt.
 *
 * A page is one moment, and costs the reports of its devices since the rollout began. That a report carries a receipt
 * shows in its text; what it is, only where it was parsed.
 */
import { sql } from "kysely";
import type { DeviceId } from "../../protocol/ids.ts";
import { later } from "../../protocol/time.ts";
import type { DeviceTrace, EvidenceStore, SignedReceipt } from "../store/evidence.ts";
import type { Database } from "./database.ts";
import { decode, type Tables } from "./schema.ts";

/** Controllers' clocks differ by less: no receipt is older than its rollout by more than this. */
const SKEW_MS = 600_000;
/** As a body that carries one holds it. In a text inside a body the quotes are escaped, so no device can plant it. */
const carriesReceipt = sql<boolean>`body like ${'%"receipt":%'}`;

export const evidencePart = (database: Database): EvidenceStore => ({
  rolloutTracesAfter: (rollout, after, limit) =>
    database.snapshot(async (db) => {
      const devices = await db
        .selectFrom("rollout_devices")
        .innerJoin("devices", "devices.id", "rollout_devices.device")
        .innerJoin("rollouts", "rollouts.id", "rollout_devices.rollout")
        .select(["devices.id", "name", "public_key", "registered_at", "device_group", "started_at"])
        .where("rollout", "=", rollout)
        .$if(after !== null, (query) => query.where("device", ">", after as DeviceId))
        .orderBy("device")
        .limit(limit)
        .execute();
      const [first] = devices;
      if (first === undefined) return [];
      const ids = devices.map(({ id }) => id);
      const orders = await db
        .selectFrom("mailbox")
        .select(["device", "envelope"])
        .where("device", "in", ids)
        .where("rollout", "=", rollout)
        .orderBy("device")
        .orderBy("position")
        .execute();
      const reports = await db
        .selectFrom("changes")
        .select(["device", "stream", "sequence", "body"])
        .where("device", "in", ids)
        .where("epoch", "is not", null)
        .where("at", ">=", later(first.started_at, -SKEW_MS))
        .where(carriesReceipt)
        .orderBy("at")
        .orderBy("sequence")
        .execute();
      const ordersOf = Map.groupBy(orders, ({ device }) => device);
      const reportsOf = Map.groupBy(reports, ({ device }) => device);
      return devices.map(
        ({ id, name, public_key, registered_at, device_group }): DeviceTrace => ({
          device: id,
          name,
          publicKey: public_key,
          registeredAt: registered_at,
          group: device_group,
          orders: (ordersOf.get(id) ?? []).map(({ envelope }) => decode(envelope)),
          receipts: (reportsOf.get(id) ?? []).flatMap(receiptIn),
        }),
      );
    }),
});

type ReportRow = Pick<Tables["changes"], "stream" | "sequence" | "body">;

function receiptIn({ stream, sequence, body: json }: ReportRow): SignedReceipt[] {
  const body = decode(json);
  if (body.kind === "order-ended") return [{ of: "order", stream, sequence, receipt: body.receipt }];
  const receipt = body.kind === "step-progress" ? body.progress.receipt : undefined;
  return receipt === undefined ? [] : [{ of: "step", stream, sequence, receipt }];
}
