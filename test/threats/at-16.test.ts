/**
 * AT-16: the controller is somebody else's. He has its database, its online key, the starter keys that were moved off,
 * and a recording of everything that ever went over the wire; not the keys of roots, policy holders and approvers.
 * Against an agent over its real connection he changes nothing on the machine that approvers did not sign.
 */
import { expect, test } from "vitest";
import { canonicalBytes } from "../../protocol/canonical.ts";
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
import { newId } from "../../protocol/ids.ts";
import { type Order, PlanStatement, WaveOrder } from "../../protocol/plan.ts";
import { later } from "../../protocol/time.ts";
import { Dice } from "../lab/random.ts";
import {
  ADA,
  aBelief,
  ANOTHER_DEVICE,
  aPlan,
  BEN,
  CLEO,
  DAY,
  MALLORY,
  PAUL,
  PEOPLES_ENVELOPE,
  PEOPLES_TRUST,
  POLICY,
  POLICY_ENVELOPE,
  STARTER,
  STARTER_ENVELOPE,
  STARTER_TRUST,
  THIRD_DEVICE,
} from "../support/attack.ts";
import { aContentMachine } from "../support/content-machine.ts";
import type { FakeMachine } from "../support/fake-machine.ts";
import { anInMemoryAgent } from "../support/in-memory-agent.ts";
import { anotherSha256, aQuarantine, DEVICE, NOON, planIdOf } from "../support/signed-order.ts";
import { aFreshWord, aHolder, ONLINE, sealPolicy, sealTrust } from "../support/trust.ts";

const TRIES = process.env["RINGBACK_TEST_FULL"] === "1" ? 10_000 : 1_000;

/** What the attacker would like to do: it would show. */
const DAMAGE = [
  aQuarantine("good", { filesMax: 20 }),
  { kind: "set-service-start", service: "AcmeSensor", start: "disabled" },
  { kind: "reboot", noticeMs: 0 },
];
const everyone = [[DEVICE, ANOTHER_DEVICE], [THIRD_DEVICE]];
const others = [[ANOTHER_DEVICE], [THIRD_DEVICE]];
/** Everything that people ever signed and he recorded; none of it may be carried out on this device now. */
const RECORDED = [
  aPlan({ seed: "for others", steps: DAMAGE, waves: others }),
  aPlan({
    seed: "expired",
    steps: DAMAGE,
    waves: everyone,
    statement: { validFrom: later(NOON, -9 * DAY), validUntil: later(NOON, -DAY) },
  }),
  aPlan({ seed: "superseded", steps: DAMAGE, waves: everyone, statement: { generation: 3 } }),
  aPlan({ seed: "half approved", steps: DAMAGE, waves: everyone, signers: [ADA], statement: { generation: 20 } }),
  aPlan({
    seed: "by the starter key",
    steps: DAMAGE,
    waves: everyone,
    signers: [STARTER],
    statement: { generation: 21 },
  }),
  aPlan({
    seed: "needs later trust",
    steps: DAMAGE,
    waves: everyone,
    statement: { generation: 22, minimumTrustVersion: 9 },
  }),
  aPlan({
    seed: "outside",
    steps: [aQuarantine("secret", { files: "C:\\Users\\x\\*.*" })],
    waves: everyone,
    statement: { generation: 23 },
  }),
  aPlan({
    seed: "tomorrow",
    steps: DAMAGE,
    waves: everyone,
    statement: { generation: 24, validFrom: later(NOON, 400 * DAY), validUntil: later(NOON, 410 * DAY) },
  }),
  aPlan({
    seed: "mislabelled",
    steps: [
      {
        kind: "restore-file",
        files: "C:\\Windows\\System32\\drivers\\Acme\\*.sys",
        sha256: anotherSha256("killer"),
        from: { quarantineOf: planIdOf("done") },
      },
    ],
    waves: everyone,
    payloadType: PAYLOAD_TYPES.statement,
    statement: { kind: "rollback", generation: 25 },
  }),
];
/** The plan that was carried out here, and may be again: it finds nothing to do. */
const DONE = aPlan({ seed: "done", waves: everyone, statement: { generation: 10 } });
const HIS_KEYS: readonly Signer[] = [ONLINE, STARTER, MALLORY];

