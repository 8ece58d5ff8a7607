import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { sha256Hex } from "../../protocol/canonical.ts";
import { CLOSE } from "../../protocol/frames.ts";
import { AgentClient, type AgentIdentity, anAgent, LEAVING, registrationOf } from "../support/agent-client.ts";
import { startGateway, type TestGateway, until } from "../support/gateway-server.ts";

let at: TestGateway;
const ALICE = anAgent("alice");
const BOB = anAgent("bob");

afterEach(() => at.stop());

const SLEEPING = { kind: "leaving", reason: "sleep" } as const;
/** The change feed in a few words, of everyone or of one device. */
const story = async (of?: AgentIdentity): Promise<string[]> =>
  (await at.feed())
    .filter(({ deviceId }) => of === undefined || deviceId === of.deviceId)
    .map(({ body }) => (body.kind === "leaving" ? `leaving:${body.reason}` : body.kind));

describe("a report", () => {
  beforeEach(async () => {
    at = await startGateway();
    await at.register(ALICE, BOB);
  });

  test("is acknowledged after its commit and not before", async () => {
    const client = await AgentClient.login(at.url, ALICE);
    await until(async () => (await story()).length === 1);
    at.tap.close();
    client.report(ALICE, 1);
    await until(() => at.tap.calls.ingest === 2);
    await client.isRead();
    expect(client.acks).toEqual([]);
    expect(await at.store.through(ALICE.deviceId, ALICE.epoch)).toBe(0);
    at.tap.open();
    await client.acknowledged(1);
    expect(await at.store.through(ALICE.deviceId, ALICE.epoch)).toBe(1);
  });

  test("that comes while a commit runs waits for the next, which is one for all, acknowledged once a connection", async () => {
    const alice = await AgentClient.login(at.url, ALICE);
    const bob = await AgentClient.login(at.url, BOB);
    await until(async () => (await story()).length === 2);
    const before = { ingests: at.tap.calls.ingest, wakeUps: at.wakeUps() };
    at.tap.close();
    alice.report(ALICE, 1);
    await until(() => at.tap.calls.ingest === before.ingests + 1);
    for (let sequence = 2; sequence <= 40; sequence++) alice.report(ALICE, sequence);
    for (let sequence = 1; sequence <= 40; sequence++) bob.report(BOB, sequence);
    await Promise.all([alice.isRead(), bob.isRead()]);
    at.tap.open();
    await Promise.all([alice.acknowledged(40), bob.acknowledged(40)]);
    expect(alice.acks).toEqual([1, 40]);
    expect(bob.acks).toEqual([40]);
    expect(at.tap.calls.ingest).toBe(before.ingests + 2);
    expect(at.wakeUps()).toBe(before.wakeUps + 2);
  });

  test("is kept with the digest of its bytes, the time it came and the device that logged in", async () => {
    const client = await AgentClient.login(at.url, ALICE);
    const bytes = `{ "type": "report", "epoch": "${ALICE.epoch}", "sequence": 1, "body": ${JSON.stringify(LEAVING)} }`;
    client.send(bytes);
    await client.acknowledged(1);
    const [report] = await at.store.reportsOf(ALICE.deviceId, 10);
    expect(report).toMatchObject({
      deviceId: ALICE.deviceId,
      epoch: ALICE.epoch,
      sequence: 1,
      receivedAt: at.clock.now(),
      body: LEAVING,
    });
    expect(report?.digest).toBe(sha256Hex(new TextEncoder().encode(bytes)));
  });

  test("sent again after a reconnect is acknowledged again and counted once", async () => {
    const first = await AgentClient.login(at.url, ALICE);
    await until(async () => (await story()).length === 1);
    at.tap.close();
    first.report(ALICE, 1);
    first.report(ALICE, 2);
    await until(() => at.tap.calls.ingest === 2);
    await first.isRead();
    first.socket.terminate(); // gone before any acknowledgement
    await first.closed;
    at.tap.open();
    const second = await AgentClient.connect(at.url);
    await second.login(ALICE);
    for (const sequence of [1, 2, 3]) second.report(ALICE, sequence);
    await second.acknowledged(3);
    expect((await at.store.reportsOf(ALICE.deviceId, 10)).map(({ sequence }) => sequence)).toEqual([3, 2, 1]);
    expect((await story()).filter((line) => line === "leaving:restart")).toHaveLength(3);
    expect(at.gateway.counters).toMatchObject({ reportsStored: 3, reportsDuplicate: 2, replayConflicts: 0 });
  });

  test("that comes again with other content closes with 4409, is flagged, and the first content stands", async () => {
    const first = await AgentClient.login(at.url, ALICE);
    first.report(ALICE, 1);
    await first.acknowledged(1);
    const second = await AgentClient.login(at.url, ALICE);
    second.report(ALICE, 1, SLEEPING);
    second.report(ALICE, 2);
    expect(await second.closed).toEqual({
      code: CLOSE.replayConflict,
      reason: "report 1 came before with other content; the first one stands",
    });
    expect(second.acks).toEqual([]);
    expect((await at.store.reportsOf(ALICE.deviceId, 10)).at(-1)?.body).toEqual(LEAVING);
    expect(at.gateway.counters.replayConflicts).toBe(1);
    expect(at.logged.filter(({ level }) => level === "warn")).toMatchObject([
      { fields: { deviceId: ALICE.deviceId, epoch: ALICE.epoch, sequence: 1 } },
    ]);
  });

  test("before one that conflicts is acknowledged first", async () => {
    const first = await AgentClient.login(at.url, ALICE);
    first.report(ALICE, 1);
    first.report(ALICE, 2);
    await first.acknowledged(2);
    const second = await AgentClient.login(at.url, ALICE);
    second.report(ALICE, 1);
    second.report(ALICE, 2, SLEEPING);
    expect((await second.closed).reason).toMatch(/^report 2 /);
    expect(second.acks).toEqual([1]);
  });

  test("of a new epoch starts again at one", async () => {
    const old = await AgentClient.login(at.url, ALICE);
    old.report(ALICE, 1);
    await old.acknowledged(1);
    const reborn = anAgent("alice", 2);
    const client = await AgentClient.connect(at.url);
    expect((await client.login(reborn)).through).toBe(0);
    client.report(reborn, 1, SLEEPING);
    await client.acknowledged(1);
    expect(at.gateway.counters.replayConflicts).toBe(0);
  });

  test.each([
    [2, "sequence: expected 6, got 2"],
    [5, "sequence: expected 6, got 5"],
    [7, "sequence: expected 6, got 7"],
  ])("has the number after the one before: 5, then %i closes", async (second, reason) => {
    const client = await AgentClient.login(at.url, ALICE);
    client.report(ALICE, 5); // a controller restored from a backup may be behind its agents
    await client.acknowledged(5);
    client.report(ALICE, second);
    expect(await client.closed).toEqual({ code: CLOSE.malformed, reason });
    expect(await at.store.through(ALICE.deviceId, ALICE.epoch)).toBe(5);
  });

  test.each([
    ["as the clock goes", 0],
    ["also if the wall clock is set back in between", -3_600_000],
    ["also if it is set forward", 3_600_000],
  ])("stays in its place between the device's coming and going, %s", async (_, setMs) => {
    const client = await AgentClient.login(at.url, ALICE);
    const bob = await AgentClient.login(at.url, BOB);
    await until(async () => (await story()).length === 2);
    at.tap.close();
    bob.report(BOB, 1); // its commit is held, so that all that follows waits for the same one
    await until(() => at.tap.calls.ingest === 3);
    client.report(ALICE, 1);
    await client.isRead();
    at.clock.set(setMs);
    client.socket.terminate();
    await until(() => at.gateway.connections.open === 1);
    at.tap.open();
    const again = await AgentClient.login(at.url, ALICE);
    again.report(ALICE, 2, SLEEPING);
    await again.acknowledged(2);
    expect(await story(ALICE)).toEqual(["connected", "leaving:restart", "dropped", "connected", "leaving:sleep"]);
  });
});

