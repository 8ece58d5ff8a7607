/** The record in one SQLite file: the embedded default. */
import type { Store } from "../store.ts";
import { guarded } from "./guard.ts";
import { kyselyStore } from "./kysely-store.ts";
import { openSqlite } from "./sqlite-database.ts";
import { DatabaseThread } from "./sqlite-thread.ts";
import { METHODS, storeFrom } from "./store-methods.ts";

/**
 * Works on threads of its own, so that the program never stands still for the disk: one writer, and a reader beside it
 * that sees every commit the moment the writer has answered.
 *
 * @throws StoreFailed `io` if the file cannot be opened or is no database
 */
export async function openSqliteStore({ file }: { readonly file: string }): Promise<Store> {
  const threads = { writer: new DatabaseThread(), reader: new DatabaseThread() };
  const stop = async (): Promise<void> => void (await Promise.all([threads.reader.stop(), threads.writer.stop()]));
  try {
    const store = await openOnThreads(file, threads);
    return {
      ...store,
      async close() {
        try {
          await store.close();
        } finally {
          await stop();
        }
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

interface Threads {
  readonly writer: DatabaseThread;
  readonly reader: DatabaseThread;
}

/** The same on threads that are there already and stay: closing the store closes the file only. */
export async function openOnThreads(file: string, { writer, reader }: Threads): Promise<Store> {
  await writer.open(file, "write"); // first: it makes the file
  await reader.open(file, "read");
  return guarded(
    storeFrom(async (method, args) => {
      if (method !== "close") return (METHODS[method] === "read" ? reader : writer).call(method, args);
      await reader.call("close", []); // first, so that the writer is the last one and empties the write-ahead log
      return writer.call("close", []);
    }),
  );
}

/**
 * Works on the caller's own thread, which stands still during each batch: for tests, the simulator and threads made for
 * it. A program that serves anybody uses `openSqliteStore`.
 *
 * @param file a path, or `:memory:`
 * @throws StoreFailed `io` if the file cannot be opened or is no database
 */
export const openSqliteStoreInThread = (file: string): Store => kyselyStore(openSqlite({ file }));
