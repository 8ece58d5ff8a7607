/**
 * AT-07: everything that a device is sent, with one thing changed: a byte, a field, a signature, a part of another good
 * order. What says the same after the change is no change and is drawn again; the rest is refused, all of it.
 */
import { expect, test } from "vitest";
import { verifyRaw } from "../../agent/adapters/verify-raw.ts";
import { admit } from "../../agent/core/admission.ts";
import { believe, beliefOf, newBelief } from "../../agent/core/belief.ts";
import { canonicalBytes, canonicalJson, digestOf } from "../../protocol/canonical.ts";
import {
  type Envelope,
  fromBase64,
  PAYLOAD_TYPES,
  payloadDigest,
  peek,
  seal,
  type Signer,
  toBase64,
} from "../../protocol/dsse.ts";
import { ControllerFrame, parseFrame } from "../../protocol/frames.ts";
import type { DeviceId } from "../../protocol/ids.ts";
import { type Order, WaveOrder } from "../../protocol/plan.ts";
import { later } from "../../protocol/time.ts";
import { z } from "zod";
import { Dice } from "../lab/random.ts";
import {
  ADA,
  ADAS_OTHER_KEY,
  ANOTHER_DEVICE,
  aPlan,
  BEN,
  CLEO,
  DAY,
  factsNow,
  MALLORY,
  NONCE,
  PAUL,
  PEOPLES_ENVELOPE,
  PEOPLES_TRUST,
  POLICY,
  POLICY_ENVELOPE,
  RITA,
  ROLF,
  STARTER,
  STARTER_ENVELOPE,
  THIRD_DEVICE,
  WORD,
} from "../support/attack.ts";
import { aQuarantine, DEVICE, NOON } from "../support/signed-order.ts";
import { aFreshWord, ONLINE, sealPolicy, sealTrust } from "../support/trust.ts";

const CASES = process.env["RINGBACK_TEST_FULL"] === "1" ? 100_000 : 10_000;

/** What comes over the wire, and what the device remembers. */
interface Delivery {
  readonly trust: string;
  readonly orders: string;
  readonly askedAgoMs: number;
  readonly seen: boolean;
}
interface Parts {
  readonly documents: readonly Envelope[];
  readonly policy: Envelope;
  readonly order: Order;
  readonly word: Envelope;
}

const X = aPlan();
const Y = aPlan({ seed: "y", steps: [aQuarantine("good")], statement: { generation: 8 } });
const PARTS: Parts = {
  documents: [STARTER_ENVELOPE, PEOPLES_ENVELOPE],
  policy: POLICY_ENVELOPE,
  order: X.orderFor(DEVICE),
  word: WORD,
};
const written = ({ documents, policy, order, word }: Parts): Delivery => ({
  trust: JSON.stringify({ type: "trust", documents, policy }),
  orders: JSON.stringify({ type: "orders", orders: [order], freshness: word }),
  askedAgoMs: 1_000,
  seen: false,
});
const GOOD = written(PARTS);

const beliefs = new Map<string, ReturnType<typeof believe>>();
/** From bytes to a verdict, as an agent goes. */
function verdictOn({ trust, orders, askedAgoMs, seen }: Delivery): string {
  const documents = parseFrame(trust, ControllerFrame);
  const mailbox = parseFrame(orders, ControllerFrame);
  if (documents.kind === "bad" || mailbox.kind === "bad") return "frame";
  if (documents.frame.type !== "trust" || mailbox.frame.type !== "orders") return "frame type";
  const known = trust === GOOD.trust ? beliefs.get(trust) : undefined;
  const taken =
    known ??
    believe(newBelief(payloadDigest(STARTER_ENVELOPE)), documents.frame.documents, documents.frame.policy, verifyRaw);
  if (trust === GOOD.trust) beliefs.set(trust, taken);
  const [offer] = mailbox.frame.orders;
  if (offer === undefined || offer.withdrawn) return "withdrawn";
  const fresh = { envelope: mailbox.frame.freshness, nonce: NONCE, askedAgoMs };
  const verdict = admit(offer, factsNow({ belief: beliefOf(taken.record), fresh, hasSeen: () => seen }));
  if (verdict.kind !== "refused") return verdict.kind;
  const [notTaken] = taken.refused;
  return notTaken === undefined ? verdict.rule : `${notTaken.what}: ${notTaken.refusal.rule}`;
}

