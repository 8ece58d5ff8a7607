/** What was acknowledged is still there after `kill -9` at any moment, and what was not is counted once. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Store } from "../../controller/store.ts";
import { openPostgresStore } from "../../controller/storage/postgres.ts";
import { openSqliteStore } from "../../controller/storage/sqlite.ts";
import { device, NOON, stream } from "../support/fleet-builders.ts";
import { DEVICES, reportsOf } from "../support/ingest-process.ts";
import { type Postgres, startPostgres, whyNoPostgres } from "../support/postgres.ts";
import { aRegistration, epoch } from "../support/record-builders.ts";

const ROUNDS = process.env["RINGBACK_TEST_FULL"] === "1" ? 50 : 5;
const PROCESS = join(import.meta.dirname, "../support/ingest-process.ts");

/**
 * Has the process store `count` batches, begin another, and kills it after some turns of the event loop, which is before,
 * within or after that one. Answers the last sequence it acknowledged.
 */
async function killedAfter(count: number, turns: number, ...args: readonly string[]): Promise<number> {
  const child = spawn(process.execPath, [PROCESS, ...args], { stdio: ["pipe", "pipe", "inherit"] });
  const exited = once(child, "exit");
  child.stdin.on("error", () => {}); // it was killed: `exited` says so
  let acknowledged = 0;
  let batches = 0;
  child.stdin.write("\n");
  for await (const line of createInterface(child.stdout)) {
    acknowledged = Number(line);
    if (++batches > count) continue;
    child.stdin.write("\n");
    if (batches < count) continue;
    for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
    child.kill("SIGKILL");
  }
  const [code, signal] = (await exited) as [number | null, string | null];
  expect({ code, signal }).toEqual({ code: null, signal: "SIGKILL" });
  return acknowledged;
}

async function survivesKills(target: string, open: () => Promise<Store>): Promise<void> {
  let store = await open();
  await store.migrate();
  for (let n = 0; n < DEVICES; n++) await store.registerDevice(stream(9), aRegistration(n), NOON);
  await store.close();
  let first = 1;
  for (let round = 1; round <= ROUNDS; round++) {
    const acknowledged = await killedAfter(1 + ((round * 7) % 5), (round * 137) % 600, target, `${round}`, `${first}`);
    store = await open(); // as the controller does after a crash
    await store.migrate();
    const through = await store.through(device(0), epoch(1));
    expect(through).toBeGreaterThanOrEqual(acknowledged);
    // A batch is there or it is not, for every device alike.
    for (let n = 0; n < DEVICES; n++) {
      expect(await store.through(device(n), epoch(1))).toBe(through);
      const sequences = (await store.reportsOf(device(n), 1_000_000)).map(({ sequence }) => sequence);
      expect(sequences).toEqual(Array.from({ length: through }, (_, i) => through - i));
    }
    const again = await store.ingest(stream(100), reportsOf(1, through + 1), []);
    expect(new Set(again)).toEqual(new Set(["duplicate"]));
    const { changes } = await store.changesAfter({}, 1_000_000);
    expect(changes).toHaveLength(DEVICES + DEVICES * through);
    for (const [of, last] of Object.entries(await store.feedEnd())) {
      const sequences = changes.filter((change) => change.stream === of).map(({ sequence }) => sequence);
      expect(sequences).toEqual(Array.from({ length: last }, (_, i) => i + 1));
    }
    await store.close();
    first = through + 1;
  }
  expect(first).toBeGreaterThan(ROUNDS);
}

describe("killed at any moment", () => {
  test("SQLite keeps what was acknowledged", async () => {
    const folder = await mkdtemp(join(tmpdir(), "ringback-kill-"));
    const file = join(folder, "ringback.sqlite");
    try {
      await survivesKills(file, () => openSqliteStore({ file }));
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  const why = whyNoPostgres();
  describe.skipIf(why !== undefined)(`with PostgreSQL${why === undefined ? "" : ` (not here: ${why})`}`, () => {
    let server: Postgres;
    beforeAll(async () => {
      server = await startPostgres();
    });
    afterAll(() => server.stop());
    test("keeps what was acknowledged", () => survivesKills(server.url, () => openPostgresStore({ url: server.url })));
  });
});
