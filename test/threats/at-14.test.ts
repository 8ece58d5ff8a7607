/** AT-14: what this agent does not know is refused, never left out: unknown steps, more fields, newer schemas. */
import { describe, expect, test } from "vitest";
import { admit } from "../../agent/core/admission.ts";
import { believe } from "../../agent/core/belief.ts";
import { verifyRaw } from "../../agent/adapters/verify-raw.ts";
import { canonicalBytes, sha256Hex } from "../../protocol/canonical.ts";
import {
  type Envelope,
  fromBase64,
  pae,
  PAYLOAD_TYPES,
  type PayloadType,
  peek,
  seal,
  type Signer,
  toBase64,
} from "../../protocol/dsse.ts";
import { ControllerFrame, parseFrame } from "../../protocol/frames.ts";
import { type Order, WaveOrder } from "../../protocol/plan.ts";
import { z } from "zod";
import {
  ADA,
  aBelief,
  aPlan,
  BEN,
  factsNow,
  PAUL,
  PEOPLES_TRUST,
  POLICY,
  RITA,
  ROLF,
  WORD,
} from "../support/attack.ts";
import { DEVICE } from "../support/signed-order.ts";
import { ONLINE } from "../support/trust.ts";

const plan = aPlan({
  steps: [
    ...aPlan().statement.steps,
    { kind: "reboot", noticeMs: 0 },
    { kind: "await-healthy", services: ["a"], settleMs: 1, withinMs: 9 },
  ],
});
const good = plan.orderFor(DEVICE);
const wave = peek(good.order, WaveOrder);

/** Every object in a value, each with one field more. */
function widened(value: unknown, field: string): unknown[] {
  const items: unknown[] | undefined = Array.isArray(value) ? value : undefined;
  if (items !== undefined) return items.flatMap((each, i) => widened(each, field).map((wide) => items.with(i, wide)));
  if (typeof value !== "object" || value === null) return [];
  const inner = Object.entries(value).flatMap(([key, each]) =>
    widened(each, field).map((wide) => ({ ...value, [key]: wide })),
  );
  return [Object.defineProperty({ ...value }, field, { value: 1, enumerable: true }), ...inner];
}
const FIELDS = ["extra", "__proto__", "constructor", "toString", "because"];
const everyWidened = (value: unknown): unknown[] => FIELDS.flatMap((field) => widened(value, field));

/** Signed as it stands, however it is written. */
function sealText(type: PayloadType, text: string, signers: readonly Signer[]): Envelope {
  const bytes = new TextEncoder().encode(text);
  const signed = pae(type, bytes);
  return {
    payloadType: type,
    payload: toBase64(bytes),
    signatures: signers.map((signer) => ({ keyid: signer.keyId, sig: toBase64(signer.sign(signed)) })),
  };
}
const withStatement = (statement: Envelope): Order => {
  const statementDigest = sha256Hex(fromBase64(statement.payload));
  return { ...good, statement, order: seal(PAYLOAD_TYPES.order, { ...wave, statementDigest }, [ONLINE]) };
};
const approved = (body: unknown): Order => withStatement(seal(PAYLOAD_TYPES.statement, body, [ADA, BEN]));
const refused = (order: Order): void =>
  expect(admit(order, factsNow())).toMatchObject({ kind: "refused", rule: "schema" });
const text = Buffer.from(canonicalBytes(plan.statement)).toString("utf8");