const parsedOr = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
};
/** The same signature, order or document twice says no more than once. */
function once(value: unknown): unknown {
  if (Array.isArray(value)) return [...new Map(value.map((each) => [canonicalJson(each), once(each)])).values()];
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, once(each)]));
}
const meaningOf = (text: string): string => canonicalJson(once(parsedOr(text)));

/** What says the same is no change: space between words, a letter written as an escape, keys in another order. */
const saysTheSame = ({ trust, orders, askedAgoMs, seen }: Delivery): boolean =>
  askedAgoMs === GOOD.askedAgoMs &&
  seen === GOOD.seen &&
  (trust === GOOD.trust || meaningOf(trust) === GOOD_TRUST) &&
  (orders === GOOD.orders || meaningOf(orders) === GOOD_ORDERS);
/** For whoever reads a failure. */
const whatChanged = ({ trust, orders, ...rest }: Delivery): string =>
  JSON.stringify([trust === GOOD.trust || trust, orders === GOOD.orders || orders, rest]);
const GOOD_TRUST = meaningOf(GOOD.trust);
const GOOD_ORDERS = meaningOf(GOOD.orders);

const pick = <Item>(dice: Dice, items: readonly Item[]): Item => items[dice.between(0, items.length - 1)] as Item;

function changeByte(dice: Dice, bytes: Uint8Array): Uint8Array {
  const at = dice.between(0, Math.max(0, bytes.length - 1));
  const byte = dice.between(0, 255);
  const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)];
  switch (dice.between(0, 3)) {
    case 0:
      return Uint8Array.of(...before, (after[0] ?? 0) ^ (1 << dice.between(0, 7)), ...after.subarray(1));
    case 1:
      return Uint8Array.of(...before, byte, ...after.subarray(1));
    case 2:
      return Uint8Array.of(...before, byte, ...after);
    default:
      return Uint8Array.of(...before, ...after.subarray(1));
  }
}

const VALUES: readonly unknown[] = [
  0,
  1,
  2,
  -1,
  8,
  Number.MAX_SAFE_INTEGER,
  2 ** 53,
  "",
  "*",
  "C:\\",
  null,
  true,
  false,
  [],
  {},
  DEVICE,
  ANOTHER_DEVICE,
  THIRD_DEVICE,
  ADA.keyId,
  MALLORY.keyId,
  MALLORY.publicKey,
  Y.statement.planId,
  digestOf("x"),
  "restore-file",
  later(NOON, 9 * DAY),
];
/** One field, anywhere, is another one, is gone or is there twice. */
function changeField(dice: Dice, value: unknown): unknown {
  const isBranch = typeof value === "object" && value !== null;
  const keys = isBranch ? Object.keys(value) : [];
  if (!isBranch || keys.length === 0 || dice.between(0, 9) === 0) {
    if (typeof value === "number" && dice.between(0, 1) === 0) return value + dice.between(-2, 2);
    if (typeof value === "string" && dice.between(0, 1) === 0) return `${value.slice(1)}${value.slice(0, 1)}`;
    return pick(dice, VALUES);
  }
  const key = pick(dice, keys);
  if (Array.isArray(value)) {
    const i = Number(key);
    if (dice.between(0, 5) === 0)
      return dice.between(0, 1) === 0 ? value.toSpliced(i, 1) : value.toSpliced(i, 0, value[i]);
    return value.with(i, changeField(dice, value[i]));
  }
  const { [key]: old, ...rest } = value as Record<string, unknown>;
  if (dice.between(0, 7) === 0) return dice.between(0, 1) === 0 ? rest : { ...value, [`${key}2`]: old };
  return { ...rest, [key]: changeField(dice, old) };
}

/** Applies a change to one of the signed envelopes. */
function inEnvelope(dice: Dice, change: (envelope: Envelope) => Envelope): Delivery {
  const { documents, policy, order, word } = PARTS;
  switch (dice.between(0, 6)) {
    case 0:
      return written({ ...PARTS, documents: documents.with(0, change(documents[0] as Envelope)) });
    case 1:
      return written({ ...PARTS, documents: documents.with(1, change(documents[1] as Envelope)) });
    case 2:
      return written({ ...PARTS, policy: change(policy) });
    case 3:
      return written({ ...PARTS, word: change(word) });
    case 4:
      return written({ ...PARTS, order: { ...order, order: change(order.order) } });
    default:
      return written({ ...PARTS, order: { ...order, statement: change(order.statement) } });
  }
}