describe("when the store fails", () => {
  beforeEach(async () => {
    at = await startGateway({ attemptsMax: 3 });
    await at.register(ALICE, BOB);
  });

  test("nothing is acknowledged until it works again; then all is, and stored once", async () => {
    const client = await AgentClient.login(at.url, ALICE);
    await until(async () => (await story()).length === 1);
    at.tap.breakWhen((method) => method === "ingest");
    for (let sequence = 1; sequence <= 8; sequence++) client.report(ALICE, sequence);
    await until(() => at.gateway.counters.commitsFailed === 1);
    await client.isRead();
    expect(client.acks).toEqual([]);
    at.tap.breakWhen(null);
    await until(() => {
      at.clock.advance(50);
      return client.acks.at(-1) === 8;
    });
    expect(await at.store.through(ALICE.deviceId, ALICE.epoch)).toBe(8);
    expect(at.gateway.counters).toMatchObject({ reportsStored: 8, reportsDuplicate: 0 });
  });

  test("for one report alone, the others get through; its connection is told to come again and stores nothing after it", async () => {
    const alice = await AgentClient.login(at.url, ALICE);
    const bob = await AgentClient.login(at.url, BOB);
    await until(async () => (await story()).length === 2);
    const POISON = 1_000;
    at.tap.breakWhen((_, reports) => reports.some(({ sequence }) => sequence === POISON));
    at.tap.close();
    for (let sequence = 998; sequence <= 1_010; sequence++) alice.report(ALICE, sequence);
    for (let sequence = 1; sequence <= 20; sequence++) bob.report(BOB, sequence);
    await Promise.all([alice.isRead(), bob.isRead()]);
    at.tap.open();
    await until(() => {
      at.clock.advance(100);
      return bob.acks.at(-1) === 20 && at.gateway.counters.turnedAway === 1;
    });
    expect(await alice.closed).toEqual({
      code: CLOSE.tryAgainLater,
      reason: "report 1000 could not be stored; keep it and try again later",
    });
    expect(alice.acks.at(-1)).toBe(999);
    expect(await at.store.through(ALICE.deviceId, ALICE.epoch)).toBe(999);
    expect(at.gateway.connections.unstoredReports).toBe(0);
  });

  test("and does not even answer, memory stays bounded: the connection that brings too much is closed", async () => {
    await at.stop();
    at = await startGateway({ queueReportsMax: 10, unacknowledgedMax: 1_000 });
    await at.register(ALICE);
    const client = await AgentClient.login(at.url, ALICE);
    at.tap.close();
    const reports = Array.from({ length: 200 }, (_, i) => ({
      type: "report",
      epoch: ALICE.epoch,
      sequence: i + 1,
      body: LEAVING,
    }));
    // In one write, so that they are read before the pause can take effect.
    const { _socket: raw } = client.socket as unknown as { _socket: { cork(): void; uncork(): void } };
    raw.cork();
    for (const report of reports) client.send(report);
    raw.uncork();
    expect(await client.closed).toEqual({
      code: CLOSE.tryAgainLater,
      reason: "the controller has more reports than it can store now; try again later",
    });
    expect(at.gateway.connections.unstoredReports).toBeLessThanOrEqual(20);
    expect(client.acks).toEqual([]);
  });
});

