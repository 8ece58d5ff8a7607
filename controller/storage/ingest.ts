/**
 * Ingest: reports become durable, once each, in one transaction a batch.
 *
 * Whatever is acknowledged afterwards stands in the change feed, in the state of its device and in its mailbox, or in
 * none of them. Device rows are locked first and in order, so two writers that are sent the same report store it once.
 */
import type { Sha256 } from "../../protocol/canonical.ts";
import type { DeviceId, EpochId } from "../../protocol/ids.ts";
import type { IngestReport, IngestResult, PresenceReport, ReportStore, SerializedReport } from "../store/reports.ts";
import type { Bulk, Database } from "./database.ts";
import { DeviceStates } from "./device-states.ts";
import { appendChanges, type NewChange } from "./feed.ts";
import { endOrders } from "./mailbox.ts";
import { keepRefusals } from "./refusals.ts";
import { decode, encode, type Json } from "./schema.ts";

export const ingestPart = (database: Database): ReportStore => ({
  ingest: oneAfterTheOther(async (stream, given, presence) => {
    if (given.length === 0 && presence.length === 0) return [];
    const reports = given.map(withBoth);
    return database.write(async ({ db, bulk }) => {
      const states = await DeviceStates.lock(bulk, [...reports, ...presence]);
      const epochs = await EpochPositions.read(bulk, reports);
      const results = epochs.take();
      const stored = reports.filter((_, i) => results[i] === "stored");
      const changes = inOrderOfArrival(stored, presence);
      if (changes.length === 0) return results;
      await states.fold(bulk, changes);
      await appendChanges(db, bulk, stream, changes);
      await epochs.save(bulk);
      await states.save(bulk);
      await endOrders(bulk, stored);
      await keepRefusals(bulk, stored);
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

/** A report that is ready to be stored: with its body, and with that as it is written. */
interface ReadyReport extends IngestReport {
  readonly json: Json<IngestReport["body"]>;
}

const withBoth = (given: IngestReport | SerializedReport): ReadyReport => {
  const { deviceId, epoch, sequence, digest, receivedAt } = given;
  const json = "json" in given ? (given.json as Json<IngestReport["body"]>) : encode(given.body);
  return { deviceId, epoch, sequence, digest, receivedAt, json, body: "json" in given ? decode(json) : given.body };
};

/**
 * Batches of one writer never overtake each other: if the later reports of a device were stored first, the earlier ones
 * would be taken for old and lost.
 */
function oneAfterTheOther(ingest: ReportStore["ingest"]): ReportStore["ingest"] {
  let last: Promise<unknown> = Promise.resolve();
  return (...batch) => {
    const work = last.then(() => ingest(...batch));
    last = work.catch(() => {}); // whoever gave the failed batch is told; the next one goes on
    return work;
  };
}

/** How far each epoch of a batch has come, in storage and then in the batch itself. */
class EpochPositions {
  readonly #reports: readonly IngestReport[];
  /** Of each report the position of its epoch. */
  readonly #positions: readonly Position[];
  /** Of those that are stored already. */
  readonly #digests: ReadonlyMap<string, Sha256 | null>;

  private constructor(
    reports: readonly IngestReport[],
    positions: readonly Position[],
    digests: ReadonlyMap<string, Sha256 | null>,
  ) {
    this.#reports = reports;
    this.#positions = positions;
    this.#digests = digests;
  }

  static async read(bulk: Bulk, reports: readonly IngestReport[]): Promise<EpochPositions> {
    const byKey = new Map<string, Position>();
    const positions = reports.map(({ deviceId: device, epoch, receivedAt }) => {
      const key = `${device} ${epoch}`;
      const known = byKey.get(key);
      if (known !== undefined) return known;
      const position = { device, epoch, through: 0, opened_at: receivedAt, moved: false };
      byKey.set(key, position);
      return position;
    });
    const columns = ["device", "epoch", "through", "opened_at"] as const;
    for (const row of await bulk.select("epochs", columns, [...byKey.values()], ["device", "epoch"])) {
      const position = byKey.get(`${row.device} ${row.epoch}`);
      if (position !== undefined) Object.assign(position, row);
    }

    const again = reports
      .filter(({ sequence }, i) => sequence <= (positions[i]?.through ?? 0))
      .map(({ deviceId, epoch, sequence }) => ({ device: deviceId, epoch, epoch_sequence: sequence }));
    const reportKey = ["device", "epoch", "epoch_sequence"] as const;
    const stored = await bulk.select("changes", [...reportKey, "digest"], again, reportKey);
    const digests = new Map(stored.map((row) => [`${row.device} ${row.epoch} ${row.epoch_sequence}`, row.digest]));
    return new EpochPositions(reports, positions, digests);
  }

  /** Takes every report of the batch; one result each, in order. */
  take(): readonly IngestResult[] {
    const results: IngestResult[] = [];
    for (const [i, { sequence, digest }] of this.#reports.entries()) {
      const position = this.#positions[i] as Position; // one for each report
      if (sequence > position.through) {
        position.through = sequence;
        position.moved = true;
        results.push("stored");
      } else {
        const before = this.#digestBefore(i, results);
        // Not there any more (pruned) or skipped by the device itself: nothing to compare with, and nothing to do.
        results.push((before ?? digest) === digest ? "duplicate" : "conflict");
      }
    }
    return results;
  }

  /** Of the report that has the number of report i: stored before, or taken from this batch. They seldom come again. */
  #digestBefore(i: number, results: readonly IngestResult[]): Sha256 | null | undefined {
    const { deviceId, epoch, sequence } = this.#reports[i] as IngestReport; // `take` counts up to their number
    const place = results.findIndex(
      (result, other) =>
        result === "stored" &&
        this.#positions[other] === this.#positions[i] &&
        this.#reports[other]?.sequence === sequence,
    );
    return this.#reports[place]?.digest ?? this.#digests.get(`${deviceId} ${epoch} ${sequence}`);
  }

  async save(bulk: Bulk): Promise<void> {
    const moved = [...new Set(this.#positions)].filter((position) => position.moved);
    await bulk.insert("epochs", ["device", "epoch", "through", "opened_at"], moved, { key: ["device", "epoch"] });
  }
}

interface Position {
  readonly device: DeviceId;
  readonly epoch: EpochId;
  through: number;
  opened_at: IngestReport["receivedAt"];
  moved: boolean;
}

/** Merges what devices said with what the gateway saw of their connections; each keeps its own order. */
function inOrderOfArrival(reports: readonly ReadyReport[], presence: readonly PresenceReport[]): readonly NewChange[] {
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
