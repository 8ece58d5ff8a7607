/** What was ever sent or stored must be understood for ever: devices and records in the field do not wait for us. */
import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { z } from "zod";
import { DeviceRegistration } from "../../protocol/api.ts";
import { canonicalJson, digestOf } from "../../protocol/canonical.ts";
import { type Envelope, fromBase64, KeyId, open, PAYLOAD_TYPES } from "../../protocol/dsse.ts";
import {
  AGENT_FRAME_BYTES_MAX,
  AgentFrame,
  Challenge,
  Login,
  loginBytes,
  Orders,
  parseFrame,
} from "../../protocol/frames.ts";
import { isInTree, leafHash } from "../../protocol/merkle.ts";
import { Plan, PlanStatement, stepsDigest, WaveOrder } from "../../protocol/plan.ts";
import { Receipt } from "../../protocol/progress.ts";
import { TrustDocument } from "../../protocol/trust-document.ts";
import { verifierOf } from "../support/keys.ts";
import { present } from "../support/present.ts";
import { recordingNames, recordings, schemaOf } from "../support/recorded.ts";

const all = recordings();

function recorded<Value>(name: string, schema: z.ZodType<Value>): Value {
  const found = all.findLast((recording) => recording.name === name); // of the newest minor
  return schema.parse(found?.json);
}

describe("every recording", () => {
  test.each(all)("$minor/$name parses, and what is read is what was written", ({ name, json }) => {
    expect(canonicalJson(schemaOf(name).parse(json))).toBe(canonicalJson(json));
  });

  test.each(recordingNames())("there is one of %s; if not, run `node test/protocol/record.ts`", (name) => {
    expect(all.map((recording) => recording.name)).toContain(name);
  });

  test("frames of an agent fit a frame", () => {
    for (const { json } of all.filter(({ name }) => name.startsWith("agent-frame."))) {
      const message = JSON.stringify(json);
      expect(parseFrame(message, AgentFrame)).toEqual({ kind: "frame", frame: json });
      expect(Buffer.byteLength(message)).toBeLessThan(AGENT_FRAME_BYTES_MAX);
    }
  });
});

describe("the recorded signatures", () => {
  const trust = recorded("trust-document", TrustDocument);
  const approvers = trust.approvers.holders.flatMap(({ keys }) => keys);
  const registration = recorded("device-registration", DeviceRegistration);
  const der = Buffer.from(registration.publicKey, "base64");
  const deviceKey = {
    keyId: KeyId.parse(createHash("sha256").update(der).digest("hex")),
    publicKey: registration.publicKey,
  };
  const opened = <Body>(
    envelope: Envelope,
    type: Parameters<typeof open>[1],
    schema: z.ZodType<Body>,
    keys: Parameters<typeof verifierOf>,
  ) => {
    const result = open(envelope, type, schema, verifierOf(...keys));
    return result.kind === "opened" ? result : expect.unreachable(result.because);
  };
  const order = present(recorded("controller-frame.orders", Orders).orders[0], "order");

  test("a login opens the door for its device", () => {
    const login = recorded("agent-frame.login", Login);
    const challenge = recorded("controller-frame.challenge", Challenge);
    const bytes = loginBytes(challenge.nonce, registration.id);
    expect(verifierOf(deviceKey)(deviceKey.keyId, bytes, fromBase64(login.signature))).toBe(true);
  });

  test("an order leads to a statement that an approver signed, and to a place in its wave", () => {
    const statement = opened(order.statement, PAYLOAD_TYPES.statement, PlanStatement, approvers);
    const { body } = opened(order.order, PAYLOAD_TYPES.order, WaveOrder, trust.online);
    expect(statement.body).toEqual(recorded("plan-statement", PlanStatement));
    expect(statement.body.planDigest).toBe(digestOf(recorded("plan", Plan)));
    expect(body).toEqual(recorded("wave-order", WaveOrder));
    expect(body.statementDigest).toBe(statement.digest);
    const wave = present(statement.body.waves[body.wave], "wave");
    const leaf = leafHash({ ...body, stepsDigest: stepsDigest(statement.body.steps) });
    expect(isInTree(leaf, body.proof, wave.size, wave.root)).toBe(true);
  });

  test("a receipt is the device's own", () => {
    const ended = all.findLast(({ name }) => name === "report.order-ended");
    const { receipt } = schemaOf("report").parse(ended?.json) as { receipt: Envelope };
    const { body } = opened(receipt, PAYLOAD_TYPES.receipt, Receipt, [deviceKey]);
    expect(body).toEqual(recorded("receipt", Receipt));
  });
});
