/**
 * A SQLite file behind the store.
 *
 * WAL with `synchronous=FULL`: a commit has reached the disk when it resolves. Writers take the file's one write lock at
 * the beginning (`begin immediate`), so a transaction that began never fails because of another.
 */
import SqliteDatabase from "better-sqlite3";
import { Kysely } from "kysely";
import { StoreFailed } from "../store/failures.ts";
import type { Database } from "./database.ts";
import type { Tables } from "./schema.ts";
import { sqliteBulk } from "./sqlite-bulk.ts";
import { BUSY_RETRY_MS, isBusy, SqliteTransactionsDialect } from "./sqlite-dialect.ts";

/** How long to wait for another process or thread that writes to the same file. */
const BUSY_MAX_MS = 30_000;
/** Pages in the write-ahead log before they go to their places: 16 MiB, a few thousand reports at a time. */
const CHECKPOINT_PAGES = 4_096;
/** A write-ahead log that grew beyond this, because somebody read for long, gives the room back. */
const JOURNAL_BYTES_MAX = 67_108_864;
const CACHE_KIB = 65_536;
/** A reader's cache is thrown away whenever the writer has committed: it only has to hold what one query looks at twice. */
const READER_CACHE_KIB = 2_048;

export interface SqliteOptions {
  /** A path, or `:memory:`. */
  readonly file: string;
  readonly readonly?: boolean;
  /** Whether waiting for another writer may block the thread. If other work runs on it, it must not. */
  readonly ownThread?: boolean;
}

/** @throws StoreFailed `io` if the file cannot be opened or is no database */
export function openSqlite({ file, readonly = false, ownThread = false }: SqliteOptions): Database {
  const handle = openFile(file, readonly);
  if (!ownThread) handle.pragma("busy_timeout = 0"); // from here on waiting must let other work run
  const db = new Kysely<Tables>({ dialect: new SqliteTransactionsDialect(handle, BUSY_MAX_MS) });
  const bulk = sqliteBulk(handle);
  return {
    kind: "sqlite",
    db,
    write: (run) => db.transaction().execute((transaction) => run({ db: transaction, bulk, locked: (query) => query })),
    snapshot: (run) =>
      db
        .transaction()
        .setAccessMode("read only")
        .execute((transaction) => run(transaction, bulk)),
    lockSchema: () => Promise.resolve(), // the write lock is the file's
    async close() {
      await db.destroy();
      handle.close(); // if it was never used, Kysely does not know of it
    },
  };
}

function openFile(file: string, readonly: boolean): SqliteDatabase.Database {
  let handle: SqliteDatabase.Database | undefined;
  try {
    handle = new SqliteDatabase(file, { readonly, fileMustExist: readonly, timeout: BUSY_MAX_MS });
    if (!readonly) switchToWriteAheadLog(handle);
    handle.pragma("synchronous = full");
    handle.pragma("foreign_keys = on");
    handle.pragma(`wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
    handle.pragma(`journal_size_limit = ${JOURNAL_BYTES_MAX}`);
    handle.pragma(`cache_size = -${readonly ? READER_CACHE_KIB : CACHE_KIB}`);
    return handle;
  } catch (cause) {
    handle?.close();
    const advice = "Check that its folder is there and may be written, and that the file is a database of Ringback.";
    throw new StoreFailed("io", `The database ${file} cannot be opened. ${advice}`, { cause });
  }
}

/** Two that make a new file at once are both told at once that it is busy: here SQLite does not wait by itself. */
function switchToWriteAheadLog(handle: SqliteDatabase.Database): void {
  const nobody = new Int32Array(new SharedArrayBuffer(4));
  for (let waitedMs = 0; ; waitedMs += BUSY_RETRY_MS) {
    try {
      handle.pragma("journal_mode = wal");
      return;
    } catch (error) {
      if (!isBusy(error) || waitedMs >= BUSY_MAX_MS) throw error;
    }
    Atomics.wait(nobody, 0, 0, BUSY_RETRY_MS);
  }
}
