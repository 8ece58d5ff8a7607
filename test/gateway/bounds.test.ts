import { afterEach, describe, expect, test } from "vitest";
import { toBase64 } from "../../protocol/dsse.ts";
import { CLOSE, loginBytes } from "../../protocol/frames.ts";
import type { Order } from "../../protocol/plan.ts";
import { AgentClient, anAgent } from "../support/agent-client.ts";
import { anOrder } from "../support/an-order.ts";
import { order } from "../support/record-builders.ts";
import { startGateway, type TestGateway, turns, until } from "../support/gateway-server.ts";

let at: TestGateway;
const ALICE = anAgent("alice");
const BOB = anAgent("bob");
afterEach(() => at.stop());

/** Several messages in one write, so that they are read at once. */
function inOneWrite(client: AgentClient, send: () => void): void {
  const { _socket: raw } = client.socket as unknown as { _socket: { cork(): void; uncork(): void } };
  raw.cork();
  send();
  raw.uncork();
}

describe("keep-alive", () => {
  test("a peer that leaves a ping unanswered for a round is gone, and it is said when it was heard last; others stay", async () => {
    at = await startGateway();
    await at.register(ALICE, BOB);
    const dead = await AgentClient.login(at.url, ALICE, { autoPong: false });
    const alive = await AgentClient.login(at.url, BOB);
    const heardAt = at.clock.now();
    for (let round = 0; round < 2; round++) {
      at.clock.advance(20_000);
      await alive.isRead(); // our answer to the ping is under way now
      await alive.isRead(); // and read
    }
    expect((await dead.closed).code).toBe(1006);
    expect(at.gateway.counters.pingsUnanswered).toBe(1);
    alive.report(BOB, 1);
    await alive.acknowledged(1);
    await until(async () => (await at.feed()).some(({ body }) => body.kind === "dropped"));
    const drops = (await at.feed()).filter(({ body }) => body.kind === "dropped");
    expect(drops).toMatchObject([{ deviceId: ALICE.deviceId, body: { kind: "dropped", lastHeardAt: heardAt } }]);
    expect(drops[0]?.at).toBeGreaterThanOrEqual(heardAt + 20_000);
    expect((await at.feed()).map(({ body }) => body.kind).sort()).toEqual([
      "connected",
      "connected",
      "dropped",
      "leaving",
    ]);
  });

  test("what we do not read is not held against a peer", async () => {
    at = await startGateway({ unacknowledgedMax: 1 });
    await at.register(ALICE);
    const client = await AgentClient.login(at.url, ALICE);
    at.tap.close();
    client.report(ALICE, 1);
    await until(() => at.gateway.counters.pauses === 1);
    for (let round = 0; round < 10; round++) {
      at.clock.advance(20_000);
      await turns(5);
    }
    at.tap.open();
    await client.acknowledged(1);
    expect(at.gateway.counters.pingsUnanswered).toBe(0);
  });
});

describe("the rate of frames", () => {
  test("beyond the burst, reading pauses until time has passed; nothing is refused", async () => {
    at = await startGateway({ framesPerSecondMax: 4, framesBurstMax: 10 });
    await at.register(ALICE);
    const client = await AgentClient.login(at.url, ALICE); // hello and login cost a token each
    for (let sequence = 1; sequence <= 9; sequence++) client.report(ALICE, sequence);
    await until(() => at.gateway.counters.pauses === 1);
    await client.acknowledged(9);
    for (let sequence = 10; sequence <= 12; sequence++) client.report(ALICE, sequence);
    await turns(50);
    expect(at.gateway.counters.frames).toBe(11);
    await until(() => {
      at.clock.advance(250);
      return client.acks.at(-1) === 12;
    });
  });

  test("thousands of frames at once are abuse and close with 4429", async () => {
    at = await startGateway({ framesBurstMax: 10, framesOverdrawnMax: 100 });
    await at.register(ALICE);
    const client = await AgentClient.login(at.url, ALICE);
    inOneWrite(client, () => {
      for (let i = 0; i < 1_000; i++) client.send({ type: "pull" });
    });
    expect(await client.closed).toEqual({
      code: CLOSE.tooManyFrames,
      reason: "more than 100 frames a second for too long",
    });
    expect(at.tap.calls.takeMailbox).toBeLessThan(200);
  });

  test("pings are no way around it", async () => {
    at = await startGateway({ framesPerSecondMax: 4, framesBurstMax: 10 });
    await at.register(ALICE);
    const client = await AgentClient.login(at.url, ALICE);
    for (let i = 0; i < 20; i++) client.socket.ping();
    await until(() => at.gateway.counters.pauses === 1);
    await until(() => {
      at.clock.advance(250);
      return at.gateway.counters.frames === 22;
    });
  });
});

