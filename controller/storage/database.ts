/**
 * What the two databases do differently. Everything else of the store is written once, over this.
 *
 * A transaction is one call of `write`. It may run more than once (PostgreSQL asks for that when two of them met), so
 * it must not do anything but database work.
 */
import type { Kysely, SelectQueryBuilder, Transaction } from "kysely";
import type { Tables } from "./schema.ts";

export type Table = keyof Tables;
export type Column<T extends Table> = keyof Tables[T] & string;

/** Statements over many rows at once: the hot path of ingest, and fleets of rollout rows. */
export interface Bulk {
  /** With `replace`, rows that exist by `key` get the other columns' new values. */
  insert<T extends Table, C extends Column<T>>(
    table: T,
    columns: readonly C[],
    rows: readonly Pick<Tables[T], C>[],
    replace?: { readonly key: readonly C[] },
  ): Promise<void>;
  /** Sets all columns that are not of `key`. */
  update<T extends Table, C extends Column<T>>(
    table: T,
    key: readonly C[],
    columns: readonly C[],
    rows: readonly Pick<Tables[T], C>[],
  ): Promise<void>;
  /** Rows by key, in the order of the key in the table; missing ones are left out. With `lock`, they stay ours. */
  select<T extends Table, K extends Column<T>, C extends Column<T>>(
    table: T,
    columns: readonly C[],
    keys: readonly Pick<Tables[T], K>[],
    key: readonly K[],
    lock?: "lock",
  ): Promise<readonly Pick<Tables[T], C>[]>;
}

export interface WriteTransaction {
  readonly db: Transaction<Tables>;
  readonly bulk: Bulk;
  /** Keeps the selected rows ours until the end. SQLite has one writer, so there everything is. */
  readonly locked: <DB, TB extends keyof DB, O>(query: SelectQueryBuilder<DB, TB, O>) => SelectQueryBuilder<DB, TB, O>;
}

export interface Database {
  readonly kind: "sqlite" | "postgres";
  /** For single statements that read. */
  readonly db: Kysely<Tables>;
  write<Result>(run: (transaction: WriteTransaction) => Promise<Result>): Promise<Result>;
  /** Several reads that see the same moment. */
  snapshot<Result>(run: (db: Kysely<Tables>, bulk: Pick<Bulk, "select">) => Promise<Result>): Promise<Result>;
  /** One process at a time until the end of the transaction, also before there is any table. */
  lockSchema(db: Transaction<Tables>): Promise<void>;
  close(): Promise<void>;
}
