import { generateKeyPairSync } from "node:crypto";
import { describe, expect, test } from "vitest";
import { Admission } from "../../controller/gateway/admission.ts";
import { closeReason } from "../../controller/gateway/agent-socket.ts";
import { orderFrames } from "../../controller/gateway/frames.ts";
import { trustFrames } from "../../controller/gateway/trust-frames.ts";
import { deviceVerifier } from "../../controller/gateway/verify.ts";
import { Wheel } from "../../controller/gateway/wheel.ts";
import { type KeyId, PAYLOAD_TYPES, toBase64 } from "../../protocol/dsse.ts";
import { CONTROLLER_FRAME_BYTES_MAX, ControllerFrame } from "../../protocol/frames.ts";
import { anOrder } from "../support/an-order.ts";
import { aKey } from "../support/keys.ts";
import { ManualClock } from "../support/manual-clock.ts";

describe("the reason in a close frame", () => {
  test.each(["", "short", "x".repeat(123), "é".repeat(61)])("is left as it is while it fits: %s", (text) => {
    expect(closeReason(text)).toBe(text);
  });

  test.each(["x".repeat(124), "é".repeat(62), "€".repeat(100), "💥".repeat(100), `x${"💥".repeat(100)}`])(
    "is cut between characters when it does not: %s",
    (text) => {
      const reason = closeReason(text);
      expect(Buffer.byteLength(reason)).toBeLessThanOrEqual(123);
      expect(Buffer.byteLength(reason)).toBeGreaterThan(115);
      expect(reason.endsWith("…")).toBe(true);
      expect(text.startsWith(reason.slice(0, -1))).toBe(true);
    },
  );
});

describe("the wheel", () => {
  test("spreads connections that came together evenly over the round, and each comes up once", () => {
    const clock = new ManualClock();
    const due: number[] = [];
    const seen: number[] = [];
    const wheel = new Wheel<{ serial: number }>(clock, 250, 20_000, (items) => {
      const serials = [...items].map(({ serial }) => serial);
      due.push(serials.length);
      seen.push(...serials);
    });
    for (let serial = 0; serial < 800; serial++) wheel.add({ serial });
    clock.advance(20_000);
    expect(due).toEqual(Array.from({ length: 80 }, () => 10));
    expect(new Set(seen).size).toBe(800);
    wheel.stop();
    clock.advance(20_000);
    expect(wheel.beat).toBe(80);
  });
});

describe("admission", () => {
  test("runs so many at once, the others in the order they came, and turns away what is beyond", async () => {
    const admission = new Admission(2, 3);
    const begun: number[] = [];
    const gates = Array.from({ length: 6 }, () => Promise.withResolvers<void>());
    const taken = gates.map(({ promise }, i) =>
      admission.run(() => {
        begun.push(i);
        return promise;
      }),
    );
    expect(taken).toEqual([true, true, true, true, true, false]);
    expect(begun).toEqual([0, 1]);
    gates[1]?.resolve();
    await gates[1]?.promise;
    await Promise.resolve();
    expect(begun).toEqual([0, 1, 2]);
    expect(admission.isFull).toBe(false);
  });
});

describe("the verifier of devices' signatures", () => {
  const key = aKey("alice");
  const bytes = new TextEncoder().encode("ringback");

  test("believes the key that signed, for these bytes, and nothing else", () => {
    const verify = deviceVerifier();
    const signature = key.sign(bytes);
    for (let time = 1; time <= 3; time++) expect(verify(key.publicKey, bytes, signature)).toBe(true);
    expect(verify(aKey("bob").publicKey, bytes, signature)).toBe(false);
    expect(verify(key.publicKey, bytes.slice(1), signature)).toBe(false);
    expect(verify(key.publicKey, bytes, signature.slice(1))).toBe(false);
    expect(verify(key.publicKey, bytes, new Uint8Array(64))).toBe(false);
  });

  test("forgets the keys it has not used for longest, and still knows them when they come back", () => {
    const verify = deviceVerifier(2);
    const keys = ["a", "b", "c", "a"].map(aKey);
    expect(keys.map((one) => verify(one.publicKey, bytes, one.sign(bytes)))).toEqual([true, true, true, true]);
  });

  test("takes no key of another curve or kind, and no rubbish", () => {
    const verify = deviceVerifier();
    const spki = (pair: { publicKey: { export(options: { format: "der"; type: "spki" }): Buffer } }): string =>
      pair.publicKey.export({ format: "der", type: "spki" }).toString("base64");
    const offTheCurve = Buffer.from(key.publicKey, "base64");
    offTheCurve.writeUInt8((offTheCurve.at(-1) ?? 0) ^ 1, offTheCurve.length - 1);
    const others = [
      offTheCurve.toString("base64"),
      spki(generateKeyPairSync("ec", { namedCurve: "secp256k1" })),
      spki(generateKeyPairSync("ed25519")),
      "AAAA",
      "",
    ];
    for (const time of ["first", "second", "third"]) {
      for (const other of others)
        expect(verify(other, bytes, key.sign(bytes)), `${other}, the ${time} time`).toBe(false);
    }
  });
});

describe("a mailbox as frames", () => {
  test("every frame is one that agents accept, however large the orders are", () => {
    const orders = Array.from({ length: 9 }, (_, i) => anOrder(`${i}`, i < 5 ? 100 : 100_000));
    const { frames, leftOut } = orderFrames(orders);
    expect(leftOut).toBe(0);
    expect(frames.every((frame) => Buffer.byteLength(frame) <= CONTROLLER_FRAME_BYTES_MAX)).toBe(true);
    const parsed = frames.map((frame) => ControllerFrame.parse(JSON.parse(frame)));
    expect(parsed.flatMap((frame) => (frame.type === "orders" ? frame.orders : []))).toEqual(orders);
  });

  test("an empty mailbox is one empty frame", () => {
    expect(orderFrames([])).toEqual({ frames: ['{"type":"orders","orders":[]}'], leftOut: 0 });
  });
});

describe("what a device has not got of trust", () => {
  test("comes in frames that the device takes, also after many months and with many approvers", () => {
    const document = (n: number) => ({
      payloadType: PAYLOAD_TYPES.trust,
      payload: toBase64(new Uint8Array(n % 3 === 0 ? 149_997 : 60_000).fill(n)),
      signatures: [{ keyid: "0".repeat(64) as KeyId, sig: "AAAA" }],
    });
    const documents = Array.from({ length: 20 }, (_, i) => document(i + 1));
    const policyEnvelope = { ...document(3), payloadType: PAYLOAD_TYPES.policy };
    const trust = {
      documents,
      policyEnvelope,
      versions: { trustVersion: 20, policyVersion: 1 },
      online: aKey("online"),
    };
    const frames = trustFrames(trust, { trustVersion: 0, policyVersion: 0 });
    expect(frames.every((frame) => Buffer.byteLength(frame) <= CONTROLLER_FRAME_BYTES_MAX)).toBe(true);
    const told = frames.map((frame) => ControllerFrame.parse(JSON.parse(frame)));
    expect(told.flatMap((frame) => (frame.type === "trust" ? frame.documents : []))).toEqual(documents);
    expect(told.flatMap((frame) => (frame.type === "trust" ? (frame.policy ?? []) : []))).toEqual([policyEnvelope]);
    expect(told.at(-1)).toHaveProperty("policy");
  });
});
