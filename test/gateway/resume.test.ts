/** Coming back with a ticket: what it saves, and that it lets nobody in whom the key would not. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { CLOSE, SCHEMA_MINOR } from "../../protocol/frames.ts";
import { TICKET_LIFETIME_MS } from "../../protocol/resume.ts";
import { AgentClient, anAgent, type LoginWay } from "../support/agent-client.ts";
import { startGateway, type TestGateway } from "../support/gateway-server.ts";

let at: TestGateway;
const ALICE = anAgent("alice");
const BOB = anAgent("bob");
beforeEach(async () => {
  at = await startGateway();
  await at.register(ALICE, BOB);
});
afterEach(() => at.stop());

type Ticket = NonNullable<LoginWay["ticket"]>;

/** Logs in by key, leaves, and keeps the ticket. */
async function aTicket(of = ALICE): Promise<Ticket> {
  const client = await AgentClient.connect(at.url);
  const { ticket } = await client.login(of);
  await client.close();
  if (ticket === undefined) throw new Error("the welcome brought no ticket");
  return ticket;
}

/** Offers the ticket and hears that the key is asked for; then proves it. */
async function fallsBackToKey(ticket: Ticket, agent = ALICE): Promise<void> {
  const client = await AgentClient.connect(at.url);
  await client.answerChallenge(agent, { ticket });
  await client.answerNextChallenge(agent);
  expect((await client.next("welcome")).ticket).toBeDefined();
  expect(at.gateway.counters.loginsResumed).toBe(0);
}

test("a ticket takes the place of the signature, again and again, and brings no new one", async () => {
  const ticket = await aTicket();
  for (let i = 1; i <= 3; i++) {
    const client = await AgentClient.connect(at.url);
    const welcome = await client.login(ALICE, { ticket });
    expect(welcome.ticket).toBeUndefined();
    client.report(ALICE, i);
    await client.acknowledged(i);
    await client.close();
  }
  expect(at.gateway.counters).toMatchObject({ logins: 4, loginsResumed: 3 });
});

test("an older agent gets no ticket and may send none", async () => {
  const client = await AgentClient.connect(at.url);
  client.sayHello(ALICE, { minor: { newest: 1, oldest: 0 } });
  await client.answerNextChallenge(ALICE);
  expect(await client.next("welcome")).toEqual({ type: "welcome", through: 0, now: at.clock.now() });
  const ticket = await aTicket(BOB);
  const other = await AgentClient.connect(at.url);
  other.sayHello(BOB, { minor: { newest: 1, oldest: 0 } });
  await other.answerNextChallenge(BOB, { ticket });
  expect((await other.closed).code).toBe(CLOSE.malformed);
});

describe("a ticket that is no good is answered with another challenge, for the key", () => {
  test("one that is older than a day", async () => {
    const ticket = await aTicket();
    at.clock.advance(TICKET_LIFETIME_MS + 1);
    await fallsBackToKey(ticket);
  });

  test("one of the last moment is still good", async () => {
    const ticket = await aTicket();
    at.clock.advance(TICKET_LIFETIME_MS);
    await (await AgentClient.connect(at.url)).login(ALICE, { ticket });
    expect(at.gateway.counters.loginsResumed).toBe(1);
  });

  test("one of another device", async () => {
    await fallsBackToKey(await aTicket(BOB));
  });

  test("one with another secret", async () => {
    await fallsBackToKey({ ...(await aTicket()), secret: Buffer.alloc(32, 7).toString("base64") });
  });

  test.each([0, 1, 3, 9, 20])("one with a byte changed: %i", async (i) => {
    const { ticket, secret } = await aTicket();
    const bytes = Buffer.from(ticket, "base64url");
    bytes[i] = (bytes[i] ?? 0) ^ 1;
    await fallsBackToKey({ ticket: bytes.toString("base64url"), secret });
  });

  test("one of a key that is gone; the key before the newest is still good", async () => {
    const ticket = await aTicket();
    at.rotateResumeKeys(1);
    await (await AgentClient.connect(at.url)).login(ALICE, { ticket });
    expect(at.gateway.counters.loginsResumed).toBe(1);
    at.rotateResumeKeys(0);
    const client = await AgentClient.connect(at.url);
    await client.answerChallenge(ALICE, { ticket });
    await client.answerNextChallenge(ALICE);
    await client.next("welcome");
    expect(at.gateway.counters.loginsResumed).toBe(1);
  });

  test("one of a device whose binding is another one now", async () => {
    const ticket = await aTicket();
    at.tap.direct.add(ALICE.deviceId);
    const client = await AgentClient.connect(at.url);
    await client.answerChallenge(ALICE, { ticket });
    await client.answerNextChallenge(ALICE);
    expect((await client.closed).code).toBe(CLOSE.loginRefused);
  });

  test("an unknown device hears the same as a known one", async () => {
    const ticket = await aTicket();
    const client = await AgentClient.connect(at.url);
    await client.answerChallenge(anAgent("mallory"), { ticket });
    await client.answerNextChallenge(anAgent("mallory"));
    expect((await client.closed).code).toBe(CLOSE.loginRefused);
  });

  test("and a second ticket on the same connection is refused", async () => {
    const ticket = await aTicket(BOB);
    const client = await AgentClient.connect(at.url);
    await client.answerChallenge(ALICE, { ticket });
    await client.answerNextChallenge(ALICE, { ticket });
    expect((await client.closed).code).toBe(CLOSE.malformed);
  });
});

test("a revoked device is let in by no ticket", async () => {
  const ticket = await aTicket();
  await at.store.setStanding(at.stream, ALICE.deviceId, "revoked", "stolen", at.clock.now());
  const client = await AgentClient.connect(at.url);
  await client.answerChallenge(ALICE, { ticket });
  expect((await client.closed).code).toBe(CLOSE.revoked);
});

test("what was overheard of a resumed login opens no other connection", async () => {
  const ticket = await aTicket();
  const spied = await AgentClient.connect(at.url);
  spied.sayHello(ALICE);
  const { nonce } = await spied.next("challenge");
  const client = await AgentClient.connect(at.url);
  await client.answerChallenge(ALICE, { ticket, nonce }); // its proof is over the nonce of the other connection
  expect((await client.next("challenge")).minor).toBe(SCHEMA_MINOR.newest);
});
