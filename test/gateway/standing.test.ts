/** What the record says of a device decides whether it is let in and whether it gets orders, at once. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { DeviceStanding } from "../../protocol/enrolment.ts";
import { CLOSE } from "../../protocol/frames.ts";
import { AgentClient, anAgent } from "../support/agent-client.ts";
import { anOrder } from "../support/an-order.ts";
import { startGateway, type TestGateway, until } from "../support/gateway-server.ts";
import { aKey } from "../support/keys.ts";

let at: TestGateway;
const ALICE = anAgent("alice");
beforeEach(async () => {
  at = await startGateway();
  await at.register(ALICE);
  at.tap.mailbox = [anOrder("one")];
});
afterEach(() => at.stop());

/** As an administrator does it: the record first, then whoever is connected. */
async function stand(standing: DeviceStanding): Promise<void> {
  await at.store.setStanding(at.stream, ALICE.deviceId, standing, "a test says so", at.clock.now());
  at.gateway.standingChanged(ALICE.deviceId, standing);
}

test.each(["pending", "cloned"] as const)("a %s device reports, and its mailbox is empty", async (standing) => {
  await stand(standing);
  const client = await AgentClient.login(at.url, ALICE);
  client.report(ALICE, 1);
  await client.acknowledged(1);
  expect(await client.pull()).toEqual([]);
  expect(at.tap.calls.takeMailbox).toBe(0); // nothing was handed out, so that nothing is lost
});

describe("a revoked device", () => {
  test("is not let in, and told why", async () => {
    await stand("revoked");
    const client = await AgentClient.connect(at.url);
    await client.answerChallenge(ALICE);
    expect(await client.closed).toEqual({
      code: CLOSE.revoked,
      reason: "this device was revoked: an administrator must enrol it anew",
    });
  });

  test("whose key is not proved is told nothing that an unknown one is not", async () => {
    await stand("revoked");
    const client = await AgentClient.connect(at.url);
    await client.answerChallenge(ALICE, { key: aKey("mallory") });
    expect((await client.closed).code).toBe(CLOSE.loginRefused);
  });

  test("is closed at once if it is connected", async () => {
    const client = await AgentClient.login(at.url, ALICE);
    await stand("revoked");
    expect((await client.closed).code).toBe(CLOSE.revoked);
    client.send({ type: "pull" });
    expect(at.tap.calls.takeMailbox).toBe(0);
  });

  test("is closed although its login was looked up before the revocation stood", async () => {
    at.tap.close();
    const client = await AgentClient.connect(at.url);
    await client.answerChallenge(ALICE);
    await until(() => at.tap.calls.loginFacts === 1);
    at.gateway.standingChanged(ALICE.deviceId, "revoked");
    at.tap.open();
    expect((await client.closed).code).toBe(CLOSE.revoked);
  });
});

test("a device that is accepted while it is connected is nudged and gets its orders", async () => {
  await stand("pending");
  const client = await AgentClient.login(at.url, ALICE);
  expect(await client.pull()).toEqual([]);
  await stand("accepted");
  await client.next("nudge");
  expect(await client.pull()).toHaveLength(1);
});

test("a device that is no longer accepted gets no more orders on the connection it has", async () => {
  const client = await AgentClient.login(at.url, ALICE);
  expect(await client.pull()).toHaveLength(1);
  await stand("pending");
  expect(await client.pull()).toEqual([]);
});

test("an order that was being taken out while its device lost its standing is not sent", async () => {
  const client = await AgentClient.login(at.url, ALICE);
  at.tap.close();
  client.send({ type: "pull" });
  await until(() => at.tap.calls.takeMailbox === 1);
  at.gateway.standingChanged(ALICE.deviceId, "pending");
  at.tap.open();
  expect((await client.next("orders")).orders).toEqual([]);
});