describe("back-pressure", () => {
  const COUNT = 3_000;

  test("reading pauses at the bound of unacknowledged reports; nothing is lost and everything is acknowledged", async () => {
    at = await startGateway({ unacknowledgedMax: 16, framesBurstMax: 1_000_000 });
    await at.register(ALICE);
    const client = await AgentClient.login(at.url, ALICE);
    at.tap.close();
    const body = {
      kind: "order-refused",
      orderId: "order_01hf7yat000000000000000000",
      rule: "schema",
      because: "x".repeat(1_000),
    };
    for (let sequence = 1; sequence <= COUNT; sequence++) {
      client.send({ type: "report", epoch: ALICE.epoch, sequence, body: sequence % 2 === 0 ? body : LEAVING });
    }
    await until(() => at.gateway.counters.pauses === 1);
    // What one read of the socket held is all that comes after the pause.
    expect(at.gateway.connections.unstoredReports).toBeLessThan(1_000);
    at.tap.open();
    await client.acknowledged(COUNT);
    expect(await at.store.through(ALICE.deviceId, ALICE.epoch)).toBe(COUNT);
  });

  test("a full queue pauses whoever brings more, and lets them on when there is room", async () => {
    at = await startGateway({ queueReportsMax: 20, batchMax: 7 });
    const agents = Array.from({ length: 12 }, (_, i) => anAgent(`agent ${i}`));
    await at.register(...agents);
    const clients = await Promise.all(agents.map((agent) => AgentClient.login(at.url, agent)));
    at.tap.close();
    for (const [i, client] of clients.entries()) {
      for (let sequence = 1; sequence <= 3; sequence++) client.report(agents[i] ?? ALICE, sequence);
    }
    await until(() => at.gateway.connections.unstoredReports >= 20);
    at.tap.open();
    await Promise.all(clients.map((client) => client.acknowledged(3)));
    expect(at.gateway.counters.reportsStored).toBe(36);
    expect(at.gateway.counters.pauses).toBeGreaterThan(0);
    expect(at.gateway.counters.turnedAway).toBe(0);
  });
});

test("a device that is registered while the gateway runs can log in at once", async () => {
  at = await startGateway();
  const refused = await AgentClient.connect(at.url);
  await refused.answerChallenge(ALICE);
  expect((await refused.closed).code).toBe(CLOSE.loginRefused);
  await at.store.registerDevice(at.stream, registrationOf(ALICE), at.clock.now());
  await AgentClient.login(at.url, ALICE);
});
