/** A PostgreSQL server of the bench's own with a filled database. */
import { Client } from "pg";
import { openPostgresStore } from "../../../controller/storage/postgres.ts";
import { startPostgres } from "../../support/postgres.ts";
import { barePostgres } from "./bare-postgres.ts";
import type { StoreSide } from "./side.ts";
import { COLUMNS, FILLED_TABLES, type FilledTable, rowsOf, STREAM_ROW } from "./tables.ts";

/** A statement's share of the filling. */
const FILL_ROWS = 2_000;

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

async function fill(client: Client, devices: number): Promise<void> {
  const insert = async (table: FilledTable, rows: readonly (readonly (string | number | null)[])[]): Promise<void> => {
    const columns = COLUMNS[table];
    const arrays = columns.map((column, i) => `$${i + 1}::${isNumber(column) ? "bigint" : "text"}[]`).join(", ");
    const values = columns.map((_, i) => rows.map((row) => row[i]));
    await client.query(`insert into ${table} (${columns.join(", ")}) select * from unnest(${arrays})`, values);
  };
  await client.query("set synchronous_commit = off");
  let part: Record<FilledTable, (string | number | null)[]>[] = [];
  const write = async (): Promise<void> => {
    for (const table of FILLED_TABLES) {
      await insert(
        table,
        part.map((row) => row[table]),
      );
    }
    part = [];
  };
  for (const row of rowsOf(devices)) {
    part.push(row as Record<FilledTable, (string | number | null)[]>);
    if (part.length === FILL_ROWS) await write();
  }
  await write();
  await client.query("insert into streams (id, last) values ($1, $2)", [STREAM_ROW.id, STREAM_ROW.lastOf(devices)]);
  await client.query("reset synchronous_commit");
  await client.query("vacuum analyze");
}

const NUMBERS = new Set([
  "registered_at",
  "last_heard_at",
  "through",
  "opened_at",
  "sequence",
  "at",
  "month",
  "epoch_sequence",
]);
const isNumber = (column: string): boolean => NUMBERS.has(column);