describe("AT-14 signed by enough approvers, and refused all the same", () => {
  test("AT-14 the same plan without anything unknown is accepted", () => {
    expect(admit(approved(plan.statement), factsNow())).toMatchObject({ kind: "accepted" });
  });

  const kinds = [
    "run-command",
    "run-script",
    "delete-file",
    "write-registry",
    "Reboot",
    "reboot ",
    "",
    "__proto__",
    "constructor",
  ];
  test(`AT-14 ${kinds.length} kinds of step that nobody knows`, () => {
    for (const kind of kinds) refused(approved({ ...plan.statement, steps: [{ kind, noticeMs: 0, command: "calc" }] }));
  });

  const wideStatements = everyWidened(plan.statement);
  test(`AT-14 one field more anywhere in the statement: ${wideStatements.length} cases`, () => {
    for (const body of wideStatements) refused(approved(body));
  });

  const wideOrders = everyWidened(wave);
  test(`AT-14 one field more anywhere in the order: ${wideOrders.length} cases`, () => {
    for (const body of wideOrders) refused({ ...good, order: seal(PAYLOAD_TYPES.order, body, [ONLINE]) });
  });

  test("AT-14 one field more in the word of this moment", () => {
    const body = peek(WORD, z.unknown());
    for (const wide of everyWidened(body)) {
      const fresh = { ...factsNow().fresh, envelope: seal(PAYLOAD_TYPES.freshness, wide, [ONLINE]) };
      expect(admit(good, factsNow({ fresh }))).toMatchObject({ kind: "refused", rule: "stale" });
    }
  });

  test.each(["ringback.plan-statement/1", "ringback.plan-statement/3", "ringback.plan-statement/20"])(
    "AT-14 schema %s",
    (schema) => {
      refused(approved({ ...plan.statement, schema }));
    },
  );
  test("AT-14 a newer order", () => {
    refused({ ...good, order: seal(PAYLOAD_TYPES.order, { ...wave, schema: "ringback.wave-order/3" }, [ONLINE]) });
  });

  const numbers = [
    "9007199254740992",
    "9007199254740993",
    "1e400",
    "-0",
    "7.0",
    "7e0",
    "07",
    "-1",
    "0",
    "7.5",
    "null",
    '"7"',
    "[7]",
  ];
  test(`AT-14 ${numbers.length} ways to write a generation`, () => {
    for (const number of numbers) {
      const written = text.replace('"generation":7', `"generation":${number}`);
      refused(withStatement(sealText(PAYLOAD_TYPES.statement, written, [ADA, BEN])));
    }
  });

  const texts = {
    "a key twice, the same": text.replace('"generation":7', '"generation":7,"generation":7'),
    "a key twice, the last one counts": text.replace('"generation":7', '"generation":9,"generation":7'),
    "a key twice, the first one counts": text.replace('"generation":7', '"generation":7,"generation":9'),
    "__proto__ as text": text.replace('"generation":7', '"__proto__":{"generation":9},"generation":7'),
    "a space": `${text} `,
    "a byte order mark": `\ufeff${text}`,
    "an escape": text.replace("Take", "\\u0054ake"),
    "keys in another order": text.replace('{"deviceCount":3,', "{").replace(/}$/, ',"deviceCount":3}'),
    "an array around it": `[${text}]`,
    nothing: "",
    null: "null",
  };
  test.each(Object.entries(texts))("AT-14 a statement that is not written canonically: %s", (_name, written) => {
    expect(written).not.toBe(text);
    refused(withStatement(sealText(PAYLOAD_TYPES.statement, written, [ADA, BEN])));
  });
});

test("AT-14 frames with one field more are no frames", () => {
  const frames = [
    { type: "orders", orders: [good], freshness: WORD },
    { type: "trust", documents: [WORD], policy: WORD },
    { type: "nudge" },
  ];
  for (const frame of frames) {
    expect(parseFrame(JSON.stringify(frame), ControllerFrame).kind).toBe("frame");
    for (const wide of widened(frame, "extra"))
      expect(parseFrame(JSON.stringify(wide), ControllerFrame).kind).toBe("bad");
  }
});

test("AT-14 a trust document and a policy with one field more, signed by all who must, are not believed", () => {
  const before = aBelief();
  for (const wide of everyWidened({ ...PEOPLES_TRUST, version: 3 })) {
    const taken = believe(before, [seal(PAYLOAD_TYPES.trust, wide, [RITA, ROLF])], undefined, verifyRaw);
    expect([taken.record === before, taken.refused[0]?.refusal.rule]).toEqual([true, "schema"]);
  }
  for (const wide of everyWidened({ ...POLICY, version: 3 })) {
    const taken = believe(before, [], seal(PAYLOAD_TYPES.policy, wide, [PAUL]), verifyRaw);
    expect([taken.record === before, taken.refused[0]?.refusal.rule]).toEqual([true, "schema"]);
  }
});