describe("orders", () => {
  test("are handed out when the agent pulls; an empty mailbox is said too", async () => {
    at = await startGateway();
    await at.register(ALICE);
    const client = await AgentClient.login(at.url, ALICE);
    expect(await client.pull()).toEqual([]);
    at.tap.mailbox = [anOrder("one"), { ...anOrder("two"), withdrawn: true }];
    expect(await client.pull()).toEqual(at.tap.mailbox);
  });

  test("pulls that come while one is answered are answered together, with what is there then", async () => {
    at = await startGateway();
    await at.register(ALICE);
    const client = await AgentClient.login(at.url, ALICE);
    at.tap.close();
    for (let i = 0; i < 10; i++) client.send({ type: "pull" });
    await until(() => at.tap.calls.takeMailbox === 1);
    await client.isRead();
    at.tap.open();
    await client.next("orders");
    await client.next("orders");
    expect(await client.pull()).toEqual([]);
    expect(at.tap.calls.takeMailbox).toBe(3);
  });

  test("a nudge reaches those who are connected and no one else", async () => {
    at = await startGateway();
    await at.register(ALICE, BOB);
    const alice = await AgentClient.login(at.url, ALICE);
    const bob = await AgentClient.login(at.url, BOB);
    at.gateway.nudge([ALICE.deviceId, anAgent("nobody").deviceId]);
    expect(await alice.next("nudge")).toEqual({ type: "nudge" });
    expect(await bob.pull()).toEqual([]);
    expect(bob.heard.map(({ type }) => type)).not.toContain("nudge");
  });

  test("a stop names its orders to those who are connected; an older agent is nudged to read it", async () => {
    at = await startGateway();
    await at.register(ALICE, BOB);
    const alice = await AgentClient.login(at.url, ALICE);
    const bob = await AgentClient.connect(at.url);
    bob.sayHello(BOB, { minor: { newest: 0, oldest: 0 } });
    const { nonce } = await bob.next("challenge");
    bob.send({ type: "login", signature: toBase64(BOB.key.sign(loginBytes(nonce, BOB.deviceId))) });
    await bob.next("welcome");
    at.gateway.stopOrders(
      [ALICE, BOB, anAgent("nobody")].map(({ deviceId: device }, n) => ({ device, order: order(n) })),
    );
    expect(await alice.next("stop")).toEqual({ type: "stop", orderIds: [order(0)] });
    expect(await bob.next("nudge")).toEqual({ type: "nudge" });
  });

  test("a mailbox that cannot be read makes the agent come again, not wait", async () => {
    at = await startGateway();
    await at.register(ALICE);
    const client = await AgentClient.login(at.url, ALICE);
    at.tap.breakWhen((method) => method === "takeMailbox");
    client.send({ type: "pull" });
    expect((await client.closed).code).toBe(CLOSE.tryAgainLater);
  });

  test("that no frame can hold are left out and logged, and the others are sent", async () => {
    at = await startGateway();
    await at.register(ALICE);
    const client = await AgentClient.login(at.url, ALICE);
    const large = (name: string): Order => anOrder(name, 200_000);
    at.tap.mailbox = [large("a"), anOrder("unsendable", 300_000), large("b"), anOrder("c")];
    client.send({ type: "pull" });
    const frames = [await client.next("orders"), await client.next("orders")];
    expect(frames.map(({ orders }) => orders)).toEqual([[large("a")], [large("b"), anOrder("c")]]);
    expect(at.logged.filter(({ level }) => level === "error")).toMatchObject([{ fields: { leftOut: 1 } }]);
  });
});

test("a peer that does not read what it asked for is dropped", async () => {
  at = await startGateway({ outgoingBytesMax: 100_000, closeTimeoutMs: 50 });
  await at.register(ALICE);
  at.tap.mailbox = [anOrder("large", 150_000)];
  const client = await AgentClient.login(at.url, ALICE);
  client.socket.pause();
  await until(() => {
    if (at.tap.calls.takeMailbox < 200 && at.gateway.counters.slowReaders === 0) client.send({ type: "pull" });
    return at.gateway.counters.slowReaders === 1;
  });
  client.socket.resume();
  await client.closed;
  await until(async () => (await at.feed()).some(({ body }) => body.kind === "dropped"));
});
