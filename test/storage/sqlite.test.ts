import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import SqliteDatabase from "better-sqlite3";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Store } from "../../controller/store.ts";
import { kyselyStore } from "../../controller/storage/kysely-store.ts";
import { openOnThreads, openSqliteStore, openSqliteStoreInThread } from "../../controller/storage/sqlite.ts";
import { openSqlite } from "../../controller/storage/sqlite-database.ts";
import { DatabaseThread } from "../../controller/storage/sqlite-thread.ts";
import { device, NOON, stream } from "../support/fleet-builders.ts";
import { aRegistration, aReport, epoch } from "../support/record-builders.ts";
import { describeStore } from "./contract.ts";
import type { TestDatabase } from "./given.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ringback-sqlite-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

let files = 0;
const newFile = (): string => join(folder, `${++files}.sqlite`);

function newDatabase(open: (file: string) => ReturnType<TestDatabase["open"]>): Promise<TestDatabase> {
  const file = newFile();
  return Promise.resolve({
    open: () => open(file),
    openBelow: () => openSqlite({ file }),
    remove: () => Promise.resolve(),
  });
}

describeStore("SQLite on the caller's thread", () =>
  newDatabase((file) => Promise.resolve(openSqliteStoreInThread(file))),
);

// Starting a thread takes longer than most tests, so those of one test are used again by the next.
const started: DatabaseThread[] = [];
const idle: DatabaseThread[] = [];
function aThread(): DatabaseThread {
  const thread = idle.pop() ?? new DatabaseThread();
  if (!started.includes(thread)) started.push(thread);
  return thread;
}
afterAll(() => Promise.all(started.map((thread) => thread.stop())));

async function openOnIdleThreads(file: string): Promise<Store> {
  const threads = { writer: aThread(), reader: aThread() };
  const store = await openOnThreads(file, threads);
  let closed: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    await store.close();
    idle.push(threads.writer, threads.reader);
  };
  return { ...store, close: () => (closed ??= close()) };
}

describeStore("SQLite on threads of its own", () => newDatabase(openOnIdleThreads));

describe("SQLite", () => {
  test("a store in memory needs no file", async () => {
    const store = openSqliteStoreInThread(":memory:");
    await store.migrate();
    await store.registerDevice(stream(1), aRegistration(1), NOON);
    expect(await store.ingest(stream(1), [aReport(1, 1)], [])).toEqual(["stored"]);
    expect(await store.reportsOf(device(1), 1)).toHaveLength(1);
    await store.close();
  });

  test("a file that another is making ready is waited for", async () => {
    const file = newFile();
    const other = new SqliteDatabase(file);
    other.exec("begin immediate"); // SQLite refuses the change to a write-ahead log at once, without waiting
    const opening = openOnIdleThreads(file);
    await (await openOnIdleThreads(newFile())).close(); // meanwhile the first has been refused at least once
    other.exec("commit");
    other.close();
    const store = await opening;
    await store.migrate();
    await store.close();
  });

  test("a store that was never used can be closed", async () => {
    await openSqliteStoreInThread(":memory:").close();
    const store = await openSqliteStore({ file: newFile() });
    await store.close();
  });

  test("a file that is no database is refused in words, and stays as it is", async () => {
    const file = newFile();
    await writeFile(file, "something else entirely, long enough to have a header ".repeat(20));
    await expect(openSqliteStore({ file })).rejects.toMatchObject({ name: "StoreFailed", code: "io" });
  });

  test("a folder that is not there is refused in words", async () => {
    const opening = openSqliteStore({ file: join(folder, "nowhere", "ringback.sqlite") });
    await expect(opening).rejects.toMatchObject({ name: "StoreFailed", code: "io" });
  });

  test("when the thread of the file ends, whoever waits is told, and so is whoever comes later", async () => {
    const thread = new DatabaseThread();
    await thread.open(newFile(), "write");
    const waiting = thread.call("migrate", []);
    await Promise.all([
      thread.stop(),
      expect(waiting).rejects.toMatchObject({ name: "StoreFailed", code: "unexpected" }),
    ]);
    await expect(thread.call("feedEnd", [])).rejects.toMatchObject({ name: "StoreFailed", code: "unexpected" });
  });

  test("a mistake in the program crosses from the thread with its message", async () => {
    const store = await openSqliteStore({ file: newFile() });
    await store.migrate();
    await expect(store.ingest(stream(1), [aReport(9, 1)], [])).rejects.toThrow(`device ${device(9)} is not registered`);
    await store.close();
  });

  test("when the disk is full the batch fails as a whole, and goes through once there is room", async () => {
    const database = openSqlite({ file: newFile() });
    const store = kyselyStore(database);
    await store.migrate();
    await store.registerDevice(stream(1), aRegistration(1), NOON);
    await sql`pragma max_page_count = 1`.execute(database.db); // SQLite takes the present size: no page more
    const batch = Array.from({ length: 500 }, (_, i) => aReport(1, i + 1));
    await expect(store.ingest(stream(1), batch, [])).rejects.toMatchObject({ name: "StoreFailed", code: "disk-full" });
    expect(await store.through(device(1), epoch(1))).toBe(0);
    expect(await store.feedEnd()).toEqual({ [stream(1)]: 1 });
    await sql`pragma max_page_count = 1000000`.execute(database.db);
    expect(new Set(await store.ingest(stream(1), batch, []))).toEqual(new Set(["stored"]));
    expect(await store.feedEnd()).toEqual({ [stream(1)]: 501 });
    await store.close();
  });
});
