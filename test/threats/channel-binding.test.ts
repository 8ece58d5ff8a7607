/** T5: a login is worth nothing on any connection but the one it was made for, whoever relays it. Real TLS sockets. */
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { CLOSE } from "../../protocol/frames.ts";
import { aCertificate, type TestCertificate } from "../support/a-certificate.ts";
import { AgentClient, anAgent } from "../support/agent-client.ts";
import { startGateway, type TestGateway } from "../support/gateway-server.ts";
import { type Relay, startRelay } from "../support/relay.ts";

const ALICE = anAgent("alice");
const TLS = { rejectUnauthorized: false } as const;
let certificate: TestCertificate;
let at: TestGateway;
let relay: Relay | undefined;
beforeAll(() => {
  certificate = aCertificate();
});
beforeEach(async () => {
  at = await startGateway({}, certificate);
  await at.register(ALICE);
  at.tap.direct.add(ALICE.deviceId);
});
afterEach(async () => {
  relay?.close();
  relay = undefined;
  await at.stop();
});

test("a device that is bound logs in over its own TLS connection, by key and then by ticket", async () => {
  const client = await AgentClient.connect(at.url, TLS);
  const { ticket } = await client.login(ALICE, { channel: client.channel });
  await client.close();
  if (ticket === undefined) throw new Error("no ticket");
  const again = await AgentClient.connect(at.url, TLS);
  await again.login(ALICE, { channel: again.channel, ticket });
  expect(at.gateway.counters.loginsResumed).toBe(1);
});

describe("a device that is bound is refused", () => {
  test("through a man in the middle who relays every frame as it is", async () => {
    relay = await startRelay(at.url, certificate);
    const victim = await AgentClient.connect(relay.url, TLS);
    await victim.answerChallenge(ALICE, { channel: victim.channel });
    expect((await victim.closed).code).toBe(CLOSE.loginRefused);
    expect(relay.passed.some(({ from, text }) => from === "agent" && text.includes('"login"'))).toBe(true);
    expect(at.gateway.counters).toMatchObject({ logins: 0, loginsRefused: 1 });
  });

  test("through the same man with a ticket: he is asked for the key, which he cannot bind either", async () => {
    const client = await AgentClient.connect(at.url, TLS);
    const { ticket } = await client.login(ALICE, { channel: client.channel });
    await client.close();
    if (ticket === undefined) throw new Error("no ticket");
    relay = await startRelay(at.url, certificate);
    const victim = await AgentClient.connect(relay.url, TLS);
    await victim.answerChallenge(ALICE, { channel: victim.channel, ticket });
    await victim.answerNextChallenge(ALICE, { channel: victim.channel });
    expect((await victim.closed).code).toBe(CLOSE.loginRefused);
    expect(at.gateway.counters.logins).toBe(1);
  });

  test("if it signs without its connection, also over TLS", async () => {
    const client = await AgentClient.connect(at.url, TLS);
    await client.answerChallenge(ALICE);
    expect((await client.closed).code).toBe(CLOSE.loginRefused);
  });

  test("if its signature was made for another connection of its own", async () => {
    const other = await AgentClient.connect(at.url, TLS);
    const client = await AgentClient.connect(at.url, TLS);
    await client.answerChallenge(ALICE, { channel: other.channel });
    expect((await client.closed).code).toBe(CLOSE.loginRefused);
  });
});

test("a device that is bound is refused where the controller does not end TLS, with and without a channel in its signature", async () => {
  await at.stop();
  at = await startGateway();
  await at.register(ALICE);
  at.tap.direct.add(ALICE.deviceId);
  for (const channel of ["", Buffer.alloc(32).toString("base64")]) {
    const client = await AgentClient.connect(at.url);
    await client.answerChallenge(ALICE, { channel });
    expect((await client.closed).code).toBe(CLOSE.loginRefused);
  }
});

test("a device that comes through a front signs no connection, and is let in over TLS too", async () => {
  at.tap.direct.clear();
  const client = await AgentClient.connect(at.url, TLS);
  await client.login(ALICE);
  const bound = await AgentClient.connect(at.url, TLS);
  await bound.answerChallenge(ALICE, { channel: bound.channel });
  expect((await bound.closed).code).toBe(CLOSE.loginRefused); // the mode is the record's, never negotiated
});
