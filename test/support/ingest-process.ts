/**
 * A process of its own that stores a batch of reports for each line it reads, until it is killed, and prints how far it
 * was acknowledged. Started as `node ingest-process.ts <sqlite file or postgres url> <stream number> <first sequence>`.
 */
import { writeSync } from "node:fs";
import { createInterface } from "node:readline";
import { openPostgresStore } from "../../controller/storage/postgres.ts";
import { openSqliteStore } from "../../controller/storage/sqlite.ts";
import { stream } from "./fleet-builders.ts";
import { aReport } from "./record-builders.ts";

export const DEVICES = 5;
/** Sequences of each device in a batch. */
const DEPTH = 4;

/** What the process sends: every device says the same sequences. */
export const reportsOf = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => Array.from({ length: DEVICES }, (_, n) => aReport(n, from + i))).flat();

if (import.meta.main) {
  const [target = "", streamNumber, first] = process.argv.slice(2);
  const store = target.startsWith("postgres:")
    ? await openPostgresStore({ url: target })
    : await openSqliteStore({ file: target });
  let from = Number(first);
  for await (const _ of createInterface(process.stdin)) {
    const results = await store.ingest(stream(Number(streamNumber)), reportsOf(from, from + DEPTH), []);
    if (results.some((result) => result !== "stored")) throw new Error(`new reports were ${results.join(" ")}`);
    from += DEPTH;
    writeSync(1, `${from - 1}\n`); // one system call: what it wrote outlives the process
  }
}
