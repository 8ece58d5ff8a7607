/** AT-04: two machines with one identity are found, and neither gets orders; one machine that restarts is left alone. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { CLOSE } from "../../protocol/frames.ts";
import { AgentClient, anAgent } from "../support/agent-client.ts";
import { anOrder } from "../support/an-order.ts";
import { startGateway, type TestGateway, turns, until } from "../support/gateway-server.ts";

const ALICE = anAgent("alice");
let at: TestGateway;
beforeEach(async () => {
  at = await startGateway();
  await at.register(ALICE);
  at.tap.mailbox = [anOrder("one")];
});
afterEach(() => at.stop());

const standing = async (): Promise<string | undefined> => (await at.store.device(ALICE.deviceId))?.standing;

/** A machine, or the next process of one; `autoPong: false` is one whose network no longer carries anything. */
const machine = (instance: string, autoPong = true): Promise<AgentClient> =>
  AgentClient.login(at.url, ALICE, { autoPong }, { instance });

describe("AT-04 a copy of a machine", () => {
  test("AT-04 that logs in beside it: both are closed with 4442 and what to do, the record says it once", async () => {
    const original = await machine("original");
    const copy = await machine("copy");
    copy.send({ type: "pull" });
    for (const { closed } of [original, copy]) {
      expect(await closed).toEqual({
        code: CLOSE.cloned,
        reason:
          "two machines have this identity, neither is given orders: enrol one of them anew, with a key of its own",
      });
    }
    await until(async () => (await standing()) === "cloned");
    expect(copy.heard.map(({ type }) => type)).not.toContain("orders");
    expect(at.tap.calls).toMatchObject({ takeMailbox: 0, setStanding: 1 });
    expect(at.gateway.counters.clonesFound).toBe(1);
    expect(at.logged.some(({ level, message }) => level === "error" && message.includes("Enrol one of them"))).toBe(
      true,
    );
  });

  test("AT-04 afterwards both go on reporting, in turn, and neither gets an order", async () => {
    const found = [await machine("original"), await machine("copy")];
    await Promise.all(found.map(({ closed }) => closed));
    await until(async () => (await standing()) === "cloned");
    const original = await machine("original");
    original.report(ALICE, 1);
    await original.acknowledged(1);
    expect(await original.pull()).toEqual([]);
    const copy = await machine("copy");
    expect((await original.closed).code).toBe(CLOSE.cloned);
    copy.report(ALICE, 2);
    await copy.acknowledged(2);
    expect(await copy.pull()).toEqual([]);
    expect(at.tap.calls).toMatchObject({ takeMailbox: 0, setStanding: 1 });
  });

  test("AT-04 whose original cannot answer in time is found when the original comes back", async () => {
    await machine("original", false);
    const copy = await machine("copy", false); // no ping finds it: only that the original is back
    at.clock.advance(6_000);
    await until(() => at.gateway.counters.replaced === 1);
    const back = await AgentClient.connect(at.url);
    await back.answerChallenge(ALICE, { instance: "original" });
    expect((await back.closed).code).toBe(CLOSE.cloned);
    expect((await copy.closed).code).toBe(CLOSE.cloned);
    await until(async () => (await standing()) === "cloned");
  });

  test("AT-04 that reports other things under the same numbers: the first stand, and both are found", async () => {
    const original = await machine("original", false);
    original.report(ALICE, 1);
    await original.acknowledged(1);
    const copy = await machine("copy");
    copy.report(ALICE, 1, { kind: "leaving", reason: "shutdown" });
    expect((await copy.closed).code).toBe(CLOSE.replayConflict);
    at.clock.advance(6_000);
    await original.closed;
    const copyAgain = await machine("copy");
    const originalAgain = await AgentClient.connect(at.url);
    await originalAgain.answerChallenge(ALICE, { instance: "original" });
    expect((await originalAgain.closed).code).toBe(CLOSE.cloned);
    expect((await copyAgain.closed).code).toBe(CLOSE.cloned);
    await until(async () => (await standing()) === "cloned");
  });

  test("AT-04 is found again if the record could not be told", async () => {
    at.tap.breakWhen((method) => method === "setStanding");
    const found = [await machine("original"), await machine("copy")];
    await Promise.all(found.map(({ closed }) => closed));
    expect(await standing()).toBe("accepted");
    at.tap.breakWhen(null);
    await machine("original");
    await machine("copy");
    await until(async () => (await standing()) === "cloned");
  });
});

describe("AT-04 one machine is not taken for two", () => {
  test("AT-04 a restart of the agent: the old socket is gone, orders come at once", async () => {
    for (let life = 1; life <= 20; life++) {
      const agent = await machine(`life ${life}`);
      expect(await agent.pull()).toHaveLength(1);
      await agent.close();
    }
    expect(await standing()).toBe("accepted");
  });

  test("AT-04 a power cut: the old socket looks alive and never answers; orders come when that is known", async () => {
    const lost = await machine("before", false);
    const after = await machine("after");
    after.send({ type: "pull" });
    after.report(ALICE, 1); // reports wait for nothing
    await after.acknowledged(1);
    await turns(20);
    expect(after.heard.map(({ type }) => type)).not.toContain("orders");
    at.clock.advance(6_000);
    expect((await after.next("orders")).orders).toHaveLength(1);
    expect((await lost.closed).code).toBe(CLOSE.replaced);
    expect([await standing(), at.gateway.counters.clonesFound]).toEqual(["accepted", 0]);
  });

  test("AT-04 a power cut whose old socket ends by itself meanwhile: orders come then", async () => {
    const lost = await machine("before", false);
    const after = await machine("after");
    after.send({ type: "pull" });
    lost.socket.terminate();
    expect((await after.next("orders")).orders).toHaveLength(1);
    expect(await standing()).toBe("accepted");
  });

  test("AT-04 pongs to keep-alive pings, or made up, prove nothing", async () => {
    const lost = await machine("before", false);
    const after = await machine("after");
    lost.socket.pong();
    lost.socket.pong(Buffer.alloc(16));
    await lost.isRead();
    expect(at.gateway.counters.clonesFound).toBe(0);
    expect(await after.isRead()).toBeUndefined();
  });

  test("AT-04 an agent that is too old to say which process it is, is replaced as ever", async () => {
    const first = await AgentClient.login(at.url, ALICE);
    const second = await AgentClient.login(at.url, ALICE);
    expect((await first.closed).code).toBe(CLOSE.replaced);
    expect(await second.pull()).toHaveLength(1);
    expect(await standing()).toBe("accepted");
  });

  test("AT-04 three power cuts in a row", async () => {
    await machine("one", false);
    await machine("two", false);
    const three = await machine("three");
    three.send({ type: "pull" });
    at.clock.advance(6_000);
    expect((await three.next("orders")).orders).toHaveLength(1);
    expect([await standing(), at.gateway.counters.clonesFound]).toEqual(["accepted", 0]);
  });
});
