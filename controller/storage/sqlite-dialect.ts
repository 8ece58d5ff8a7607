/**
 * Kysely's SQLite dialect with three things changed: a transaction that writes takes the write lock when it begins and
 * waits for it without blocking the thread; statements are prepared once; a transaction that SQLite itself has already
 * rolled back (disk full) is not rolled back again, which would hide why.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Database as Handle } from "better-sqlite3";
import {
  CompiledQuery,
  type DatabaseConnection,
  type Driver,
  SqliteDialect,
  SqliteDriver,
  type TransactionSettings,
} from "kysely";

export const BUSY_RETRY_MS = 2;

export class SqliteTransactionsDialect extends SqliteDialect {
  readonly #handle: Handle;
  readonly #busyMaxMs: number;

  constructor(handle: Handle, busyMaxMs: number) {
    super({ database: handle });
    this.#handle = handle;
    this.#busyMaxMs = busyMaxMs;
  }

  override createDriver(): Driver {
    return new SqliteTransactionsDriver(this.#handle, this.#busyMaxMs);
  }
}

class SqliteTransactionsDriver extends SqliteDriver {
  readonly #handle: Handle;
  readonly #busyMaxMs: number;

  constructor(handle: Handle, busyMaxMs: number) {
    super({ database: preparedOnce(handle) });
    this.#handle = handle;
    this.#busyMaxMs = busyMaxMs;
  }

  override async beginTransaction(connection: DatabaseConnection, settings?: TransactionSettings): Promise<void> {
    const begin = CompiledQuery.raw(settings?.accessMode === "read only" ? "begin" : "begin immediate");
    for (let waitedMs = 0; ; waitedMs += BUSY_RETRY_MS) {
      try {
        await connection.executeQuery(begin);
        return;
      } catch (error) {
        if (!isBusy(error) || waitedMs >= this.#busyMaxMs) throw error;
      }
      await sleep(BUSY_RETRY_MS);
    }
  }

  override async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    if (this.#handle.inTransaction) await super.rollbackTransaction(connection);
  }
}

export const isBusy = (error: unknown): boolean =>
  error instanceof Error && "code" in error && String(error.code).startsWith("SQLITE_BUSY");

/** Kysely prepares a statement for each query; the store has few different ones, so all of them are kept. */
function preparedOnce(handle: Handle) {
  const statements = new Map<string, ReturnType<Handle["prepare"]>>();
  return {
    close: () => void handle.close(),
    prepare(sql: string) {
      let statement = statements.get(sql);
      if (statement === undefined) statements.set(sql, (statement = handle.prepare(sql)));
      return statement;
    },
  };
}
