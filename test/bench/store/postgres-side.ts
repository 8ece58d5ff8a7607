/** A PostgreSQL server of the bench's own with a filled database. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "pg";
import { openPostgresStore } from "../../../controller/storage/postgres.ts";
import { startPostgres } from "../../support/postgres.ts";
import { barePostgres } from "./bare-postgres.ts";
import type { StoreSide } from "./side.ts";
import { COLUMNS, FILLED_TABLES, type FilledTable, rowsOf, STREAM_ROW } from "./tables.ts";

/** Rows of a table that are copied at once. */
const FILL_ROWS = 50_000;

export async function openPostgresSide(devices: number): Promise<StoreSide> {
  const server = await startPostgres({ shared_buffers: "512MB", max_wal_size: "4GB" });
  const store = await openPostgresStore({ url: server.url });
  await store.migrate();
  const client = new Client({ connectionString: server.url });
  await client.connect();
  await fill(client, devices);
  const bare = barePostgres(client);
  return {
    kind: "postgres",
    store,
    bare,
    async close() {
      await client.end();
      await store.close();
      await server.stop();
    },
  };
}

/** By files that the server reads: the driver takes ten times as long to write so much into statements. */
async function fill(client: Client, devices: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "ringback-bench-fill-"));
  chmodSync(folder, 0o755); // the server runs as somebody else
  const lines = new Map<FilledTable, string[]>(FILLED_TABLES.map((table) => [table, []]));
  const copy = async (): Promise<void> => {
    for (const [table, rows] of lines) {
      const file = join(folder, table);
      writeFileSync(file, rows.splice(0).join(""), { mode: 0o644 });
      await client.query(`copy ${table} (${COLUMNS[table].join(", ")}) from '${file}'`);
    }
  };
  try {
    let waiting = 0;
    for (const row of rowsOf(devices)) {
      for (const [table, rows] of lines) rows.push(`${row[table].map(asCopied).join("\t")}\n`);
      if (++waiting % FILL_ROWS === 0) await copy();
    }
    await copy();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  await client.query("insert into streams (id, last) values ($1, $2)", [STREAM_ROW.id, STREAM_ROW.lastOf(devices)]);
  await client.query("vacuum analyze");
}

/** As the text format of `copy` wants it. JSON holds no line break and no tab. */
const asCopied = (value: string | number | null): string =>
  value === null ? "\\N" : String(value).replaceAll("\\", "\\\\");
