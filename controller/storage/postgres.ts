/**
 * The record in PostgreSQL, for more than one controller process.
 *
 * Transactions read what is committed and lock the rows they decide on, in one order everywhere: leadership, rollout,
 * devices by id, stream. Should two of them meet all the same, the database ends one, and it is run again.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { Kysely, PostgresDialect, sql } from "kysely";
import { Pool, types } from "pg";
import type { Store } from "../store.ts";
import type { Database } from "./database.ts";
import { kyselyStore } from "./kysely-store.ts";
import { postgresBulk } from "./postgres-bulk.ts";
import type { Tables } from "./schema.ts";

export interface PostgresOptions {
  /** postgres://user:password@host:port/database */
  readonly url: string;
  readonly connectionsMax?: number;
}

const CONNECTIONS_MAX = 10;
const CONNECT_MAX_MS = 10_000;
/** A statement that takes this long, or waits this long for a lock, fails; what waits for it must not wait for ever. */
const STATEMENT_MAX_MS = 60_000;
const LOCK_MAX_MS = 30_000;
/** The server takes back the locks of a process that stopped in the middle of a transaction. */
const IDLE_IN_TRANSACTION_MAX_MS = 30_000;
const ATTEMPTS_MAX = 10;
/** Any number that nobody else locks in the same database: "rbk" in ASCII. */
const SCHEMA_LOCK = 0x72626b;

/** Connects when first used. */
export function openPostgresStore(options: PostgresOptions): Promise<Store> {
  return Promise.resolve(kyselyStore(openPostgres(options)));
}

export function openPostgres({ url, connectionsMax = CONNECTIONS_MAX }: PostgresOptions): Database {
  const pool = new Pool({
    connectionString: url,
    max: connectionsMax,
    connectionTimeoutMillis: CONNECT_MAX_MS,
    statement_timeout: STATEMENT_MAX_MS,
    lock_timeout: LOCK_MAX_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MAX_MS,
    keepAlive: true,
    application_name: "ringback",
    types: { getTypeParser },
  });
  pool.on("error", () => {}); // a connection broke that nobody used; the next call makes a new one or says why not
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
  return {
    kind: "postgres",
    db,
    async write(run) {
      for (let attempt = 1; ; attempt++) {
        try {
          return await db.transaction().execute((transaction) =>
            run({
              db: transaction,
              bulk: postgresBulk(transaction),
              locked: (query) => query.forNoKeyUpdate(),
            }),
          );
        } catch (error) {
          if (!wasEndedForAnother(error) || attempt === ATTEMPTS_MAX) throw error;
        }
        await sleep(attempt * 5);
      }
    },
    snapshot: (run) =>
      db
        .transaction()
        .setIsolationLevel("repeatable read")
        .setAccessMode("read only")
        .execute((transaction) => run(transaction, postgresBulk(transaction))),
    async lockSchema(transaction) {
      await sql`select pg_advisory_xact_lock(${SCHEMA_LOCK})`.execute(transaction);
    },
    close: () => db.destroy(),
  };
}

/** Serialization failure and deadlock: nothing was done, and the same may be done again. */
const wasEndedForAnother = (error: unknown): boolean =>
  error instanceof Error && "code" in error && (error.code === "40001" || error.code === "40P01");

/** Times and sequences are 64 bits in the database and far below 2^53 in life. */
function getTypeParser(oid: number, format?: "text" | "binary"): (value: string) => unknown {
  return oid === types.builtins.INT8 ? Number : (types.getTypeParser(oid, format) as (value: string) => unknown);
}
