/** Agents over plain requests: the same way in, the same bounds, and nothing that is said twice counts twice. */
import { afterEach, describe, expect, test } from "vitest";
import { AGENT_FRAME_BYTES_MAX, CLOSE } from "../../protocol/frames.ts";
import { LONG_POLL_PATH, LONG_POLL_TYPE } from "../../protocol/long-poll.ts";
import { AgentClient, anAgent, LEAVING } from "../support/agent-client.ts";
import { anOrder } from "../support/an-order.ts";
import { startGateway, type TestGateway, turns, until } from "../support/gateway-server.ts";
import { ask, PollClient } from "../support/poll-client.ts";

const ALICE = anAgent("alice");
let at: TestGateway;
afterEach(() => at.stop());

async function start(limits: Parameters<typeof startGateway>[0] = {}): Promise<string> {
  at = await startGateway(limits);
  await at.register(ALICE);
  return at.url.replace(/^ws/, "http");
}
const report = (sequence: number): object => ({ type: "report", epoch: ALICE.epoch, sequence, body: LEAVING });
const ended = (text: string): unknown => JSON.parse(text);

describe("a session", () => {
  test("logs in, reports, is acknowledged, is nudged and takes orders", async () => {
    await start();
    const client = await PollClient.login(at.url, ALICE);
    expect((await client.post(report(1), report(2))).status).toBe(204);
    expect((await client.next("ack")).through).toBe(2);
    at.tap.mailbox = [anOrder("one")];
    const nudged = client.next("nudge");
    at.gateway.nudge([ALICE.deviceId]);
    await nudged;
    await client.post({ type: "pull" });
    expect((await client.next("orders")).orders).toHaveLength(1);
    expect(at.gateway.connections).toEqual({ open: 1, loggedIn: 1, unstoredReports: 0 });
  });

  test("stores the very bytes that a WebSocket would bring: the same report over both is one", async () => {
    await start();
    const client = await PollClient.login(at.url, ALICE);
    await client.post(report(1));
    await client.next("ack");
    const other = await AgentClient.login(at.url, ALICE);
    other.send(report(1));
    await other.acknowledged(1);
    expect(at.gateway.counters).toMatchObject({ reportsStored: 1, reportsDuplicate: 1, replayConflicts: 0 });
  });

  test("that the agent ends is over, and the device dropped", async () => {
    const base = await start();
    const client = await PollClient.login(at.url, ALICE);
    expect((await ask(base, "DELETE", client.headers(1))).status).toBe(204);
    await until(() => at.gateway.connections.open === 0);
    expect((await client.post(report(1))).status).toBe(401);
    await until(async () => (await at.feed()).some(({ body }) => body.kind === "dropped"));
  });

  test("whose waiting request breaks is over", async () => {
    const base = await start();
    const client = await PollClient.login(at.url, ALICE);
    const { frames } = at.gateway.counters;
    const abort = new AbortController();
    const headers = { ...client.headers(++client.gets), "ringback-protocol": "ringback.v1" };
    const waiting = fetch(`${base}${LONG_POLL_PATH}`, { headers, signal: abort.signal }).catch(() => "aborted");
    await until(() => at.gateway.counters.frames > frames);
    abort.abort();
    expect(await waiting).toBe("aborted");
    await until(() => at.gateway.connections.open === 0);
  });

  test("that is replaced by a WebSocket hears so", async () => {
    await start();
    const client = await PollClient.login(at.url, ALICE);
    const waiting = client.get();
    await AgentClient.login(at.url, ALICE);
    const { status, text } = await waiting;
    expect([status, ended(text)]).toEqual([410, expect.objectContaining({ code: CLOSE.replaced })]);
  });

  test("is told to come back when the controller stops, which does not wait for it", async () => {
    await start();
    const client = await PollClient.login(at.url, ALICE);
    const waiting = client.get();
    await at.gateway.drain();
    expect(ended((await waiting).text)).toMatchObject({ code: CLOSE.goingAway });
  });
});

