/** The schema: brought up to date once, by whoever comes first, and shared with the next version. */
import { sql } from "kysely";
import { describe, expect, test } from "vitest";
import { migrate } from "../../controller/storage/migrate.ts";
import { MIGRATIONS } from "../../controller/storage/migrations/all.ts";
import type { Migration } from "../../controller/storage/migrations/migration.ts";
import { device, NOON, REGISTERED, stream } from "../support/fleet-builders.ts";
import { aRegistration, aReport } from "../support/record-builders.ts";
import type { Given } from "./given.ts";

/** What the next version might do: a column and a table that this one does not know. */
const next = (codeFrom: number): Migration => ({
  number: MIGRATIONS.length + 1,
  name: "next",
  codeFrom,
  async up(db) {
    await sql`alter table devices add column owner text not null default 'nobody'`.execute(db);
    await sql`create table owners (name text not null primary key)`.execute(db);
  },
});

export const migrationContract = (given: Given): void => {
  describe("schema", () => {
    const migrateTo = async (...migrations: Migration[]): Promise<void> => {
      const database = given.database.openBelow();
      try {
        await migrate(database, migrations);
      } finally {
        await database.close();
      }
    };

    test("brought up to date again, nothing happens to what is stored", async () => {
      await given.one.registerDevice(stream(1), aRegistration(1), NOON);
      await given.one.migrate();
      await Promise.all([given.one.migrate(), given.other.migrate()]);
      expect(await given.other.device(device(1))).toMatchObject({ name: "PC-1" });
    });

    test("brought up to date by several at once, each migration runs once", async () => {
      let runs = 0;
      const counted = { ...next(1), up: (db, kind) => (runs++, next(1).up(db, kind)) } satisfies Migration;
      await Promise.all([1, 2, 3].map(() => migrateTo(...MIGRATIONS, counted)));
      expect(runs).toBe(1);
    });

    test("this version works on the schema of the next one", async () => {
      await migrateTo(...MIGRATIONS, next(1));
      await given.one.migrate();
      await given.one.registerDevice(stream(1), aRegistration(1), NOON);
      expect(await given.other.ingest(stream(1), [aReport(1, 1)], [])).toEqual(["stored"]);
      expect(await given.one.device(device(1))).toMatchObject({ name: "PC-1", state: { lastHeardAt: NOON } });
    });

    test.each(MIGRATIONS.map(({ name }, i) => ({ name, version: i + 1 })))(
      "from the version of $name on, everything stored is kept",
      async ({ version }) => {
        const old = await given.fresh();
        const below = old.openBelow();
        await migrate(below, MIGRATIONS.slice(0, version));
        const { id, publicKey, name, site, role } = aRegistration(1);
        await below.write(({ db }) =>
          sql`insert into devices (id, public_key, name, site, role, registered_at)
            values (${id}, ${publicKey}, ${name}, ${site}, ${role}, ${NOON})`.execute(db),
        ); // as every version from the first on has written it
        await below.close();
        const store = await given.openOn(old);
        await store.ingest(stream(1), [aReport(1, 1)], []);
        await store.migrate();
        expect(await store.device(device(1))).toMatchObject({
          ...REGISTERED,
          name: "PC-1",
          state: { lastHeardAt: NOON },
        });
        expect(await store.incidents()).toEqual([]);
      },
    );

    test("this version refuses a schema that needs a newer one, and changes nothing", async () => {
      await migrateTo(...MIGRATIONS, next(MIGRATIONS.length + 1));
      await expect(given.one.migrate()).rejects.toMatchObject({ name: "StoreFailed", code: "schema" });
    });

    test("a migration that fails leaves the schema as it was", async () => {
      const broken: Migration = {
        ...next(1),
        async up(db, kind) {
          await next(1).up(db, kind);
          throw new Error("power cut");
        },
      };
      await expect(migrateTo(...MIGRATIONS, broken)).rejects.toThrow("power cut");
      await migrateTo(...MIGRATIONS, next(1));
    });
  });
};
