import { connect } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { AGENT_FRAME_BYTES_MAX, AGENT_PATH, CLOSE, SUBPROTOCOL } from "../../protocol/frames.ts";
import { AgentClient, anAgent, LEAVING } from "../support/agent-client.ts";
import { startGateway, type TestGateway, until } from "../support/gateway-server.ts";

let at: TestGateway;
const ALICE = anAgent("alice");
const BOB = anAgent("bob");
let bob: AgentClient;

beforeEach(async () => {
  at = await startGateway();
  await at.register(ALICE, BOB);
  bob = await AgentClient.login(at.url, BOB);
});

afterEach(() => at.stop());

/** Whatever came: nothing of it is stored, and the gateway goes on serving others and the same device. */
async function nothingChanged(): Promise<void> {
  bob.report(BOB, 1);
  await bob.acknowledged(1);
  const again = await AgentClient.login(at.url, ALICE);
  again.report(ALICE, 1);
  await again.acknowledged(1);
  const reports = (await at.feed()).filter(({ body }) => body.kind !== "connected" && body.kind !== "dropped");
  expect(reports.map(({ deviceId }) => deviceId).sort()).toEqual([ALICE.deviceId, BOB.deviceId].sort());
}

const report = (over: object): object => ({ type: "report", epoch: ALICE.epoch, sequence: 1, body: LEAVING, ...over });
const padded = (bytes: number): string => {
  const empty = JSON.stringify(report({ extra: "" }));
  return JSON.stringify(report({ extra: "x".repeat(bytes - empty.length) }));
};

