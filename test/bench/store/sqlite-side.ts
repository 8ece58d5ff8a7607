/** A file with a filled SQLite database, in a folder of its own. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import SqliteDatabase from "better-sqlite3";
import { openSqliteStore } from "../../../controller/storage/sqlite.ts";
import { BareTables } from "../servers/bare-tables.ts";
import type { StoreSide } from "./side.ts";
import { COLUMNS, FILLED_TABLES, rowsOf, STREAM_ROW } from "./tables.ts";

export async function openSqliteSide(devices: number): Promise<StoreSide> {
  const folder = mkdtempSync(join(tmpdir(), "ringback-bench-store-"));
  const file = join(folder, "ringback.sqlite");
  const empty = await openSqliteStore({ file });
  await empty.migrate();
  await empty.close();
  fill(file, devices);
  const store = await openSqliteStore({ file });
  const bare = new BareTables(file);
  return {
    kind: "sqlite",
    store,
    async bare(reports) {
      bare.store(reports.map(({ deviceId: device, receivedAt: at, ...report }) => ({ device, at, ...report })));
    },
    async close() {
      bare.close();
      await store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Without syncing: a bench that is killed begins anew. */
function fill(file: string, devices: number): void {
  const db = new SqliteDatabase(file);
  db.pragma("synchronous = off");
  db.pragma("cache_size = -262144");
  const statements = FILLED_TABLES.map((table) => {
    const columns = COLUMNS[table];
    const marks = columns.map(() => "?").join(", ");
    return { table, statement: db.prepare(`insert into ${table} (${columns.join(", ")}) values (${marks})`) };
  });
  db.transaction(() => {
    for (const row of rowsOf(devices)) for (const { table, statement } of statements) statement.run(...row[table]);
    db.prepare("insert into streams (id, last) values (?, ?)").run(STREAM_ROW.id, STREAM_ROW.lastOf(devices));
  })();
  db.pragma("wal_checkpoint(truncate)");
  db.close();
}
