/** Two controllers on one PostgreSQL, as processes: whoever leads knows within seconds when the other one stops. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { openPostgresStore } from "../../controller/storage/postgres.ts";
import { AgentClient, anAgent, registrationOf } from "../support/agent-client.ts";
import { type ControllerProcess, startControllerProcess } from "../support/controller-process.ts";
import { aBoot } from "../support/fleet-builders.ts";
import { startPostgres, whyNoPostgres } from "../support/postgres.ts";
import { present } from "../support/present.ts";

const why = whyNoPostgres();
const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function aFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "ringback-two-"));
  ends.push(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

describe.skipIf(why !== undefined)(`two controllers${why === undefined ? "" : ` (not here: ${why})`}`, () => {
  test("the one that leads knows that the other one hangs, goes on, and is killed, and makes nothing of it", async () => {
    const postgres = await startPostgres();
    ends.push(() => postgres.stop());
    const file = join(await aFolder(), "database");
    await writeFile(file, postgres.url);
    const start = async (): Promise<ControllerProcess> => {
      const controller = await startControllerProcess(await aFolder(), ["--database-file", file]);
      ends.push(() => controller.kill());
      return controller;
    };
    const leader = await start();
    const store = await openPostgresStore({ url: postgres.url });
    ends.push(() => store.close());
    const agents = Array.from({ length: 12 }, (_, n) => anAgent(`agent ${n}`));
    const { stream: leading } = present((await store.gateways())[0]);
    const now = Date.now() as Parameters<typeof store.registerDevice>[2];
    for (const agent of agents) {
      const { id, publicKey, name, site, role } = registrationOf(agent);
      await store.registerDevice(leading, { id, publicKey, name, site, role }, now);
    }
    const other = await start();
    for (const agent of agents) {
      const client = await AgentClient.login(other.agentUrl, agent);
      client.report(agent, 1, { kind: "boot-began", boot: aBoot() });
      await client.acknowledged(1);
    }
    const theOther = async () => present((await store.gateways()).find(({ stream }) => stream !== leading));
    const { stream } = await theOther();
    const comings = async () => {
      const { changes } = await store.changesAfter({}, 10_000);
      return changes.filter((change) => change.stream === stream && change.body.kind === "connected").length;
    };
    const patience = { timeout: 40_000, interval: 200 };
    const isLost = async () => {
      const { beats, lost } = await theOther();
      return lost?.beats === beats;
    };
    expect(await comings()).toBe(12);
    await expect.poll(async () => (await theOther()).beats, patience).toBeGreaterThanOrEqual(2); // one has seen it move

    other.hang();
    await expect.poll(isLost, patience).toBe(true);
    other.goOn();
    await expect.poll(comings, patience).toBe(24); // it says again who is there
    expect(await isLost()).toBe(false);
    expect(other.said()).toContain("took this one for dead");

    await other.kill();
    await expect.poll(isLost, patience).toBe(true);
    expect(leader.said()).toContain("another controller has stopped");
    const { lost } = await theOther();
    const saidAt = present(lost).at;
    await expect.poll(async () => ((await store.detection())?.at ?? 0) > saidAt, patience).toBe(true); // stored after that
    const rows = await store.detectionDevicesAfter(-1, 100);
    expect(rows.map(({ known }) => known[0])).toEqual(Array(12).fill(0)); // at no gateway any more
    expect(await store.incidents()).toEqual([]);
  }, 180_000);
});