describe("what is repeated has no effect", () => {
  test("a POST with a number that was used, or one too many, is 409", async () => {
    const base = await start();
    const client = await PollClient.login(at.url, ALICE);
    await client.post(report(1));
    await client.next("ack");
    const body = Buffer.from(`${JSON.stringify(report(2))}\n`);
    for (const number of [client.posts, client.posts - 1, client.posts + 2, 0, -1]) {
      expect((await ask(base, "POST", client.headers(number), body)).status).toBe(409);
    }
    expect((await ask(base, "POST", { ...client.headers(1), "ringback-number": "x" }, body)).status).toBe(409);
    expect(at.gateway.counters.reportsStored).toBe(1);
    expect((await client.post(report(2))).status).toBe(204); // the session goes on
  });

  test("a GET that was asked before gets nothing, and takes nothing away", async () => {
    const base = await start();
    const client = await PollClient.login(at.url, ALICE);
    const { frames } = at.gateway.counters;
    const waiting = client.get();
    await until(() => at.gateway.counters.frames > frames);
    for (const number of [client.gets, client.gets + 1, 1]) {
      expect((await ask(base, "GET", client.headers(number))).status).toBe(409);
    }
    at.gateway.nudge([ALICE.deviceId]);
    expect((await waiting).text).toContain("nudge");
  });
});

describe("no way in but the agents'", () => {
  test.each([
    ["a page of any origin", { origin: "https://controller.example" }, 403],
    ["a page without an origin", { origin: "null" }, 403],
    ["another subprotocol", { "ringback-protocol": "ringback.v2" }, 400],
    ["what a form can send", { "content-type": "text/plain" }, 415],
    ["a secret of somebody's making", { authorization: `Ringback ${"A".repeat(43)}` }, 401],
    ["a secret that is none", { authorization: "Ringback x" }, 401],
    ["another scheme", { authorization: `Bearer ${"A".repeat(43)}` }, 401],
  ])("%s is refused", async (_, headers, status) => {
    const base = await start();
    expect((await ask(base, "POST", headers)).status).toBe(status);
    expect(at.gateway.counters).toMatchObject({ connectionsAccepted: 0, upgradesRefused: 1 });
  });

  test("other methods and other spellings of the address neither", async () => {
    const base = await start();
    expect((await ask(base, "PUT", {})).status).toBe(405);
    expect((await ask(base, "GET", {})).status).toBe(401);
    expect((await ask(base, "POST", {}, undefined, `${LONG_POLL_PATH}?session=1`)).status).toBe(404);
    expect(at.gateway.connections.open).toBe(0);
  });

  test("a secret is 256 bits, never the same, and in no answer but the first", async () => {
    await start();
    const clients = await Promise.all(Array.from({ length: 20 }, () => PollClient.open(at.url)));
    expect(new Set(clients.map(({ session }) => session)).size).toBe(20);
    for (const { session } of clients) expect(Buffer.from(session, "base64url")).toHaveLength(32);
    expect(JSON.stringify(at.logged)).not.toContain(clients[0]?.session);
  });
});