const pick = <Item>(dice: Dice, items: readonly Item[]): Item => items[dice.between(0, items.length - 1)] as Item;
const chance = (dice: Dice, percent: number): boolean => dice.between(1, 100) <= percent;
const someTime = (dice: Dice) =>
  later(NOON, pick(dice, [0, 1_000, 3_600_000, DAY, -DAY, -9 * DAY, 20 * DAY, 401 * DAY]));

/** A statement as people signed it, with other signatures, or of his own making. */
function aStatement(dice: Dice): { readonly envelope: Envelope; readonly body: PlanStatement } {
  const { envelope } = pick(dice, RECORDED);
  const body = peek(envelope, PlanStatement);
  if (chance(dice, 40)) return { envelope, body };
  const [a, b] = [pick(dice, RECORDED), pick(dice, [...RECORDED, DONE])];
  if (chance(dice, 40))
    return {
      envelope: { ...a.envelope, signatures: [...a.envelope.signatures, ...b.envelope.signatures] },
      body: a.statement,
    };
  const over = pick<Partial<PlanStatement>>(dice, [
    { generation: dice.between(1, 99) },
    { waves: DONE.statement.waves },
    { steps: DONE.statement.steps },
    { validUntil: later(NOON, DAY) },
    { planId: DONE.statement.planId },
    { era: 2 },
    { minimumTrustVersion: 1 },
    { kind: "restore" },
    {},
  ]);
  const his = { ...body, validFrom: NOON, ...over };
  const sealed = seal(
    pick(dice, [PAYLOAD_TYPES.statement, PAYLOAD_TYPES.restore]),
    his,
    dice.shuffle(HIS_KEYS).slice(0, dice.between(1, 3)),
  );
  const borrowed = chance(dice, 50)
    ? [...sealed.signatures, ...b.envelope.signatures, ...a.envelope.signatures]
    : sealed.signatures;
  const renamed = chance(dice, 30)
    ? borrowed.map((each) => ({ ...each, keyid: pick(dice, [ADA, BEN, CLEO]).keyId }))
    : borrowed;
  return { envelope: { ...sealed, signatures: renamed.slice(0, 16) }, body: his };
}

function anOrder(dice: Dice): Order {
  const { envelope, body } = aStatement(dice);
  const proofs = [...RECORDED, DONE].flatMap((plan) =>
    [ANOTHER_DEVICE, DEVICE].flatMap((device) => {
      try {
        return [peek(plan.orderFor(device).order, WaveOrder).proof];
      } catch {
        return []; // this device is not in it
      }
    }),
  );
  const wave = pick(dice, [0, 0, 0, 1, 2]);
  const order = {
    schema: "ringback.wave-order/2",
    orderId: newId("order", NOON, dice.bytes(10)),
    rolloutId: newId("rollout", NOON, dice.bytes(10)),
    planId: pick(dice, [body.planId, body.planId, DONE.statement.planId]),
    statementDigest: pick(dice, [payloadDigest(envelope), payloadDigest(envelope), payloadDigest(DONE.envelope)]),
    wave,
    deviceId: pick(dice, [DEVICE, DEVICE, DEVICE, ANOTHER_DEVICE]),
    proof: chance(dice, 80) ? pick(dice, proofs) : { index: dice.between(0, 9), path: [anotherSha256("x")] },
    gate: pick(dice, [null, null, { wave: wave - 1 < 0 ? 0 : wave - 1, passedAt: NOON }]),
    issuedAt: someTime(dice),
  };
  const sealed = seal(PAYLOAD_TYPES.order, order, [pick(dice, [ONLINE, ONLINE, ONLINE, STARTER])]);
  return { orderId: order.orderId, withdrawn: chance(dice, 3), order: sealed, statement: envelope };
}

