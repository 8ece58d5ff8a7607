/** Many rows in SQLite, inside the transaction that Kysely holds open: written by a prepared statement run once a row, read by one for all. */
import type { Database as Handle, Statement } from "better-sqlite3";
import type { Bulk } from "./database.ts";

export function sqliteBulk(handle: Handle): Bulk {
  const statements = new Map<string, Statement>();
  const prepared = (sql: string): Statement => {
    let statement = statements.get(sql);
    if (statement === undefined) statements.set(sql, (statement = handle.prepare(sql)));
    return statement;
  };
  return {
    async insert(table, columns, rows, replace) {
      if (rows.length === 0) return;
      const values = columns.map(() => "?").join(", ");
      const insert = `insert into ${table} (${columns.join(", ")}) values (${values})`;
      const statement = prepared(insert + onConflict(columns, replace?.key));
      for (const row of rows) statement.run(...columns.map((column) => row[column]));
    },

    async update(table, key, columns, rows) {
      if (rows.length === 0) return;
      const changed = columns.filter((column) => !key.includes(column));
      const set = changed.map((column) => `${column} = ?`).join(", ");
      const statement = prepared(`update ${table} set ${set} where ${matching(key)}`);
      const order = [...changed, ...key];
      for (const row of rows) statement.run(...order.map((column) => row[column]));
    },

    async select(table, columns, keys, key) {
      if (keys.length === 0) return [];
      const names = columns.map((column) => `t.${column}`).join(", ");
      const on = key.map((column, i) => `t.${column} = k.value ->> ${i}`).join(" and ");
      // One statement for all: going in and out of SQLite for each row costs as much as finding it. In their order.
      const statement = prepared(`select ${names} from json_each(?) as k cross join ${table} as t on ${on}`);
      const values = JSON.stringify(keys.map((row) => key.map((column) => row[column])));
      return statement.all(values) as never[]; // rows were written by the statements above, under the same types
    },
  };
}

const matching = (key: readonly string[]): string => key.map((column) => `${column} = ?`).join(" and ");

/** Shared with PostgreSQL, which says it in the same words. */
export function onConflict(columns: readonly string[], key: readonly string[] | undefined): string {
  if (key === undefined) return "";
  const set = columns.filter((column) => !key.includes(column)).map((column) => `${column} = excluded.${column}`);
  return ` on conflict (${key.join(", ")}) do update set ${set.join(", ")}`;
}
