import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { AgentFrame } from "../../protocol/frames.ts";
import { AgentClient, anAgent, LEAVING } from "../support/agent-client.ts";
import { FULL_RUN_TIMEOUT_FACTOR } from "../lanes.ts";
import { startGateway, type TestGateway, until } from "../support/gateway-server.ts";
import { ask, PollClient } from "../support/poll-client.ts";

const ALICE = anAgent("alice");
const WITNESS = anAgent("witness");
const FULL = process.env["RINGBACK_TEST_FULL"] === "1";
/** Of each test; with the frames of `SPRAYED` a million in the full run. */
const RUNS = FULL ? 20_000 : 500;
/** Frames that are sprayed at connections before and after login, over both ways in. */
const SPRAYED = FULL ? 940_000 : 20_000;
/** A connection is closed by its first bad frame; the ones after it are still read and must do nothing. */
const FRAMES_EACH = 100;
const RSS_GROWTH_BYTES_MAX = 50 * 1024 * 1024;
/** Ends a test that hangs; two thousand connections take a while on a loaded machine. */
const HANGS_AFTER_MS = 120_000 * (FULL ? FULL_RUN_TIMEOUT_FACTOR : 1);

let at: TestGateway;
let witness: AgentClient;
let sequence = 0;
beforeAll(async () => {
  at = await startGateway({ framesPerSecondMax: 1_000_000, framesBurstMax: 1_000_000 });
  await at.register(ALICE, WITNESS);
  witness = await AgentClient.login(at.url, WITNESS);
});
afterAll(() => at.stop());

const GOOD: readonly object[] = [
  {
    type: "hello",
    minor: { newest: 0, oldest: 0 },
    deviceId: ALICE.deviceId,
    agentVersion: "0.1.0",
    epoch: ALICE.epoch,
  },
  { type: "login", signature: "A".repeat(88) },
  {
    type: "login",
    signature: "A".repeat(43),
    ticket: "A".repeat(36),
    device: { instance: `${"A".repeat(22)}==`, trustVersion: 3, policyVersion: 1 },
  },
  { type: "report", epoch: ALICE.epoch, sequence: 1, body: LEAVING },
  {
    type: "report",
    epoch: ALICE.epoch,
    sequence: 1,
    body: { kind: "order-accepted", orderId: "order_01hf7yat000000000000000000" },
  },
  { type: "pull" },
  { type: "pull", nonce: `${"A".repeat(43)}=` },
  {
    type: "report",
    epoch: ALICE.epoch,
    sequence: 1,
    body: { kind: "trust-changed", trustVersion: 2, policyVersion: 9 },
  },
];

/** A good frame with one thing changed: a field gone, added or replaced, or the text cut or garbled. */
const almostGood: fc.Arbitrary<string> = fc
  .tuple(
    fc.constantFrom(...GOOD),
    fc.nat(20),
    fc.jsonValue(),
    fc.constantFrom(...(["drop", "add", "replace", "cut", "garble"] as const)),
  )
  .map(([good, where, value, how]) => {
    const keys = Object.keys(good);
    const key = keys[where % keys.length] ?? "type";
    const text = JSON.stringify(good);
    const at = (where * 7) % text.length;
    switch (how) {
      case "drop":
        return JSON.stringify({ ...good, [key]: undefined });
      case "add":
        return JSON.stringify({ ...good, [`x${where}`]: value });
      case "replace":
        return JSON.stringify({ ...good, [key]: value });
      case "cut":
        return text.slice(0, at);
      case "garble":
        return `${text.slice(0, at)}${JSON.stringify(value)}${text.slice(at)}`;
    }
  });
const anyFrame: fc.Arbitrary<string | Buffer> = fc.oneof(
  { weight: 6, arbitrary: almostGood },
  { weight: 2, arbitrary: fc.json() },
  { weight: 2, arbitrary: fc.string({ unit: "binary" }) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)) },
);

function isGood(frame: string | Buffer): boolean {
  if (Buffer.isBuffer(frame)) return false;
  try {
    return AgentFrame.safeParse(JSON.parse(frame)).success;
  } catch {
    return false;
  }
}

/** The gateway lives on and has stored the witness's reports alone. */
async function nothingChanged(): Promise<void> {
  witness.report(WITNESS, ++sequence);
  await witness.acknowledged(sequence);
  expect(at.gateway.counters).toMatchObject({ reportsStored: sequence, clonesFound: 0 });
  expect(await at.store.through(ALICE.deviceId, ALICE.epoch)).toBe(0);
}

