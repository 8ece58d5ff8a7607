import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { CLOSE, loginBytes, SCHEMA_MINOR } from "../../protocol/frames.ts";
import { AgentClient, anAgent } from "../support/agent-client.ts";
import { startGateway, type TestGateway, until } from "../support/gateway-server.ts";
import { aKey } from "../support/keys.ts";

let at: TestGateway;
const ALICE = anAgent("alice");
const BOB = anAgent("bob");

beforeEach(async () => {
  at = await startGateway();
  await at.register(ALICE, BOB);
});
afterEach(() => at.stop());

describe("a device that proves its key", () => {
  test("is welcomed with how far its reports are durable and with the controller's time", async () => {
    const client = await AgentClient.connect(at.url);
    expect(await client.login(ALICE)).toMatchObject({ type: "welcome", through: 0, now: at.clock.now() });
    expect(at.gateway.connections.loggedIn).toBe(1);
  });

  test("is durably connected, and durably dropped when its socket is gone", async () => {
    const client = await AgentClient.login(at.url, ALICE);
    await until(async () => (await at.feed()).length === 1);
    client.socket.terminate();
    await until(async () => (await at.feed()).length === 2);
    expect((await at.feed()).map(({ deviceId, body }) => [deviceId, body.kind])).toEqual([
      [ALICE.deviceId, "connected"],
      [ALICE.deviceId, "dropped"],
    ]);
    expect(at.gateway.connections).toEqual({ open: 0, loggedIn: 0, unstoredReports: 0 });
  });

  test("gets a nonce of 32 bytes that no other connection gets", async () => {
    const nonces = new Set<string>();
    for (let i = 0; i < 5; i++) {
      const client = await AgentClient.connect(at.url);
      client.sayHello(ALICE);
      nonces.add((await client.next("challenge")).nonce);
    }
    expect(nonces.size).toBe(5);
    expect([...nonces].map((nonce) => Buffer.from(nonce, "base64").length)).toEqual([32, 32, 32, 32, 32]);
  });
});

describe("a login is refused alike, whatever was wrong with it", () => {
  async function isRefused(client: AgentClient): Promise<void> {
    expect(await client.closed).toEqual({
      code: CLOSE.loginRefused,
      reason: "login refused: the device is not registered at this controller, or this is not its key",
    });
    expect(await at.feed()).toEqual([]);
    expect(at.gateway.counters.loginsRefused).toBe(1);
    expect(at.gateway.connections.loggedIn).toBe(0);
  }

  test("an unknown device", async () => {
    const client = await AgentClient.connect(at.url);
    await client.answerChallenge(anAgent("mallory"));
    await isRefused(client);
  });

  test("a known device with a key of its own making", async () => {
    const client = await AgentClient.connect(at.url);
    await client.answerChallenge(ALICE, { key: aKey("mallory") });
    await isRefused(client);
  });

  test("a known device with another known device's key", async () => {
    const client = await AgentClient.connect(at.url);
    await client.answerChallenge(ALICE, { key: BOB.key });
    await isRefused(client);
  });

  test("a good signature over the nonce of another connection", async () => {
    const overheard = await AgentClient.connect(at.url);
    overheard.sayHello(ALICE);
    const { nonce } = await overheard.next("challenge");
    const client = await AgentClient.connect(at.url);
    await client.answerChallenge(ALICE, { nonce });
    await isRefused(client);
  });

  test.each(["", "AAAA", "A".repeat(88)])("something that is no signature: %j", async (signature) => {
    const client = await AgentClient.connect(at.url);
    client.sayHello(ALICE);
    await client.next("challenge");
    client.send({ type: "login", signature });
    await isRefused(client);
  });

  test("an unknown device costs the same reads of the store as a known one", async () => {
    const client = await AgentClient.connect(at.url);
    await client.answerChallenge(anAgent("mallory"));
    await client.closed;
    expect(at.tap.calls).toEqual({ loginFacts: 1, ingest: 0, takeMailbox: 0, setStanding: 0 });
  });
});

