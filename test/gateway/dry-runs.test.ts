/** Questions what steps would do on devices, as the controller asks them over real connections. */
import { afterEach, beforeEach, expect, test } from "vitest";
import type { CheckQuestion } from "../../protocol/check.ts";
import { SCHEMA_MINOR } from "../../protocol/frames.ts";
import { AgentClient, anAgent } from "../support/agent-client.ts";
import { startGateway, type TestGateway } from "../support/gateway-server.ts";
import { aQuarantine, SOURCE } from "../support/signed-order.ts";

const question: CheckQuestion = { source: SOURCE, steps: [aQuarantine("faulty")] };
const LOOKED = { kind: "looked", results: [{ step: 0, would: "change", because: "puts away 7-2" }] } as const;

let server: TestGateway;
beforeEach(async () => {
  server = await startGateway();
});
afterEach(() => server.stop());

test("each device answers for itself, and those that cannot are named", async () => {
  const [fresh, old, gone] = [anAgent("new"), anAgent("old"), anAgent("gone")];
  const [away, late] = [anAgent("away"), anAgent("late")];
  await server.register(fresh, old, gone, away, late);
  const client = await AgentClient.login(server.url, fresh);
  const leaver = await AgentClient.login(server.url, gone);
  const other = await AgentClient.login(server.url, late);
  const older = await AgentClient.connect(server.url);
  older.sayHello(old, { minor: { newest: 3, oldest: SCHEMA_MINOR.oldest } });
  await older.answerNextChallenge(old);
  await older.next("welcome");

  const devices = [fresh, old, gone, away, late].map(({ deviceId }) => deviceId);
  const run = server.gateway.dryRuns.ask(devices, question);
  const asked = await client.next("check");
  expect(asked.question).toEqual(question);
  expect(run.answers.get(fresh.deviceId)).toEqual({ kind: "asked" });
  // Another device's word counts for nothing.
  other.send({ type: "checked", checkId: asked.checkId, answer: { kind: "refused", rule: "busy", because: "a lie" } });
  await other.isRead();
  client.send({ type: "checked", checkId: asked.checkId, answer: LOOKED });
  await client.isRead();
  await leaver.close();
  await other.close();
  await run.done;
  expect(devices.map((device) => run.answers.get(device))).toEqual([
    LOOKED,
    { kind: "too-old" },
    { kind: "not-connected" },
    { kind: "not-connected" },
    { kind: "not-connected" },
  ]);
  expect(older.heard.map(({ type }) => type)).not.toContain("check");
});

test("a device that says nothing is said to be silent, and does not hold up the answer", async () => {
  const agent = anAgent("mute");
  await server.register(agent);
  const client = await AgentClient.login(server.url, agent);
  const run = server.gateway.dryRuns.ask([agent.deviceId], question);
  await client.next("check");
  server.clock.advance(60_000);
  await run.done;
  expect(run.answers.get(agent.deviceId)).toEqual({ kind: "silent" });
  await client.close();
});

test("an answer in a minor that has none closes the connection", async () => {
  const agent = anAgent("liar");
  await server.register(agent);
  const client = await AgentClient.connect(server.url);
  client.sayHello(agent, { minor: { newest: 3, oldest: 0 } });
  await client.answerNextChallenge(agent);
  await client.next("welcome");
  client.send({ type: "checked", checkId: "check_01m81j18g0nz4v67cz7wv4bbjp", answer: LOOKED });
  expect((await client.closed).code).toBe(4400);
});
