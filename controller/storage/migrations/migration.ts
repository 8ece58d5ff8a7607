/** One step of the schema. `migrate.ts` says what it may do. */
import type { Transaction } from "kysely";
import type { Database } from "../database.ts";
import type { Tables } from "../schema.ts";

export interface Migration {
  /** Counts from 1 without gaps. */
  readonly number: number;
  readonly name: string;
  /** The oldest migration whose code still works once this one has run: its own number less one, unless it contracts. */
  readonly codeFrom: number;
  readonly up: (db: Transaction<Tables>, kind: Database["kind"]) => Promise<void>;
}
