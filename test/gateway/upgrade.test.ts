import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { afterEach, expect, test } from "vitest";
import { AGENT_PATH, CLOSE, SUBPROTOCOL } from "../../protocol/frames.ts";
import { AgentClient, anAgent } from "../support/agent-client.ts";
import { startGateway, type TestGateway, until } from "../support/gateway-server.ts";

let at: TestGateway;
afterEach(() => at.stop());

interface Answer {
  readonly status: number | undefined;
  readonly retryAfter: string | undefined;
  readonly body: string;
}

/** Asks for an upgrade as a client would that may do as it likes. */
async function upgrade(path: string, headers: Record<string, string> = {}): Promise<Answer> {
  const asked = request({
    host: "127.0.0.1",
    port: new URL(at.url).port,
    path,
    headers: {
      Connection: "Upgrade",
      Upgrade: "websocket",
      "Sec-WebSocket-Version": "13",
      "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
      "Sec-WebSocket-Protocol": SUBPROTOCOL,
      ...headers,
    },
  }).end();
  const upgraded = once(asked, "upgrade").then(([response, socket]) => {
    (socket as IncomingMessage["socket"]).destroy();
    return response as IncomingMessage;
  });
  const response = await Promise.race([
    upgraded,
    once(asked, "response").then(([answer]) => answer as IncomingMessage),
  ]);
  let body = "";
  if (response.statusCode !== 101) for await (const chunk of response) body += String(chunk);
  return { status: response.statusCode, retryAfter: response.headers["retry-after"], body };
}

test("the agents' address takes agents", async () => {
  at = await startGateway();
  expect((await upgrade(AGENT_PATH)).status).toBe(101);
  expect((await upgrade(AGENT_PATH, { "Sec-WebSocket-Protocol": `other, ${SUBPROTOCOL}` })).status).toBe(101);
});

test.each(["/", "/agent/v1/", "/agent/v1?token=1", "/agent/v2", "/AGENT/V1", "//agent/v1"])(
  "no other address does: %s",
  async (path) => {
    at = await startGateway();
    expect(await upgrade(path)).toMatchObject({ status: 404, body: `agents connect at ${AGENT_PATH}\n` });
    expect(at.gateway.counters).toMatchObject({ connectionsAccepted: 0, upgradesRefused: 1 });
  },
);

test.each(["https://controller.example", "null"])(
  "a browser's page is refused, wherever it is from: %s",
  async (origin) => {
    at = await startGateway();
    expect(await upgrade(AGENT_PATH, { Origin: origin })).toMatchObject({ status: 403 });
  },
);

test.each(["ringback.v2", "chat", "ringback.v1x"])("another subprotocol is refused: %s", async (protocol) => {
  at = await startGateway();
  expect(await upgrade(AGENT_PATH, { "Sec-WebSocket-Protocol": protocol })).toMatchObject({
    status: 400,
    body: `this address speaks the WebSocket subprotocol ${SUBPROTOCOL}\n`,
  });
});

test("beyond the most connections, agents are told when to come again", async () => {
  at = await startGateway({ connectionsMax: 2 });
  await AgentClient.connect(at.url);
  const second = await AgentClient.connect(at.url);
  expect(await upgrade(AGENT_PATH)).toMatchObject({ status: 503, retryAfter: "60" });
  await second.close();
  await until(() => at.gateway.connections.open === 1);
  await AgentClient.connect(at.url);
});

test("connections that do not log in cannot take all the room", async () => {
  at = await startGateway({ handshakesMax: 2 });
  const agent = anAgent("alice");
  await at.register(agent);
  const client = await AgentClient.login(at.url, agent);
  const idlers = [await AgentClient.connect(at.url), await AgentClient.connect(at.url)];
  expect(await upgrade(AGENT_PATH)).toMatchObject({ status: 503 });
  at.clock.advance(11_000);
  for (const idler of idlers) expect((await idler.closed).code).toBe(CLOSE.loginTimeout);
  await until(() => at.gateway.connections.open === 1);
  await AgentClient.connect(at.url);
  client.report(agent, 1);
  await client.acknowledged(1);
});

test("a storm of 500 agents is worked off, a few at a time, and all get in", async () => {
  at = await startGateway({ loginsAtOnceMax: 8 });
  const agents = Array.from({ length: 500 }, (_, i) => anAgent(`agent ${i}`));
  await at.register(...agents);
  const clients = await Promise.all(agents.map((agent) => AgentClient.login(at.url, agent)));
  for (const [i, client] of clients.entries()) client.report(agents[i] ?? anAgent(""), 1);
  await Promise.all(clients.map((client) => client.acknowledged(1)));
  expect(at.gateway.connections.loggedIn).toBe(500);
  expect(at.gateway.counters).toMatchObject({ logins: 500, reportsStored: 500, turnedAway: 0 });
  expect(at.tap.loginsAtOnceMax).toBeLessThanOrEqual(8);
  expect(at.tap.atOnceMax).toBeLessThanOrEqual(2); // a group of logins, and the commit
}, 120_000);

test("logins beyond those that may wait are turned away to try again, and new connections with them", async () => {
  at = await startGateway({ loginsAtOnceMax: 1, loginsWaitingMax: 2 });
  const agents = Array.from({ length: 5 }, (_, i) => anAgent(`agent ${i}`));
  await at.register(...agents);
  const clients = await Promise.all(agents.map(() => AgentClient.connect(at.url)));
  at.tap.close();
  for (const [i, client] of clients.entries()) await client.answerChallenge(agents[i] ?? anAgent(""));
  await until(() => at.gateway.counters.turnedAway === 2);
  const firstClosed = await Promise.race(clients.map((client) => client.closed));
  expect(firstClosed).toEqual({ code: CLOSE.tryAgainLater, reason: "too many agents log in at once; try again later" });
  const refused = await upgrade(AGENT_PATH);
  expect(refused.status).toBe(503);
  expect(Number(refused.retryAfter)).toBeGreaterThanOrEqual(1);
  at.tap.open();
  const answers = await Promise.allSettled(clients.map((client) => client.next("welcome")));
  expect(answers.filter(({ status }) => status === "fulfilled")).toHaveLength(3);
});
