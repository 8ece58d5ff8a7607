/** Many rows in PostgreSQL: one statement over `unnest`, with an array a column. */
import { CompiledQuery, type Transaction } from "kysely";
import type { Bulk, Column, Table } from "./database.ts";
import type { Tables } from "./schema.ts";
import { onConflict } from "./sqlite-bulk.ts";

/** Rows a statement; keeps its arrays within a few megabytes. */
const ROWS_MAX = 5_000;

type Integers<T extends Table> = {
  [C in Column<T>]: NonNullable<Tables[T][C]> extends number ? C : never;
}[Column<T>];

/** `unnest` must be told what its arrays hold. Leaving out a column of numbers, or naming another, does not compile. */
const INTEGERS: { readonly [T in Table]: Readonly<Record<Integers<T>, true>> } = {
  devices: { registered_at: true, last_heard_at: true, standing_since: true, minor: true },
  device_boots: {},
  device_trust: { trust_version: true, policy_version: true },
  epochs: { through: true, opened_at: true },
  streams: { last: true },
  changes: { sequence: true, at: true, month: true, epoch_sequence: true },
  mailbox: { position: true, withdrawn: true, handed_at: true },
  device_groups: {},
  incidents: { declared_at: true },
  incident_crashes: { at: true },
  plans: { created_at: true, generation: true, approved_at: true },
  approvals: { at: true },
  trust_documents: { version: true, stored_at: true },
  policies: { position: true, version: true, stored_at: true },
  generations: { last: true },
  rollouts: { started_at: true, version: true },
  rollout_events: { version: true },
  rollout_devices: { wave: true, generation: true, since: true },
  gateways: { beats: true, alive_at: true, lost_beats: true, lost_from: true, lost_at: true },
  leadership: { id: true, epoch: true, until: true },
  setup_codes: { expires_at: true, used_at: true },
  tokens: { created_at: true },
  enrolment_tokens: {
    pool: true,
    uses_max: true,
    uses: true,
    created_at: true,
    expires_at: true,
    revoked_at: true,
  },
  emergency_stops: { at: true, resumed_at: true },
  holds: { made_at: true, approved_at: true, released_at: true },
  word_approvals: { at: true },
  refusals: { sequence: true, at: true },
  detection: { id: true, at: true, parts: true },
  detection_devices: { slot: true },
  detection_exposures: { version: true, written_at: true },
  detection_part_devices: { slot: true },
  detection_part_exposures: { version: true, written_at: true },
  incident_heads: { version: true },
  incident_events: { version: true },
  response_rules: { id: true, changed_at: true },
  webhooks: { generation: true, rotated_at: true, made_at: true },
  webhook_deliveries: { at: true, attempts: true, next_at: true },
  schema_migrations: { number: true, code_from: true },
};

export function postgresBulk(db: Transaction<Tables>): Bulk {
  /** Runs a statement on the rows, part by part. `sql` is told what stands for the rows in it. */
  async function run<T extends Table, C extends Column<T>>(
    table: T,
    columns: readonly C[],
    rows: readonly Pick<Tables[T], C>[],
    sql: (unnest: string) => string,
  ): Promise<unknown[]> {
    const found: unknown[] = [];
    const integers: object = INTEGERS[table];
    const arrays = columns.map((column, i) => `$${i + 1}::${column in integers ? "bigint" : "text"}[]`);
    for (let from = 0; from < rows.length; from += ROWS_MAX) {
      const part = rows.slice(from, from + ROWS_MAX);
      const values = columns.map((column) => part.map((row) => row[column]));
      const query = CompiledQuery.raw(sql(`unnest(${arrays.join(", ")})`), values);
      found.push(...(await db.executeQuery(query)).rows);
    }
    return found;
  }

  return {
    async insert(table, columns, rows, replace) {
      const names = columns.join(", ");
      const end = onConflict(columns, replace?.key);
      await run(table, columns, rows, (unnest) => `insert into ${table} (${names}) select * from ${unnest}${end}`);
    },

    async update(table, key, columns, rows) {
      const changed = columns.filter((column) => !key.includes(column));
      const set = changed.map((column) => `${column} = v.${column}`).join(", ");
      const from = (unnest: string): string => `${unnest} as v (${columns.join(", ")})`;
      await run(
        table,
        columns,
        rows,
        (unnest) => `update ${table} as t set ${set} from ${from(unnest)} where ${same(key)}`,
      );
    },

    async select(table, columns, keys, key, lock) {
      const names = columns.map((column) => `t.${column}`).join(", ");
      const order = key.map((column) => `t.${column}`).join(", ");
      // Locks are taken in the order of the key, so that two that want the same rows do not wait for each other.
      const end = `order by ${order}${lock === undefined ? "" : " for no key update of t"}`;
      const from = (unnest: string): string => `${table} as t join ${unnest} as v (${key.join(", ")}) on ${same(key)}`;
      const found = await run(table, key, keys, (unnest) => `select ${names} from ${from(unnest)} ${end}`);
      return found as never[]; // rows were written under the same types
    },
  };
}

const same = (key: readonly string[]): string => key.map((column) => `t.${column} = v.${column}`).join(" and ");