/** Documents of his making, old ones, and people's with something changed. */
function aTrustFrame(dice: Dice): object {
  const signers = dice.shuffle(HIS_KEYS).slice(0, dice.between(1, 3));
  const his = { threshold: 1, holders: [aHolder("mallory", MALLORY)] };
  const base = pick(dice, [STARTER_TRUST, PEOPLES_TRUST]);
  const forged = sealTrust(
    {
      ...base,
      version: dice.between(1, 4),
      ...pick(dice, [
        { approvers: his },
        { roots: his },
        { policyHolders: his },
        { approvers: STARTER_TRUST.approvers },
        { expiresAt: later(base.issuedAt, 30 * DAY) },
      ]),
    },
    ...signers,
  );
  const changed = {
    ...PEOPLES_ENVELOPE,
    payload: toBase64(
      canonicalBytes({ ...JSON.parse(Buffer.from(fromBase64(PEOPLES_ENVELOPE.payload)).toString("utf8")), version: 3 }),
    ),
  };
  const policy = pick(dice, [
    undefined,
    POLICY_ENVELOPE,
    sealPolicy({ ...POLICY, version: 3 }, ...signers),
    sealPolicy({ ...POLICY, version: 1 }, PAUL),
  ]);
  const documents = dice.shuffle([STARTER_ENVELOPE, PEOPLES_ENVELOPE, forged, changed]).slice(0, dice.between(0, 4));
  return { type: "trust", documents, ...(policy === undefined ? {} : { policy }) };
}

/** Files, quarantine, services and restarts: everything of the machine that is not the agent's own records. */
const wholeMachine = (machine: FakeMachine): unknown => [
  machine.state,
  machine.restartsAsked,
  [...machine.services],
  machine.effects.filter((effect) => !/^(boots|content|journal|outbox) [+=]/.test(effect)),
];

test(`AT-16 ${TRIES.toLocaleString("en")} tries with all that a taken-over controller has change nothing`, async ({
  annotate,
}) => {
  const machine = aContentMachine();
  machine.put("C:\\Users\\x\\letter.txt", "secret");
  const kept = { belief: aBelief() };
  const first = DONE.orderFor(DEVICE);
  const { controller, heard, send, cut, errors } = await anInMemoryAgent(machine, [first], {}, kept);
  await machine.advance(20_000);
  expect(heard.map(({ body }) => body.kind)).toContain("order-ended");
  const before = wholeMachine(machine);
  const { trust, policy } = kept.belief;
  const dice = new Dice(16, "at-16");
  const words: Envelope[] = [];
  controller.mailbox = [];
  controller.word = (nonce) => {
    const device = pick(dice, [DEVICE, DEVICE, DEVICE, DEVICE, ANOTHER_DEVICE]);
    const versions = pick(dice, [
      { trustVersion: 1, policyVersion: 1 },
      { trustVersion: 2, policyVersion: 2 },
      { trustVersion: 9, policyVersion: 9 },
    ]);
    const word = aFreshWord(device, nonce, someTime(dice), versions, pick(dice, [ONLINE, ONLINE, ONLINE, STARTER]));
    words.push(word);
    return chance(dice, 80) ? word : pick(dice, [undefined, ...words.slice(-5)]);
  };
  for (let tries = 0; tries < TRIES; ) {
    const orders = Array.from({ length: 4 }, () => anOrder(dice));
    tries += orders.length;
    controller.now = pick(dice, [undefined, 0, later(NOON, -DAY), later(NOON, 401 * DAY)]);
    controller.mailbox = orders;
    if (chance(dice, 20)) send(aTrustFrame(dice));
    if (chance(dice, 5)) send({ type: "stop", orderIds: orders.map(({ orderId }) => orderId) });
    if (chance(dice, 2)) cut();
    send({ type: "nudge" });
    await machine.advance(pick(dice, [5, 5, 5, 2_000]));
  }
  controller.mailbox = [];
  await machine.advance(600_000);
  const rules = Map.groupBy(
    heard.flatMap(({ body }) => (body.kind === "order-refused" ? [body.rule] : [])),
    (rule) => rule,
  );
  await annotate(`refused by: ${[...rules].map(([rule, { length }]) => `${rule} ${length}`).join(", ")}`);
  expect(wholeMachine(machine)).toEqual(before);
  expect([kept.belief.trust, kept.belief.policy]).toEqual([trust, policy]);
  expect(heard.filter(({ body }) => body.kind === "order-accepted")).toHaveLength(1);
  expect(errors).toEqual([]);
  expect(rules.size).toBeGreaterThan(5);
});
