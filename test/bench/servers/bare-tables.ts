/**
 * The statements that make a batch of reports durable, without anything around them: prepared once, one transaction a
 * batch, on the thread that asks. The same statements on the same tables under the same pragmas as ours.
 */
import SqliteDatabase from "better-sqlite3";

export interface BareReport {
  readonly device: string;
  readonly epoch: string;
  readonly sequence: number;
  readonly at: number;
  readonly body: { readonly kind: string; readonly boot?: { readonly content: unknown }; readonly healthy?: unknown };
}

const STREAM = "stream_06awrsb1c0000000000000bare";
const DIGEST = "0".repeat(64);

export class BareTables {
  private readonly db: SqliteDatabase.Database;
  private readonly write: (reports: readonly BareReport[]) => void;

  constructor(file: string) {
    const db = new SqliteDatabase(file);
    this.db = db;
    db.pragma("journal_mode = wal");
    db.pragma("synchronous = full");
    db.pragma("foreign_keys = on");
    db.pragma("wal_autocheckpoint = 4096");
    db.pragma("journal_size_limit = 67108864");
    db.pragma("cache_size = -65536");
    const selectDevice = db.prepare("select id, last_heard_at, leaving, healthy from devices where id = ?");
    const selectEpoch = db.prepare(
      "select device, epoch, through, opened_at from epochs where device = ? and epoch = ?",
    );
    const moveStream = db.prepare(
      "insert into streams (id, last) values (?, ?) on conflict (id) do update set last = streams.last + ? returning last",
    );
    const insertChange = db.prepare(
      "insert into changes (stream, sequence, at, month, device, epoch, epoch_sequence, digest, body) values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
    );
    const upsertEpoch = db.prepare(
      "insert into epochs (device, epoch, through, opened_at) values (?, ?, ?, ?) on conflict (device, epoch) do update set through = excluded.through, opened_at = excluded.opened_at",
    );
    const updateDevice = db.prepare("update devices set last_heard_at = ?, leaving = ?, healthy = ? where id = ?");
    const upsertBoot = db.prepare(
      "insert into device_boots (device, boot, content) values (?, ?, ?) on conflict (device) do update set boot = excluded.boot, content = excluded.content",
    );
    const write = db.transaction((reports: readonly BareReport[]) => {
      for (const { device, epoch } of reports) {
        selectDevice.get(device);
        selectEpoch.get(device, epoch);
      }
      const { last } = moveStream.get(STREAM, reports.length, reports.length) as { last: number };
      let place = last - reports.length;
      for (const { device, epoch, sequence, at, body } of reports) {
        insertChange.run(STREAM, ++place, at, 202_611, device, epoch, sequence, DIGEST, JSON.stringify(body));
        upsertEpoch.run(device, epoch, sequence, at);
        updateDevice.run(at, null, body.healthy === undefined ? null : JSON.stringify(body.healthy), device);
        if (body.boot !== undefined) {
          upsertBoot.run(device, JSON.stringify(body.boot), JSON.stringify(body.boot.content));
        }
      }
    });
    this.write = (reports) => {
      write.immediate(reports);
    };
  }

  publicKeys(): ReadonlyMap<string, string> {
    const rows = this.db.prepare("select id, public_key from devices").all() as { id: string; public_key: string }[];
    return new Map(rows.map((row) => [row.id, row.public_key]));
  }

  /** By epoch, up to where its reports are durable. */
  throughs(): ReadonlyMap<string, number> {
    const rows = this.db.prepare("select epoch, through from epochs").all() as { epoch: string; through: number }[];
    return new Map(rows.map((row) => [row.epoch, row.through]));
  }

  store(reports: readonly BareReport[]): void {
    this.write(reports);
  }

  close(): void {
    this.db.close();
  }
}
