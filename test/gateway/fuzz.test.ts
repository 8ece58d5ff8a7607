import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { AgentFrame } from "../../protocol/frames.ts";
import { AgentClient, anAgent, LEAVING } from "../support/agent-client.ts";
import { FULL_RUN_TIMEOUT_FACTOR } from "../lanes.ts";
import { startGateway, type TestGateway } from "../support/gateway-server.ts";

const ALICE = anAgent("alice");
const WITNESS = anAgent("witness");
const FULL = process.env["RINGBACK_TEST_FULL"] === "1";
const RUNS = FULL ? 20_000 : 1_000;
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
  { type: "report", epoch: ALICE.epoch, sequence: 1, body: LEAVING },
  {
    type: "report",
    epoch: ALICE.epoch,
    sequence: 1,
    body: { kind: "order-accepted", orderId: "order_01hf7yat000000000000000000" },
  },
  { type: "pull" },
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
  expect(at.gateway.counters.reportsStored).toBe(sequence);
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
