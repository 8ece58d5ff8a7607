/**
 * Ingest: reports become durable, once each, in one transaction a batch.
 *
 * Whatever is acknowledged afterwards stands in the change feed, in the state of its device and in its mailbox, or in
 * none of them. Device rows are locked first and in order, so two writers that are sent the same report store it once.
 */
import type { Sha256 } from "../../protocol/canonical.ts";
import type { DeviceId, EpochId } from "../../protocol/ids.ts";
import type { IngestReport, IngestResult, PresenceReport, Store } from "../ports.ts";
import type { Bulk, Database } from "./database.ts";
import { DeviceStates } from "./device-states.ts";
import { appendChanges, type NewChange } from "./feed.ts";
import { endOrders } from "./mailbox.ts";
import { decode } from "./schema.ts";

export const ingestPart = (database: Database): Pick<Store, "ingest" | "through" | "reportsOf"> => ({
  ingest: oneAfterTheOther(async (stream, reports, presence) => {
    if (reports.length === 0 && presence.length === 0) return [];
    return database.write(async ({ db, bulk }) => {
      const states = await DeviceStates.lock(bulk, [...reports, ...presence]);
      const epochs = await EpochPositions.read(bulk, reports);
      const results = reports.map((report) => epochs.take(report));
      const stored = reports.filter((_, i) => results[i] === "stored");
      const changes = inOrderOfArrival(stored, presence);
      if (changes.length === 0) return results;
      await states.fold(bulk, changes);
      await appendChanges(db, bulk, stream, changes);
      await epochs.save(bulk);
      await states.save(bulk);
      await endOrders(bulk, stored);
      return results;
    });
  }),

  async through(device, epoch) {
    const query = database.db.selectFrom("epochs").select("through");
    const row = await query.where("device", "=", device).where("epoch", "=", epoch).executeTakeFirst();
    return row?.through ?? 0;
  },

  reportsOf: (device, limit, before) =>
    database.snapshot(async (db) => {
      const reports: IngestReport[] = [];
      const all = await db
        .selectFrom("epochs")
        .select("epoch")
        .where("device", "=", device)
        .orderBy("opened_at", "desc")
        .orderBy("epoch", "desc")
        .execute();
      const from = before === undefined ? 0 : all.findIndex(({ epoch }) => epoch === before.epoch);
      for (const { epoch } of from < 0 ? [] : all.slice(from)) {
        if (reports.length >= limit) break;
        const below = epoch === before?.epoch ? before.sequence : null;
        const rows = await db
          .selectFrom("changes")
          .select(["epoch_sequence", "digest", "at", "body"])
          .where("device", "=", device)
          .where("epoch", "=", epoch)
          .$if(below !== null, (query) => query.where("epoch_sequence", "<", below))
          .orderBy("epoch_sequence", "desc")
          .limit(limit - reports.length)
          .execute();
        for (const { epoch_sequence, digest, at, body } of rows) {
          reports.push({
            deviceId: device,
            epoch,
            sequence: epoch_sequence as number, // an epoch means that it is a report,
            digest: digest as Sha256, // and a report has both
            receivedAt: at,
            body: decode(body) as IngestReport["body"],
          });
        }
      }
      return reports;
    }),
});

/**
 * Batches of one writer never overtake each other: if the later reports of a device were stored first, the earlier ones
 * would be taken for old and lost.
 */
function oneAfterTheOther(ingest: Store["ingest"]): Store["ingest"] {
  let last: Promise<unknown> = Promise.resolve();
  return (...batch) => {
    const work = last.then(() => ingest(...batch));
    last = work.catch(() => {}); // whoever gave the failed batch is told; the next one goes on
    return work;
  };
}

/** How far each epoch of a batch has come, in storage and then in the batch itself. */
class EpochPositions {
  readonly #positions: ReadonlyMap<string, Position>;
  /** Digests of reports at or below the positions, as far as they are stored or were taken from this batch. */
  readonly #digests: Map<string, Sha256>;

  private constructor(positions: ReadonlyMap<string, Position>, digests: Map<string, Sha256>) {
    this.#positions = positions;
    this.#digests = digests;
  }

  static async read(bulk: Bulk, reports: readonly IngestReport[]): Promise<EpochPositions> {
    const positions = new Map<string, Position>();
    for (const { deviceId: device, epoch, receivedAt } of reports) {
      const key = `${device} ${epoch}`;
      if (!positions.has(key)) positions.set(key, { device, epoch, through: 0, opened_at: receivedAt, moved: false });
    }
    const columns = ["device", "epoch", "through", "opened_at"] as const;
    const known = await bulk.select("epochs", columns, [...positions.values()], ["device", "epoch"]);
    for (const row of known) positions.set(`${row.device} ${row.epoch}`, { ...row, moved: false });

    const again = reports
      .filter(({ deviceId, epoch, sequence }) => sequence <= (positions.get(`${deviceId} ${epoch}`)?.through ?? 0))
      .map(({ deviceId, epoch, sequence }) => ({ device: deviceId, epoch, epoch_sequence: sequence }));
    const reportKey = ["device", "epoch", "epoch_sequence"] as const;
    const old = await bulk.select("changes", [...reportKey, "digest"], again, reportKey);
    const digests = new Map<string, Sha256>();
    for (const { device, epoch, epoch_sequence, digest } of old) {
      if (digest !== null) digests.set(`${device} ${epoch} ${epoch_sequence}`, digest);
    }
    return new EpochPositions(positions, digests);
  }

  take({ deviceId, epoch, sequence, digest }: IngestReport): IngestResult {
    const position = this.#positions.get(`${deviceId} ${epoch}`);
    if (position === undefined) throw new Error(`epoch ${epoch} was not read`);
    const key = `${deviceId} ${epoch} ${sequence}`;
    if (sequence > position.through) {
      position.through = sequence;
      position.moved = true;
      this.#digests.set(key, digest);
      return "stored";
    }
    const before = this.#digests.get(key);
    // Not there any more (pruned) or skipped by the device itself: nothing to compare with, and nothing to do.
    return before === undefined || before === digest ? "duplicate" : "conflict";
  }

  async save(bulk: Bulk): Promise<void> {
    const moved = [...this.#positions.values()].filter((position) => position.moved);
    await bulk.insert("epochs", ["device", "epoch", "through", "opened_at"], moved, { key: ["device", "epoch"] });
  }
}

interface Position {
  readonly device: DeviceId;
  readonly epoch: EpochId;
  through: number;
  readonly opened_at: IngestReport["receivedAt"];
  moved: boolean;
}

/** Merges what devices said with what the gateway saw of their connections; each keeps its own order. */
function inOrderOfArrival(reports: readonly IngestReport[], presence: readonly PresenceReport[]): readonly NewChange[] {
  const changes: NewChange[] = [];
  let next = 0;
  const seenBefore = (report: IngestReport, { receivedAt, presence: { kind } }: PresenceReport): boolean =>
    receivedAt < report.receivedAt || (receivedAt === report.receivedAt && kind === "connected");
  const seen = ({ deviceId, receivedAt, presence: body }: PresenceReport): void => {
    changes.push({ at: receivedAt, device: deviceId, body, report: null });
  };
  for (const report of reports) {
    for (let line = presence[next]; line !== undefined && seenBefore(report, line); line = presence[++next]) seen(line);
    changes.push({ at: report.receivedAt, device: report.deviceId, body: report.body, report });
  }
  for (const line of presence.slice(next)) seen(line);
  return changes;
}