describe("schema minors", () => {
  test("the newest minor that both speak is told with the challenge", async () => {
    const client = await AgentClient.connect(at.url);
    client.sayHello(ALICE, { minor: { newest: 7, oldest: 0 } });
    expect((await client.next("challenge")).minor).toBe(SCHEMA_MINOR.newest);
  });

  test("no minor in common closes with 4426 and both ranges", async () => {
    const client = await AgentClient.connect(at.url);
    client.sayHello(ALICE, { minor: { newest: 9, oldest: 8 } });
    expect(await client.closed).toEqual({
      code: CLOSE.schemaMinor,
      reason: `no schema minor in common: the agent speaks 8 to 9, this controller ${SCHEMA_MINOR.oldest} to ${SCHEMA_MINOR.newest}`,
    });
  });

  test("a range that runs backwards has nothing in common with anyone", async () => {
    const client = await AgentClient.connect(at.url);
    client.sayHello(ALICE, { minor: { newest: 0, oldest: 3 } });
    expect((await client.closed).code).toBe(CLOSE.schemaMinor);
  });
});

describe("a second connection of the same device", () => {
  test("replaces the first, which is closed with 4440 and is not counted as dropped", async () => {
    const first = await AgentClient.login(at.url, ALICE);
    const heardAt = at.clock.now();
    at.clock.advance(7_000);
    const second = await AgentClient.login(at.url, ALICE);
    expect((await first.closed).code).toBe(CLOSE.replaced);
    second.report(ALICE, 1);
    await second.acknowledged(1);
    await until(() => at.gateway.connections.open === 1);
    const feed = await at.feed();
    expect(feed.map(({ body }) => body.kind)).toEqual(["connected", "connected", "leaving"]);
    expect(feed[1]?.body).toEqual({ kind: "connected", minor: SCHEMA_MINOR.newest, replacedHeardAt: heardAt });
    expect(at.gateway.connections.loggedIn).toBe(1);
  });

  test("that did not prove its key leaves the first alone", async () => {
    const first = await AgentClient.login(at.url, ALICE);
    const thief = await AgentClient.connect(at.url);
    await thief.answerChallenge(ALICE, { key: aKey("mallory") });
    await thief.closed;
    first.report(ALICE, 1);
    await first.acknowledged(1);
  });

  test("wins even if the first one's login is checked later", async () => {
    const first = await AgentClient.connect(at.url);
    first.sayHello(ALICE);
    const { nonce } = await first.next("challenge");
    const second = await AgentClient.login(at.url, ALICE);
    first.send({
      type: "login",
      signature: Buffer.from(ALICE.key.sign(loginBytes(nonce, ALICE.deviceId))).toString("base64"),
    });
    expect((await first.closed).code).toBe(CLOSE.replaced);
    second.report(ALICE, 1);
    await second.acknowledged(1);
  });
});

describe("a peer that takes its time", () => {
  test("is closed with 4408 when the time for its login is over, and not before", async () => {
    const silent = await AgentClient.connect(at.url);
    const half = await AgentClient.connect(at.url);
    half.sayHello(ALICE);
    await half.next("challenge");
    at.clock.advance(9_900);
    expect(at.gateway.counters.loginsTimedOut).toBe(0);
    at.clock.advance(1_000);
    expect(await silent.closed).toEqual({ code: CLOSE.loginTimeout, reason: "no login within 10 s" });
    expect((await half.closed).code).toBe(CLOSE.loginTimeout);
    expect(at.gateway.counters.loginsTimedOut).toBe(2);
  });

  test("is not measured with the wall clock, which anyone may set", async () => {
    const client = await AgentClient.connect(at.url);
    at.clock.set(86_400_000);
    at.clock.advance(1_000);
    await client.login(ALICE);
  });

  test("is not blamed for the time that its login waits here", async () => {
    at.tap.close();
    const client = await AgentClient.connect(at.url);
    await client.answerChallenge(ALICE);
    await until(() => at.tap.calls.loginFacts === 1);
    at.clock.advance(60_000);
    at.tap.open();
    expect((await client.next("welcome")).through).toBe(0);
  });

  test("a device that is logged in is not bound by the time for logins", async () => {
    const client = await AgentClient.login(at.url, ALICE);
    at.clock.advance(15_000);
    client.report(ALICE, 1);
    await client.acknowledged(1);
  });
});

test("a store that cannot be read turns logins away to try again, not refused", async () => {
  at.tap.breakWhen((method) => method === "loginFacts");
  const client = await AgentClient.connect(at.url);
  await client.answerChallenge(ALICE);
  expect(await client.closed).toEqual({
    code: CLOSE.tryAgainLater,
    reason: "the controller cannot reach its records now; nothing is lost, try again later",
  });
  at.tap.breakWhen(null);
  await AgentClient.login(at.url, ALICE);
});