describe("after login", () => {
  const BAD: readonly (readonly [string, object | string | Buffer, number, string])[] = [
    ["not JSON", "boot!", CLOSE.malformed, "not JSON"],
    ["an empty message", "", CLOSE.malformed, "not JSON"],
    ["not an object", "[]", CLOSE.malformed, "frame: Invalid input: expected object, received array"],
    ["nested as deep as it gets", "[".repeat(60_000), CLOSE.malformed, "not JSON"],
    [
      "a type that there is not",
      { type: "shutdown" },
      CLOSE.malformed,
      "type: Invalid discriminator value. Expected 'hello' | 'login' | 'report' | 'pull' | 'checked'",
    ],
    [
      "a field of the wrong type",
      report({ sequence: "1" }),
      CLOSE.malformed,
      "sequence: Invalid input: expected number, received string",
    ],
    ["an unknown field", report({ admin: true }), CLOSE.malformed, 'frame: Unrecognized key: "admin"'],
    [
      "an unknown field in a report",
      report({ body: { ...LEAVING, force: 1 } }),
      CLOSE.malformed,
      'body: Unrecognized key: "force"',
    ],
    [
      "a number below the first",
      report({ sequence: 0 }),
      CLOSE.malformed,
      "sequence: Too small: expected number to be >=1",
    ],
    [
      "a number that JSON can hold and nobody can count to",
      report({ sequence: 2 ** 53 }),
      CLOSE.malformed,
      "sequence: Too big: expected int to be <=9007199254740991",
    ],
    [
      "a report of another epoch than in the hello",
      report({ epoch: BOB.epoch }),
      CLOSE.malformed,
      "epoch: is another than in the hello; a new epoch needs a new connection",
    ],
    [
      "a prototype",
      `{"type":"pull","__proto__":{"admin":true}}`,
      CLOSE.malformed,
      'frame: Unrecognized key: "__proto__"',
    ],
    ["binary", Buffer.from(JSON.stringify(report({}))), CLOSE.unsupportedData, "frames are JSON text, not binary"],
    [
      "one byte too large",
      padded(AGENT_FRAME_BYTES_MAX + 1),
      CLOSE.tooLarge,
      "a frame holds at most 65536 bytes; anything larger goes by upload",
    ],
    ["just not too large", padded(AGENT_FRAME_BYTES_MAX), CLOSE.malformed, 'frame: Unrecognized key: "extra"'],
    [
      "hello twice",
      { type: "hello", minor: { newest: 0, oldest: 0 }, deviceId: BOB.deviceId, agentVersion: "1", epoch: BOB.epoch },
      CLOSE.malformed,
      "hello: came before; a connection begins once",
    ],
    [
      "login twice",
      { type: "login", signature: "" },
      CLOSE.malformed,
      "login: came before; a challenge is answered once",
    ],
  ];

  test.each(BAD)("%s is answered with its close code and a reason", async (_, frame, code, reason) => {
    const client = await AgentClient.login(at.url, ALICE);
    client.send(frame);
    expect(await client.closed).toEqual({ code, reason });
    expect(at.gateway.counters.framesRefused).toBe(1);
    await nothingChanged();
  });

  test("what follows a bad frame is not looked at", async () => {
    const client = await AgentClient.login(at.url, ALICE);
    client.send("boot!");
    for (let sequence = 1; sequence <= 5; sequence++) client.report(ALICE, sequence);
    expect((await client.closed).reason).toBe("not JSON");
    await nothingChanged();
  });

  test("a reason that quotes the agent still fits into a close frame", async () => {
    const client = await AgentClient.login(at.url, ALICE);
    client.send({ type: "pull", ["💥".repeat(60)]: 1 });
    const { code, reason } = await client.closed;
    expect(code).toBe(CLOSE.malformed);
    expect(Buffer.byteLength(reason)).toBeLessThanOrEqual(123);
    expect(reason).toMatch(/^frame: Unrecognized key: "/);
    await nothingChanged();
  });
});

describe("before login", () => {
  const FIRST = "log in first: hello, then login, then wait for the welcome";
  test.each([
    ["a report", report({}), CLOSE.notLoggedIn, FIRST],
    ["a pull", { type: "pull" }, CLOSE.notLoggedIn, FIRST],
    ["a login without a challenge", { type: "login", signature: "AAAA" }, CLOSE.notLoggedIn, FIRST],
    ["something large, which is not even parsed", "[".repeat(10_000), CLOSE.notLoggedIn, FIRST],
    ["not JSON", "GET / HTTP/1.1", CLOSE.malformed, "not JSON"],
    ["binary", Buffer.from([1, 2, 3]), CLOSE.unsupportedData, "frames are JSON text, not binary"],
  ])("%s closes", async (_, frame, code, reason) => {
    const client = await AgentClient.connect(at.url);
    client.send(frame);
    expect(await client.closed).toEqual({ code, reason });
    await nothingChanged();
  });

  test("a report right behind the login, before the welcome, closes", async () => {
    at.tap.close();
    const client = await AgentClient.connect(at.url);
    await client.answerChallenge(ALICE);
    client.report(ALICE, 1);
    expect(await client.closed).toEqual({ code: CLOSE.notLoggedIn, reason: FIRST });
    at.tap.open();
    await nothingChanged();
  });
});

describe("bytes that are no WebSocket message", () => {
  /** Client frames must be masked; a mask of zeros leaves the payload readable. */
  const frame = (first: number, payload: Buffer): Buffer =>
    Buffer.concat([Buffer.from([first, 0x80 | payload.length, 0, 0, 0, 0]), payload]);

  test.each([
    ["text that is not UTF-8", frame(0x81, Buffer.from([0xc3, 0x28])), CLOSE.notUtf8, "text must be UTF-8"],
    ["an opcode that there is not", frame(0x83, Buffer.from("x")), 1002, "these bytes are not a WebSocket frame"],
    [
      "a compressed frame that was never agreed on",
      frame(0xc1, Buffer.from("x")),
      1002,
      "these bytes are not a WebSocket frame",
    ],
    ["a frame that is not masked", Buffer.from([0x81, 1, 0x7b]), 1002, "these bytes are not a WebSocket frame"],
    [
      "more pieces than honest",
      Buffer.concat([
        frame(0x01, Buffer.from("{")),
        ...Array.from({ length: 100 }, () => frame(0x00, Buffer.from(" "))),
      ]),
      1008,
      "a message came in too many pieces",
    ],
  ])("%s closes with a code and a reason", async (_, bytes, code, reason) => {
    expect(await closeFrameAfter(bytes)).toEqual({ code, reason });
    await nothingChanged();
  });

  /** Speaks WebSocket by hand, since a good client would not send such bytes. */
  async function closeFrameAfter(bytes: Buffer): Promise<{ code: number; reason: string }> {
    const { port } = new URL(at.url);
    const socket = connect(Number(port), "127.0.0.1");
    const got: Buffer[] = [];
    socket.on("data", (chunk: Buffer) => got.push(chunk));
    socket.write(
      [
        `GET ${AGENT_PATH} HTTP/1.1`,
        "Host: controller",
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
        `Sec-WebSocket-Protocol: ${SUBPROTOCOL}`,
        "\r\n",
      ].join("\r\n"),
    );
    const body = (): Buffer => {
      const all = Buffer.concat(got);
      const head = all.indexOf("\r\n\r\n");
      return head < 0 ? Buffer.alloc(0) : all.subarray(head + 4);
    };
    await until(() => Buffer.concat(got).includes("\r\n\r\n"));
    socket.write(bytes);
    await until(() => body().length >= 2 && body().length >= 2 + (body()[1] ?? 0));
    const close = body();
    socket.destroy();
    expect(close[0]).toBe(0x88);
    return { code: close.readUInt16BE(2), reason: close.toString("utf8", 4) };
  }
});
