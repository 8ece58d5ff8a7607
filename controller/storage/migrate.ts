/**
 * Brings the schema up to date: forward only, all of it in one transaction, one process at a time.
 *
 * Expand, then contract: a version of the program must work on the schema of the next one, because processes are
 * replaced one by one. So a migration only adds; what is no longer used goes in a later version, when no process that
 * used it can still run, and says so in `codeFrom`. A program that is older than that refuses to start.
 */
import { sql } from "kysely";
import { StoreFailed } from "../store/failures.ts";
import type { Database } from "./database.ts";
import type { Migration } from "./migrations/migration.ts";
import { MIGRATIONS } from "./migrations/all.ts";

/** @throws StoreFailed `schema` if the database was changed by a version this one cannot work beside. */
export async function migrate(database: Database, migrations: readonly Migration[] = MIGRATIONS): Promise<void> {
  await database.write(async ({ db }) => {
    await database.lockSchema(db);
    await sql`
      create table if not exists schema_migrations
      (number integer not null primary key, name text not null, code_from integer not null)`.execute(db);
    const done = await db.selectFrom("schema_migrations").selectAll().execute();
    const newest = migrations.length;
    const tooNew = done.find(({ code_from }) => code_from > newest);
    if (tooNew !== undefined) {
      throw new StoreFailed(
        "schema",
        `The database was changed by a newer version (${tooNew.name}) that this one, which knows the schema up to ${newest}, ` +
          "cannot work beside. Nothing was changed. Start the newer version again.",
      );
    }
    for (const { number, name, codeFrom, up } of migrations) {
      if (done.some((row) => row.number === number)) continue;
      await up(db, database.kind);
      await db.insertInto("schema_migrations").values({ number, name, code_from: codeFrom }).execute();
    }
  });
}
