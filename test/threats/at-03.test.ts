/** AT-03: who a device is comes from its key alone, never from what a message says. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { CLOSE } from "../../protocol/frames.ts";
import { AgentClient, anAgent, LEAVING } from "../support/agent-client.ts";
import { anOrder } from "../support/an-order.ts";
import { startGateway, type TestGateway } from "../support/gateway-server.ts";

const A = anAgent("device a");
const B = anAgent("device b");
const CASES = process.env["RINGBACK_TEST_FULL"] === "1" ? 200 : 20;
let at: TestGateway;
beforeEach(async () => {
  at = await startGateway();
  await at.register(A, B);
});
afterEach(() => at.stop());

/** B as it was: still connected, nothing of its reports and its mailbox touched. */
async function isUntouched(b: AgentClient, reports: number): Promise<void> {
  expect(at.tap.calls.takeMailbox).toBe(0);
  expect(await at.store.through(B.deviceId, B.epoch)).toBe(reports);
  b.report(B, reports + 1);
  await b.acknowledged(reports + 1);
  expect((await at.store.device(B.deviceId))?.standing).toBe("accepted");
}

describe("AT-03 device A's key with device B's id", () => {
  test(`AT-03 in the login, ${CASES} times: A is closed with 4401, B goes on`, async () => {
    const b = await AgentClient.login(at.url, B, {}, { instance: "b" });
    at.tap.mailbox = [anOrder("for b")];
    for (let i = 0; i < CASES; i++) {
      const a = await AgentClient.connect(at.url);
      await a.answerChallenge(B, { key: A.key, instance: "a" });
      expect((await a.closed).code).toBe(CLOSE.loginRefused);
    }
    expect(at.gateway.counters).toMatchObject({ logins: 1, loginsRefused: CASES, replaced: 0, clonesFound: 0 });
    await isUntouched(b, 0);
  });

  test("AT-03 with A's own ticket: asked for B's key, which it does not have", async () => {
    const own = await AgentClient.connect(at.url);
    const { ticket } = await own.login(A);
    const b = await AgentClient.login(at.url, B);
    if (ticket === undefined) throw new Error("no ticket");
    const a = await AgentClient.connect(at.url);
    await a.answerChallenge(B, { ticket });
    await a.answerNextChallenge(B, { key: A.key });
    expect((await a.closed).code).toBe(CLOSE.loginRefused);
    await isUntouched(b, 0);
  });

  test("AT-03 in a report after A's own login: A is closed with 4400, B has no such report", async () => {
    const b = await AgentClient.login(at.url, B);
    b.report(B, 1);
    await b.acknowledged(1);
    const frames = [
      { type: "report", deviceId: B.deviceId, epoch: B.epoch, sequence: 2, body: LEAVING },
      { type: "report", epoch: B.epoch, sequence: 2, body: LEAVING },
      { type: "pull", deviceId: B.deviceId },
    ];
    for (const frame of frames) {
      const a = await AgentClient.login(at.url, A);
      a.send(frame);
      expect((await a.closed).code).toBe(CLOSE.malformed);
    }
    await isUntouched(b, 1);
  });
});
