import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openSqliteStoreInThread } from "../../controller/storage/sqlite.ts";
import { SetupAnswer } from "../../protocol/api.ts";
import { CLOSE } from "../../protocol/frames.ts";
import { AgentClient, type AgentIdentity, anAgent, registrationOf } from "../support/agent-client.ts";
import { type ControllerProcess, startControllerProcess } from "../support/controller-process.ts";

let folder: string;
const running: ControllerProcess[] = [];
async function start(options: readonly string[] = []): Promise<ControllerProcess> {
  const controller = await startControllerProcess(folder, options);
  running.push(controller);
  return controller;
}
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "ringback-process-"));
});
afterEach(async () => {
  for (const controller of running.splice(0)) await controller.kill();
  await rm(folder, { recursive: true, force: true });
});

async function post(url: string, body: object, token?: string): Promise<Response> {
  const headers = {
    "content-type": "application/json",
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  };
  return fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
}

async function setUp({ url, setupLink }: ControllerProcess): Promise<string> {
  const code = setupLink?.split("#code=")[1];
  const answer = await post(`${url}/api/v1/setup`, { code, name: "anna" });
  return SetupAnswer.parse(await answer.json()).token;
}

async function register(controller: ControllerProcess, token: string, agents: readonly AgentIdentity[]): Promise<void> {
  for (const agent of agents) {
    const answer = await post(`${controller.url}/api/v1/devices`, registrationOf(agent), token);
    expect(answer.status).toBe(201);
  }
}

describe("the controller as a process", () => {
  test("prints a one-time link at its first start only, and keeps no password anywhere", async () => {
    const first = await start();
    expect(first.setupLink).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/setup#code=\S{40,}$/);
    const token = await setUp(first);
    expect(
      (await post(`${first.url}/api/v1/setup`, { code: first.setupLink?.split("=")[1], name: "eve" })).status,
    ).toBe(404);
    await first.stop();
    const second = await start();
    expect(second.setupLink).toBeNull();
    const session = await fetch(`${second.url}/api/v1/session`, { headers: { authorization: `Bearer ${token}` } });
    expect(session.status).toBe(200);
  });

  test.each(["0.0.0.0", "192.168.1.10", "::", "example.org"])("refuses to listen on %s, and says why", async (host) => {
    await expect(start(["--host", host])).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringContaining("loopback only") as string,
    });
  });

  test("stops gracefully: agents are told to come back, and what they sent is stored", async () => {
    const controller = await start();
    const agent = anAgent("one");
    await register(controller, await setUp(controller), [agent]);
    const client = await AgentClient.login(controller.agentUrl, agent);
    client.report(agent, 1);
    await client.acknowledged(1);
    const code = controller.stop();
    expect((await client.closed).code).toBe(CLOSE.goingAway);
    expect(await code).toBe(0);
  });

  test("killed at any moment, it has every report that it acknowledged, and counts those that are sent again once", async () => {
    const agents = ["a", "b", "c", "d"].map((name) => anAgent(name));
    let controller = await start();
    await register(controller, await setUp(controller), agents);
    const acknowledged = new Map(agents.map(({ deviceId }) => [deviceId, 0]));
    const sent = new Map(agents.map(({ deviceId }) => [deviceId, 0]));
    for (let round = 0; round < 5; round++) {
      const clients = await Promise.all(agents.map(async (agent) => sendOn(controller, agent, acknowledged, sent)));
      // Killed while reports are under way: as soon as a few more of this round are acknowledged, a different number each time.
      await clients[round % clients.length]?.acknowledged(
        (acknowledged.get(agents[round % agents.length]?.deviceId as never) ?? 0) + 1 + round * 7,
      );
      await controller.kill();
      for (const [i, client] of clients.entries()) {
        await client.closed;
        const { deviceId } = agents[i] as AgentIdentity; // one client an agent
        acknowledged.set(deviceId, Math.max(acknowledged.get(deviceId) ?? 0, ...client.acks));
      }
      await expectStored(agents, acknowledged);
      controller = await start();
    }
    const clients = await Promise.all(agents.map(async (agent) => sendOn(controller, agent, acknowledged, sent, 0)));
    for (const [i, agent] of agents.entries()) {
      const through = sent.get(agent.deviceId) ?? 0;
      const client = clients[i];
      if (client !== undefined && (acknowledged.get(agent.deviceId) ?? 0) < through) await client.acknowledged(through);
    }
    await controller.kill();
    await expectStored(agents, sent);
  }, 120_000);
});

/** Sends everything that is not acknowledged again, byte for byte, and `more` new reports. */
async function sendOn(
  { agentUrl }: ControllerProcess,
  agent: AgentIdentity,
  acknowledged: ReadonlyMap<string, number>,
  sent: Map<AgentIdentity["deviceId"], number>,
  more = 100,
): Promise<AgentClient> {
  const client = await AgentClient.connect(agentUrl);
  const { through } = await client.login(agent);
  const from = acknowledged.get(agent.deviceId) ?? 0;
  expect(through).toBeGreaterThanOrEqual(from);
  const last = (sent.get(agent.deviceId) ?? 0) + more;
  for (let sequence = from + 1; sequence <= last; sequence++) client.report(agent, sequence);
  sent.set(agent.deviceId, last);
  return client;
}

/** Looks into the database that the dead process left. */
async function expectStored(agents: readonly AgentIdentity[], atLeast: ReadonlyMap<string, number>): Promise<void> {
  const store = openSqliteStoreInThread(join(folder, "ringback.sqlite"));
  try {
    for (const { deviceId } of agents) {
      const sequences = (await store.reportsOf(deviceId, 10_000)).map(({ sequence }) => sequence).sort((a, b) => a - b);
      expect(sequences).toEqual(Array.from({ length: sequences.length }, (_, i) => i + 1));
      expect(sequences.length).toBeGreaterThanOrEqual(atLeast.get(deviceId) ?? 0);
    }
  } finally {
    await store.close();
  }
}