const resigned = (over: Partial<WaveOrder>): Order => {
  const body = { ...peek(PARTS.order.order, WaveOrder), ...over };
  return { ...PARTS.order, orderId: body.orderId, order: seal(PAYLOAD_TYPES.order, body, [ONLINE]) };
};
const proofOf = (device: DeviceId, wave: number) => peek(X.orderFor(device, wave).order, WaveOrder).proof;
const sealedBy = (...signers: readonly Signer[]): Order => ({
  ...PARTS.order,
  statement: seal(PAYLOAD_TYPES.statement, X.statement, signers),
});
const wordOf = (
  over: Parameters<typeof aFreshWord>[3],
  device = DEVICE,
  nonce = NONCE,
  signer: Signer = ONLINE,
): Envelope => aFreshWord(device, nonce, later(NOON, 60_000), { trustVersion: 2, policyVersion: 2, ...over }, signer);

/** What somebody who holds the online key, or recordings of other good orders, would try. */
const CRAFTED: readonly ((dice: Dice) => Delivery)[] = [
  () => written({ ...PARTS, order: { ...PARTS.order, statement: Y.envelope } }),
  () => written({ ...PARTS, order: { ...PARTS.order, order: Y.orderFor(DEVICE).order } }),
  () => written({ ...PARTS, order: { ...Y.orderFor(DEVICE), statement: X.envelope } }),
  () => written({ ...PARTS, order: resigned({ statementDigest: payloadDigest(Y.envelope) }) }),
  () => written({ ...PARTS, order: resigned({ planId: Y.statement.planId }) }),
  // widened sets
  (dice) => written({ ...PARTS, order: resigned({ proof: proofOf(ANOTHER_DEVICE, 0), wave: dice.between(0, 1) }) }),
  () =>
    written({
      ...PARTS,
      order: resigned({ wave: 1, proof: proofOf(THIRD_DEVICE, 1), gate: { wave: 0, passedAt: NOON } }),
    }),
  (dice) =>
    written({
      ...PARTS,
      order: resigned({ proof: { index: dice.between(2, 2 ** 40), path: proofOf(DEVICE, 0).path } }),
    }),
  (dice) =>
    written({
      ...PARTS,
      order: resigned({
        proof: {
          index: proofOf(DEVICE, 0).index,
          path: Array.from({ length: dice.between(0, 40) }, (_, i) => digestOf(i)),
        },
      }),
    }),
  (dice) => written({ ...PARTS, order: resigned({ deviceId: pick(dice, [ANOTHER_DEVICE, THIRD_DEVICE]) }) }),
  (dice) => written({ ...PARTS, order: resigned({ wave: dice.between(2, 60) }) }),
  (dice) => written({ ...PARTS, order: resigned({ gate: { wave: dice.between(0, 3), passedAt: NOON } }) }),
  (dice) => written({ ...PARTS, order: resigned({ issuedAt: later(NOON, -dice.between(1, DAY)) }) }),
  (dice) => written({ ...PARTS, order: resigned({ issuedAt: later(NOON, DAY + dice.between(0, DAY)) }) }),
  // under-signed
  (dice) => written({ ...PARTS, order: sealedBy(pick(dice, [ADA, BEN, CLEO, ADAS_OTHER_KEY])) }),
  (dice) =>
    written({
      ...PARTS,
      order: sealedBy(
        ADA,
        ADAS_OTHER_KEY,
        ...dice.shuffle([MALLORY, STARTER, ONLINE, PAUL, RITA, ROLF]).slice(0, dice.between(0, 6)),
      ),
    }),
  (dice) => written({ ...PARTS, order: sealedBy(...dice.shuffle([MALLORY, STARTER, ONLINE, PAUL, RITA, ROLF])) }),
  (dice) =>
    written({
      ...PARTS,
      documents: [
        STARTER_ENVELOPE,
        sealTrust({ ...PEOPLES_TRUST, expiresAt: later(NOON, 27 * DAY) }, STARTER, pick(dice, [RITA, ROLF, ADA])),
      ],
    }),
  () =>
    written({
      ...PARTS,
      documents: [
        STARTER_ENVELOPE,
        sealTrust({ ...PEOPLES_TRUST, approvers: { ...PEOPLES_TRUST.approvers, threshold: 1 } }, RITA, ROLF),
      ],
    }),
  (dice) => written({ ...PARTS, policy: sealPolicy(POLICY, pick(dice, [STARTER, MALLORY, ONLINE, ADA, RITA])) }),
  () => written({ ...PARTS, policy: sealPolicy({ ...POLICY, version: 1 }, PAUL) }),
  () => written({ ...PARTS, documents: [STARTER_ENVELOPE] }),
  () => written({ ...PARTS, documents: [PEOPLES_ENVELOPE] }),
  // stale words, replays
  (dice) => written({ ...PARTS, word: wordOf({}, DEVICE, dice.bytes(32).toString("base64")) }),
  () => written({ ...PARTS, word: wordOf({}, ANOTHER_DEVICE) }),
  (dice) => written({ ...PARTS, word: wordOf({}, DEVICE, NONCE, pick(dice, [MALLORY, STARTER, ADA, RITA])) }),
  () => written({ ...PARTS, word: wordOf({ trustVersion: 3 }) }),
  () => written({ ...PARTS, word: wordOf({ policyVersion: 3 }) }),
  (dice) => ({ ...GOOD, askedAgoMs: 600_000 + dice.between(1, DAY) }),
  () => ({ ...GOOD, seen: true }),
];

