/** Stops and holds on their way to agents: at once to who is connected, at their login to the others. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { toBase64 } from "../../protocol/dsse.ts";
import { loginBytes } from "../../protocol/frames.ts";
import { AgentClient, anAgent } from "../support/agent-client.ts";
import { startGateway, type TestGateway } from "../support/gateway-server.ts";
import { aHold, aStop } from "../support/precautions.ts";

const ALICE = anAgent("alice");
const BOB = anAgent("bob");
const STOP = JSON.stringify({ type: "emergency", stop: aStop(), resume: null });
const SIGNED = aHold();
const HOLD = JSON.stringify({ type: "hold", hold: SIGNED, released: false });

let at: TestGateway;
beforeEach(async () => {
  at = await startGateway();
  await at.register(ALICE, BOB);
});
afterEach(() => at.stop());

test("are told at once to every agent that is connected, and to the others when they log in", async () => {
  const alice = await AgentClient.login(at.url, ALICE);
  at.precautions.frames.push(STOP, HOLD);
  at.gateway.tellPrecautions([STOP]);
  expect((await alice.next("emergency")).stop).toEqual(aStop());
  const bob = await AgentClient.login(at.url, BOB);
  expect((await bob.next("emergency")).resume).toBeNull();
  expect((await bob.next("hold")).hold).toEqual(SIGNED);
});

test("are not told to an agent that does not know of them", async () => {
  at.precautions.frames.push(STOP);
  const client = await AgentClient.connect(at.url);
  client.sayHello(ALICE, { minor: { newest: 1, oldest: 0 } });
  const { nonce } = await client.next("challenge");
  client.send({ type: "login", signature: toBase64(ALICE.key.sign(loginBytes(nonce, ALICE.deviceId))) });
  await client.next("welcome");
  at.gateway.tellPrecautions([STOP]);
  await client.isRead();
  expect(client.heard.map(({ type }) => type)).toEqual(["challenge", "welcome"]);
});
