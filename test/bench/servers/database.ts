/**
 * The database file that servers of a bench begin with, and what stands in it afterwards.
 *
 * Devices are written straight into the table: registering them is not what is measured, and one transaction each would
 * take longer than the bench.
 */
import SqliteDatabase from "better-sqlite3";
import { openSqliteStore } from "../../../controller/storage/sqlite.ts";
import { deviceIdOf, publicKeyOf } from "../load/identity.ts";

/** The controller calls it so, in its data folder. */
export const DATABASE_NAME = "ringback.sqlite";

const SITES = 50;

/** @param first number of the first device; see `identity.ts` */
export async function makeDatabase(file: string, first: number, count: number): Promise<void> {
  const store = await openSqliteStore({ file });
  await store.migrate();
  await store.close();
  using handle = open(file);
  const insert = handle.db.prepare(
    "insert into devices (id, public_key, name, site, role, registered_at) values (?, ?, ?, ?, ?, ?)",
  );
  handle.db.transaction(() => {
    for (let number = first; number < first + count; number++) {
      const names = [`PC-${number}`, `Site ${number % SITES}`, "workstation"];
      insert.run(deviceIdOf(number), publicKeyOf(number), ...names, 1_795_000_000_000);
    }
  })();
}

/** By device id: how many reports of it are durable, and the highest number among them. */
export function reportsIn(file: string): ReadonlyMap<string, { readonly count: number; readonly through: number }> {
  using handle = open(file);
  const rows = handle.db
    .prepare(
      "select device, count(*) as count, max(epoch_sequence) as through from changes where epoch is not null group by device",
    )
    .all() as { device: string; count: number; through: number }[];
  return new Map(rows.map(({ device, ...row }) => [device, row]));
}

function open(file: string): Disposable & { readonly db: SqliteDatabase.Database } {
  const db = new SqliteDatabase(file);
  return { db, [Symbol.dispose]: () => void db.close() };
}
