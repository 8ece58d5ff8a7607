/** AT-12: parts of good orders put together anew. What was not approved together is not carried out together. */
import { expect, test } from "vitest";
import { admit } from "../../agent/core/admission.ts";
import { type Envelope, fromBase64, PAYLOAD_TYPES, peek, seal, toBase64 } from "../../protocol/dsse.ts";
import { type Order, PlanStatement, WaveOrder } from "../../protocol/plan.ts";
import { later } from "../../protocol/time.ts";
import { ADA, aPlan, ANOTHER_DEVICE, BEN, factsNow } from "../support/attack.ts";
import { aQuarantine, DEVICE, NOON } from "../support/signed-order.ts";
import { ONLINE } from "../support/trust.ts";

const X = aPlan({ seed: "x" });
const Y = aPlan({ seed: "y", steps: [aQuarantine("good")], statement: { generation: 8 } });
const orderOf = (plan: typeof X): Order => plan.orderFor(DEVICE);
const resigned = (order: Order, over: Partial<WaveOrder>): Envelope =>
  seal(PAYLOAD_TYPES.order, { ...peek(order.order, WaveOrder), ...over }, [ONLINE]);
const text = (envelope: Envelope): string => Buffer.from(fromBase64(envelope.payload)).toString("utf8");

const MIXED: readonly { readonly name: string; readonly order: Order; readonly rule: string }[] = [
  {
    name: "the order of X with the statement of Y",
    order: { ...orderOf(X), statement: Y.envelope },
    rule: "wrong-plan",
  },
  {
    name: "the order of Y with the statement of X",
    order: { ...orderOf(Y), statement: X.envelope },
    rule: "wrong-plan",
  },
  {
    name: "the statement of Y with the signatures of X",
    order: { ...orderOf(Y), statement: { ...Y.envelope, signatures: X.envelope.signatures } },
    rule: "statement-signature",
  },
  {
    name: "one signature of each",
    order: {
      ...orderOf(Y),
      statement: {
        ...Y.envelope,
        signatures: [...Y.envelope.signatures.slice(0, 1), ...X.envelope.signatures.slice(1)],
      },
    },
    rule: "under-signed",
  },
  {
    name: "an order signed anew that names X and points to Y",
    order: {
      ...orderOf(X),
      order: resigned(orderOf(X), { statementDigest: peek(orderOf(Y).order, WaveOrder).statementDigest }),
    },
    rule: "wrong-plan",
  },
  {
    name: "an order signed anew that points to Y with the proof of X",
    order: {
      ...orderOf(X),
      order: resigned(orderOf(X), {
        planId: Y.statement.planId,
        statementDigest: peek(orderOf(Y).order, WaveOrder).statementDigest,
      }),
      statement: Y.envelope,
    },
    rule: "not-in-wave",
  },
  {
    name: "X with the steps of Y, sealed by approvers of neither",
    order: {
      ...orderOf(X),
      statement: seal(PAYLOAD_TYPES.statement, { ...X.statement, steps: Y.statement.steps }, [ONLINE, ONLINE]),
    },
    rule: "statement-signature",
  },
  {
    name: "X with the steps of Y even if approvers signed that text: the devices were dealt out for other steps",
    order: (() => {
      const bent = seal(PAYLOAD_TYPES.statement, { ...X.statement, steps: Y.statement.steps }, [ADA, BEN]);
      const plan = aPlan({ seed: "x", statement: { ...peek(bent, PlanStatement) } });
      return plan.orderFor(DEVICE);
    })(),
    rule: "not-in-wave",
  },
  {
    name: "the payload of X under the type of a restoring plan",
    order: { ...orderOf(X), statement: { ...X.envelope, payloadType: PAYLOAD_TYPES.restore } },
    rule: "statement-signature",
  },
  {
    name: "the order of another device of X",
    order: X.orderFor(ANOTHER_DEVICE),
    rule: "wrong-device",
  },
  {
    name: "the order of X called by the id of Y",
    order: { ...orderOf(X), orderId: orderOf(Y).orderId },
    rule: "schema",
  },
  {
    name: "the order as the statement and the statement as the order",
    order: { ...orderOf(X), order: X.envelope, statement: orderOf(X).order },
    rule: "schema",
  },
  {
    name: "a title in other bytes that look the same (Unicode NFD for NFC)",
    order: (() => {
      const composed = aPlan({ seed: "x", statement: { title: "Zur\u00fcck" } });
      const said = toBase64(Buffer.from(text(composed.envelope).replace("Zur\u00fcck", "Zuru\u0308ck")));
      return { ...composed.orderFor(DEVICE), statement: { ...composed.envelope, payload: said } };
    })(),
    rule: "statement-signature",
  },
];

test("AT-12 X and Y are good each by itself", () => {
  for (const plan of [X, Y]) expect(admit(orderOf(plan), factsNow())).toMatchObject({ kind: "accepted" });
});

test.each(MIXED)(`AT-12 of ${MIXED.length} mixtures: $name`, ({ order, rule }) => {
  expect(admit(order, factsNow({ now: later(NOON, 60_000) }))).toMatchObject({ kind: "refused", rule });
});
