import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { migrate } from "../../controller/storage/migrate.ts";
import { openPostgres, openPostgresStore } from "../../controller/storage/postgres.ts";
import { device, NOON, stream } from "../support/fleet-builders.ts";
import { type Postgres, startPostgres, whyNoPostgres } from "../support/postgres.ts";
import { aRegistration } from "../support/record-builders.ts";
import { describeStore } from "./contract.ts";
import type { TestDatabase } from "./given.ts";

const why = whyNoPostgres();

describe.skipIf(why !== undefined)(`PostgreSQL${why === undefined ? "" : ` (not here: ${why})`}`, () => {
  let server: Postgres;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.stop());

  async function run(statement: string): Promise<void> {
    const client = new Client({ connectionString: server.url });
    await client.connect();
    await client.query(statement);
    await client.end();
  }

  let schemas = 0;
  /** A schema is as good as a database of its own, and made faster. */
  async function newSchema(): Promise<TestDatabase> {
    const name = `test_${++schemas}`;
    await run(`create schema ${name}`);
    const url = `${server.url}?options=${encodeURIComponent(`-c search_path=${name}`)}`;
    return {
      open: () => openPostgresStore({ url }),
      openBelow: () => openPostgres({ url }),
      remove: () => run(`drop schema ${name} cascade`),
    };
  }

  describeStore("store", newSchema);

  test("a server that is not there is said in words", async () => {
    const store = await openPostgresStore({ url: "postgres://ringback@127.0.0.1:1/postgres" });
    await expect(store.device(device(1))).rejects.toMatchObject({ name: "StoreFailed", code: "unreachable" });
    await store.close();
  });

  test("of two transactions that wait for each other the server ends one, and it is run again", async () => {
    const database = await newSchema();
    const below = database.openBelow();
    await migrate(below);
    const store = await database.open();
    for (const n of [1, 2]) await store.registerDevice(stream(1), aRegistration(n), NOON);
    let holding = 0;
    const lockBoth = (...devices: readonly number[]) =>
      below.write(async ({ db, locked }) => {
        for (const n of devices) {
          await locked(db.selectFrom("devices").select("id").where("id", "=", device(n))).execute();
          holding++;
          await expect.poll(() => holding).toBeGreaterThanOrEqual(2); // until each has its first
        }
      });
    await Promise.all([lockBoth(1, 2), lockBoth(2, 1)]);
    expect(holding).toBe(5); // four, and one that was taken again
    await below.close();
    await store.close();
    await database.remove();
  });

  test("a connection that the server ends is replaced", async () => {
    const database = await newSchema();
    const store = await database.open();
    await store.migrate();
    await run("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'ringback'");
    await expect.poll(() => store.feedEnd().catch(() => undefined)).toEqual({});
    await store.close();
    await database.remove();
  });
});