test(
  `${RUNS} connections that never log in, whatever they send, change nothing`,
  async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyFrame, { minLength: 1, maxLength: 4 }), async (frames) => {
        const client = await AgentClient.connect(at.url);
        for (const frame of frames) client.send(frame);
        client.socket.close(1000);
        const { code, reason } = await client.closed;
        expect(code === 1000 || (code > 1000 && reason !== "")).toBe(true);
      }),
      { numRuns: RUNS },
    );
    await nothingChanged();
    expect(at.gateway.counters.logins).toBe(1);
  },
  HANGS_AFTER_MS,
);

test(
  `${RUNS} bad frames after login, each closes with a code and a reason and changes nothing`,
  async () => {
    await fc.assert(
      fc.asyncProperty(
        anyFrame.filter((frame) => !isGood(frame)),
        async (frame) => {
          const client = await AgentClient.login(at.url, ALICE);
          client.send(frame);
          const { code, reason } = await client.closed;
          expect([1003, 4400]).toContain(code);
          expect(reason).not.toBe("");
        },
      ),
      { numRuns: RUNS },
    );
    await nothingChanged();
  },
  HANGS_AFTER_MS,
);

/** A few hundred drawn once, so that the spraying is of frames and not of dice. */
const AMMUNITION = fc.sample(
  anyFrame.filter((frame) => !isGood(frame) && frame.length > 0),
  { numRuns: 400, seed: 7 },
);
const volley = (from: number): readonly (string | Buffer)[] =>
  Array.from({ length: FRAMES_EACH }, (_, i) => AMMUNITION[(from + i) % AMMUNITION.length] ?? "");

/** What a full collection leaves; without a way to ask for one, what there is. */
function rss(): number {
  globalThis.gc?.();
  return process.memoryUsage.rss();
}

test(
  `${SPRAYED} frames in volleys, before and after login, by WebSocket and by request: memory stays flat`,
  async () => {
    const spray = async (count: number): Promise<void> => {
      for (let sent = 0; sent < count; sent += 3 * FRAMES_EACH) {
        const stranger = await AgentClient.connect(at.url);
        const known = await AgentClient.login(at.url, ALICE);
        const poller = await PollClient.open(at.url);
        for (const frame of volley(sent)) stranger.send(frame);
        for (const frame of volley(sent + 1)) known.send(frame);
        const posted = poller.post(...volley(sent + 2)).catch(() => undefined);
        await Promise.all([stranger.closed, known.closed, posted]);
        await poller.get().catch(() => undefined);
      }
    };
    await spray(SPRAYED / 4); // what is made once is made
    const before = rss();
    await spray(SPRAYED - SPRAYED / 4);
    expect(rss() - before).toBeLessThan(RSS_GROWTH_BYTES_MAX);
    await until(() => {
      at.clock.advance(5_000); // what was closed and never fetched is let go of
      return at.gateway.connections.open <= 1;
    });
    await nothingChanged();
  },
  HANGS_AFTER_MS,
);

test(
  `${RUNS} requests of every kind, whatever they say, change nothing and open nothing but sessions`,
  async () => {
    const client = await PollClient.login(at.url, ALICE);
    const base = at.url.replace(/^ws/, "http");
    const value = fc.oneof(
      fc.constantFrom("1", "2", "0", "-1", "1e3", "x", `Ringback ${client.session}`, `Ringback ${"A".repeat(43)}`, ""),
      fc.stringMatching(/^[\x21-\x7e]{1,60}$/),
    );
    const headers = fc.dictionary(
      fc.constantFrom("authorization", "ringback-number", "ringback-protocol", "content-type", "origin", "accept"),
      value,
      { maxKeys: 4 },
    );
    const request = fc.record({
      method: fc.constantFrom("GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"),
      // Whoever has the secret may end its session; this is about everybody else.
      headers: headers.filter(({ authorization }) => authorization !== `Ringback ${client.session}`),
      body: fc.option(anyFrame, { nil: undefined }),
      path: fc.constantFrom(
        "/agent/v1/poll",
        "/agent/v1/poll?x",
        "/agent/v1/poll/",
        "/agent/v1/poll/../poll",
        "/agent/v1",
      ),
    });
    await fc.assert(
      fc.asyncProperty(request, async ({ method, headers: said, body, path }) => {
        const hasBody = method !== "GET" && body !== undefined;
        const { status } = await ask(base, method, said, hasBody ? Buffer.from(body) : undefined, path);
        expect([201, 400, 401, 403, 404, 405, 409, 415]).toContain(status);
      }),
      { numRuns: RUNS },
    );
    await client.post({ type: "pull" });
    expect((await client.next("orders")).orders).toEqual([]);
    await nothingChanged();
  },
  HANGS_AFTER_MS,
);
