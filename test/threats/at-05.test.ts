/** AT-05: what was captured on the wire and is sent again has no second effect, on the same connection or a new one. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { CLOSE } from "../../protocol/frames.ts";
import { AgentClient, anAgent, LEAVING } from "../support/agent-client.ts";
import { startGateway, type TestGateway } from "../support/gateway-server.ts";

const ALICE = anAgent("alice");
const CASES = process.env["RINGBACK_TEST_FULL"] === "1" ? 1_000 : 50;
let at: TestGateway;
beforeEach(async () => {
  at = await startGateway();
  await at.register(ALICE);
});
afterEach(() => at.stop());

/** Every frame that the device sent in a whole session. */
async function captured(): Promise<readonly string[]> {
  const sent: string[] = [];
  const victim = await AgentClient.connect(at.url);
  const send = victim.send.bind(victim);
  victim.send = (frame) => {
    sent.push(typeof frame === "string" ? frame : JSON.stringify(frame));
    send(frame);
  };
  await victim.login(ALICE, { instance: "victim" });
  victim.report(ALICE, 1);
  victim.report(ALICE, 2, { kind: "leaving", reason: "sleep" });
  await victim.acknowledged(2);
  await victim.close();
  return sent;
}

describe("AT-05 a captured session", () => {
  test(`AT-05 sent again on ${CASES} new connections logs nobody in and stores nothing`, async () => {
    const frames = await captured();
    const before = JSON.stringify(await at.store.reportsOf(ALICE.deviceId, 100));
    for (let i = 0; i < CASES; i++) {
      const thief = await AgentClient.connect(at.url);
      for (const frame of frames) thief.send(frame);
      // The signature is over another nonce. What came before the refusal is closed for coming too early.
      expect([CLOSE.loginRefused, CLOSE.notLoggedIn]).toContain((await thief.closed).code);
    }
    expect(at.gateway.counters).toMatchObject({ logins: 1, reportsStored: 2, reportsDuplicate: 0 });
    expect(JSON.stringify(await at.store.reportsOf(ALICE.deviceId, 100))).toBe(before);
  });

  test("AT-05 sent again in turn, each frame when its time has come, logs nobody in either", async () => {
    const [hello = "", login = ""] = await captured();
    const thief = await AgentClient.connect(at.url);
    thief.send(hello);
    await thief.next("challenge");
    thief.send(login);
    expect((await thief.closed).code).toBe(CLOSE.loginRefused);
    expect(at.gateway.counters).toMatchObject({ logins: 1, reportsStored: 2 });
  });

  test("AT-05 a captured resume is worth as little", async () => {
    const first = await AgentClient.connect(at.url);
    const { ticket } = await first.login(ALICE);
    await first.close();
    if (ticket === undefined) throw new Error("no ticket");
    const sent: string[] = [];
    const victim = await AgentClient.connect(at.url);
    const send = victim.send.bind(victim);
    victim.send = (frame) => {
      sent.push(JSON.stringify(frame));
      send(frame);
    };
    await victim.login(ALICE, { ticket });
    await victim.close();
    const thief = await AgentClient.connect(at.url);
    for (const frame of sent) thief.send(frame);
    await thief.next("challenge");
    await thief.next("challenge"); // for the key
    for (const frame of sent.slice(1)) thief.send(frame);
    expect((await thief.closed).code).toBe(CLOSE.malformed);
    expect(at.gateway.counters.logins).toBe(2);
  });

  test("AT-05 on the connection that the device has: reports are counted once, a second login ends it", async () => {
    const client = await AgentClient.login(at.url, ALICE);
    const report = JSON.stringify({ type: "report", epoch: ALICE.epoch, sequence: 1, body: LEAVING });
    client.send(report);
    await client.acknowledged(1);
    client.send(report);
    expect((await client.closed).code).toBe(CLOSE.malformed); // its number was used on this connection
    const again = await AgentClient.login(at.url, ALICE);
    again.send(report);
    await again.acknowledged(1);
    again.sayHello(ALICE);
    expect((await again.closed).code).toBe(CLOSE.malformed);
    expect(at.gateway.counters).toMatchObject({ reportsStored: 1, reportsDuplicate: 1 });
    expect(await at.store.reportsOf(ALICE.deviceId, 100)).toHaveLength(1);
  });
});
