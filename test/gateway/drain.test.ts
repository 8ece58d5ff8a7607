import { afterEach, beforeEach, expect, test } from "vitest";
import { CLOSE } from "../../protocol/frames.ts";
import { AgentClient, anAgent } from "../support/agent-client.ts";
import { startGateway, type TestGateway, turns, until } from "../support/gateway-server.ts";

let at: TestGateway;
const ALICE = anAgent("alice");
const BOB = anAgent("bob");
const GOING = { code: CLOSE.goingAway, reason: "controller is restarting, connect again" };

beforeEach(async () => {
  at = await startGateway();
  await at.register(ALICE);
});
afterEach(() => at.stop());

test("a graceful stop stores and acknowledges what came, then closes every connection with 1001", async () => {
  const client = await AgentClient.login(at.url, ALICE);
  const halfway = await AgentClient.connect(at.url);
  await until(async () => (await at.feed()).length === 1);
  at.tap.close();
  for (const sequence of [1, 2, 3]) client.report(ALICE, sequence);
  await client.isRead();
  const drained = at.gateway.drain();
  await expect(AgentClient.connect(at.url)).rejects.toThrow("503");
  expect(client.acks).toEqual([]);
  at.tap.open();
  expect(await client.closed).toEqual(GOING);
  expect(await halfway.closed).toEqual(GOING);
  await drained;
  expect(client.acks.at(-1)).toBe(3);
  expect(at.gateway.connections).toEqual({ open: 0, loggedIn: 0, unstoredReports: 0 });
});

test("it is the controller that leaves: no device is recorded as dropped", async () => {
  await at.register(BOB);
  const client = await AgentClient.login(at.url, ALICE);
  const slow = await AgentClient.login(at.url, BOB);
  await until(async () => (await at.feed()).length === 2);
  slow.socket.pause(); // keeps the stop waiting for a while
  const drained = at.gateway.drain();
  await client.closed;
  await until(() => at.gateway.connections.open === 1);
  await turns(20); // in which a commit would have been
  slow.socket.resume();
  await drained;
  expect((await at.feed()).map(({ body }) => body.kind)).toEqual(["connected", "connected"]);
});

test("what comes during the stop is left to the next start, and not acknowledged", async () => {
  const client = await AgentClient.login(at.url, ALICE);
  await until(async () => (await at.feed()).length === 1);
  at.tap.close();
  client.report(ALICE, 1);
  await client.isRead();
  const drained = at.gateway.drain();
  client.report(ALICE, 2);
  await client.isRead();
  at.tap.open();
  await drained;
  await client.closed;
  expect(client.acks).toEqual([1]);
  expect(await at.store.through(ALICE.deviceId, ALICE.epoch)).toBe(1);
});

test("a store that hangs does not hold up the stop for ever: agents keep what was not acknowledged", async () => {
  const client = await AgentClient.login(at.url, ALICE);
  await until(async () => (await at.feed()).length === 1);
  at.tap.close();
  client.report(ALICE, 1);
  await until(() => at.tap.calls.ingest === 2);
  const drained = at.gateway.drain();
  at.clock.advance(10_000);
  expect(await client.closed).toEqual(GOING);
  await drained;
  expect(client.acks).toEqual([]);
});

test("a peer that does not answer the close does not either", async () => {
  const client = await AgentClient.login(at.url, ALICE);
  client.socket.pause();
  const drained = at.gateway.drain();
  let done = false;
  void drained.then(() => {
    done = true;
  });
  await until(() => {
    at.clock.advance(1_000);
    return done;
  });
  expect(at.gateway.connections.open).toBe(0);
  client.socket.resume();
  await client.closed;
});

test("stopping twice is stopping once", async () => {
  const client = await AgentClient.login(at.url, ALICE);
  const [first, second] = [at.gateway.drain(), at.gateway.drain()];
  await Promise.all([first, second]);
  expect(await client.closed).toEqual(GOING);
});