const MUTATORS: readonly ((dice: Dice) => Delivery)[] = [
  (dice) => ({ ...GOOD, orders: Buffer.from(changeByte(dice, Buffer.from(GOOD.orders))).toString("utf8") }),
  (dice) => ({ ...GOOD, trust: Buffer.from(changeByte(dice, Buffer.from(GOOD.trust))).toString("utf8") }),
  (dice) => ({ ...GOOD, orders: JSON.stringify(changeField(dice, JSON.parse(GOOD.orders))) }),
  (dice) => inEnvelope(dice, (of) => ({ ...of, payload: toBase64(changeByte(dice, fromBase64(of.payload))) })),
  (dice) =>
    inEnvelope(dice, (of) => ({
      ...of,
      payload: toBase64(canonicalBytes(changeField(dice, peek(of, z.json())) ?? null)),
    })),
  (dice) =>
    inEnvelope(dice, (of) => {
      const i = dice.between(0, of.signatures.length - 1);
      const old = of.signatures[i];
      if (old === undefined) return of;
      const sig = toBase64(changeByte(dice, fromBase64(old.sig)));
      return {
        ...of,
        signatures: of.signatures.with(
          i,
          dice.between(0, 3) === 0
            ? { ...old, keyid: pick(dice, [ADA, BEN, CLEO, MALLORY, ONLINE]).keyId }
            : { ...old, sig },
        ),
      };
    }),
  (dice) =>
    inEnvelope(dice, (of) => ({
      ...of,
      signatures:
        of.signatures.length > 1
          ? of.signatures.toSpliced(dice.between(0, of.signatures.length - 1), 1)
          : Y.envelope.signatures,
    })),
  (dice) => inEnvelope(dice, (of) => ({ ...of, payloadType: pick(dice, Object.values(PAYLOAD_TYPES)) })),
  (dice) => pick(dice, CRAFTED)(dice),
  (dice) => pick(dice, CRAFTED)(dice),
];

test("AT-07 what is not changed is accepted", () => {
  expect(verdictOn(GOOD)).toBe("accepted");
});

test(`AT-07 0 of ${CASES.toLocaleString("en")} mutations are accepted`, async ({ annotate }) => {
  const dice = new Dice(7, "at-07");
  const counts = new Map<string, number>();
  const accepted: string[] = [];
  let unchanged = 0;
  for (let done = 0; done < CASES; ) {
    const mutation = pick(dice, MUTATORS)(dice);
    if (saysTheSame(mutation)) {
      unchanged++;
      continue;
    }
    done++;
    const verdict = verdictOn(mutation);
    counts.set(verdict, (counts.get(verdict) ?? 0) + 1);
    if (verdict === "accepted" || verdict === "wait") accepted.push(whatChanged(mutation));
  }
  const table = [...counts].sort((a, b) => b[1] - a[1]).map(([rule, count]) => `${rule} ${count}`);
  await annotate(`refused by: ${table.join(", ")}; ${unchanged} changes said the same and were drawn again`);
  expect(accepted).toEqual([]);
  const rules = [
    "frame",
    "statement-signature",
    "order-signature",
    "under-signed",
    "stale",
    "wrong-plan",
    "wrong-device",
    "not-in-wave",
    "gate-not-passed",
    "replayed",
    "trust-version",
    "policy-version",
    "policy: signature",
    "trust: under-signed",
    "not-yet-valid",
    "expired",
  ];
  expect(rules.filter((rule) => !counts.has(rule))).toEqual([]);
});

test("AT-07 each crafted try is refused", () => {
  const dice = new Dice(7, "each");
  expect(
    CRAFTED.map((craft) => verdictOn(craft(dice))).filter((verdict) => verdict === "accepted" || verdict === "wait"),
  ).toEqual([]);
});