describe("the bounds are the WebSockets'", () => {
  test("no more connections than both together may have, and a time to come again", async () => {
    const base = await start({ connectionsMax: 2 });
    await AgentClient.connect(at.url);
    await PollClient.open(at.url);
    const refused = await ask(base, "POST", {});
    expect(refused.status).toBe(503);
    expect(refused.headers.get("retry-after")).toBe("60");
  });

  test("one that does not log in is ended, whether it asks or not", async () => {
    await start();
    const silent = await PollClient.open(at.url);
    const asking = await PollClient.open(at.url);
    const waiting = asking.get();
    await until(() => at.gateway.counters.frames === 1);
    at.clock.advance(11_000);
    expect(ended((await waiting).text)).toMatchObject({ code: CLOSE.loginTimeout });
    at.clock.advance(5_000);
    await until(() => at.gateway.connections.open === 0);
    expect((await silent.get()).status).toBe(401);
  });

  test("one that fetches nothing any more is gone after two pings; one that does stays", async () => {
    await start();
    const client = await PollClient.login(at.url, ALICE);
    for (let round = 0; round < 4; round++) {
      const waiting = client.get();
      await turns(20);
      at.clock.advance(20_000);
      expect((await waiting).status).toBe(204);
    }
    expect(at.gateway.connections.loggedIn).toBe(1);
    for (let round = 0; round < 4; round++) at.clock.advance(20_000);
    await until(() => at.gateway.connections.open === 0);
    expect(at.gateway.counters.pingsUnanswered).toBe(1);
  });

  test("frames beyond the rate wait, and their POST with them", async () => {
    await start({ framesPerSecondMax: 4, framesBurstMax: 10 });
    const client = await PollClient.login(at.url, ALICE);
    const posted = client.post(...Array.from({ length: 20 }, (_, i) => report(i + 1)));
    await until(() => at.gateway.counters.pauses === 1);
    let isAnswered = false;
    void posted.then(() => {
      isAnswered = true;
    });
    await turns(50);
    expect(isAnswered).toBe(false);
    await until(() => {
      if (at.gateway.counters.reportsStored < 20) at.clock.advance(250);
      return isAnswered;
    });
    expect((await posted).status).toBe(204);
    expect(at.gateway.counters.reportsStored).toBe(20);
  });

  test("reports wait while the store takes none", async () => {
    await start({ unacknowledgedMax: 2 });
    const client = await PollClient.login(at.url, ALICE);
    at.tap.close();
    const posted = client.post(report(1), report(2), report(3), report(4));
    await until(() => at.gateway.counters.pauses === 1);
    expect(at.gateway.connections.unstoredReports).toBe(2);
    at.tap.open();
    expect((await posted).status).toBe(204);
    await until(() => at.gateway.counters.reportsStored === 4);
  });

  test("empty requests cost what frames cost", async () => {
    await start({ framesPerSecondMax: 4, framesBurstMax: 10, framesOverdrawnMax: 5 });
    const client = await PollClient.login(at.url, ALICE);
    let answered = 0;
    const asked = (async () => {
      for (let i = 0; i < 100; i++) {
        await client.post();
        answered++;
      }
    })().catch(() => undefined);
    await until(() => at.gateway.counters.pauses > 0);
    await turns(200);
    expect(answered).toBeLessThan(10);
    at.clock.advance(60_000);
    at.clock.advance(60_000);
    void asked;
  });

  test.each([
    ["larger than a frame may be", Buffer.alloc(AGENT_FRAME_BYTES_MAX + 1, 0x61), CLOSE.tooLarge],
    ["larger and without an end", Buffer.alloc(4 * AGENT_FRAME_BYTES_MAX, 0x61), CLOSE.tooLarge],
    ["no UTF-8", Buffer.from([0x7b, 0xff, 0x7d]), CLOSE.notUtf8],
    ["no JSON", Buffer.from("hello?"), CLOSE.malformed],
    ["of an unknown type", Buffer.from('{"type":"format-disk"}'), CLOSE.malformed],
  ])("a line that is %s ends it with a code", async (_, line, code) => {
    await start();
    const client = await PollClient.login(at.url, ALICE);
    const waiting = client.get();
    await client.post(line).catch(() => undefined); // cut off in the middle of a line that is too long
    expect(ended((await waiting).text)).toMatchObject({ code });
    await until(() => at.gateway.connections.open === 0);
  });

  test("what a session waits with is bounded: one that never fetches is dropped", async () => {
    await start({ outgoingBytesMax: 2_000 });
    const client = await PollClient.login(at.url, ALICE);
    for (let i = 0; i < 200; i++) at.gateway.nudge([ALICE.deviceId]);
    expect(at.gateway.counters.slowReaders).toBe(1);
    expect((await client.get()).status).toBe(200); // what was sent before
    expect(ended((await client.get()).text)).toMatchObject({ code: CLOSE.tryAgainLater });
  });

  test("the type of what is sent is the one that no page may send unasked", () => {
    expect(["text/plain", "multipart/form-data", "application/x-www-form-urlencoded"]).not.toContain(LONG_POLL_TYPE);
  });
});
