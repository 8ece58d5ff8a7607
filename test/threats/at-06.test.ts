/** AT-06: too few people. People are counted, not signatures and not keys, on the device and at the controller's door. */
import { describe, expect, test } from "vitest";
import { admit } from "../../agent/core/admission.ts";
import { fromBase64, pae, PAYLOAD_TYPES, payloadDigest, type Signer, toBase64 } from "../../protocol/dsse.ts";
import { later } from "../../protocol/time.ts";
import {
  ADA,
  ADAS_OTHER_KEY,
  aPlan,
  APPROVERS,
  BEN,
  CLEO,
  factsNow,
  MALLORY,
  PAUL,
  PEOPLES_TRUST,
  RITA,
  ROLF,
  STARTER,
} from "../support/attack.ts";
import { ControllerHarness } from "../support/controller-harness.ts";
import { DEVICE, NOON } from "../support/signed-order.ts";
import { aPlanRequest } from "../support/plan-builders.ts";
import { aHolder, aPolicy, ONLINE, ROOT, sealTrust } from "../support/trust.ts";

const as = (signer: Signer, keyId: Signer["keyId"]): Signer => ({ keyId, sign: (bytes) => signer.sign(bytes) });
const silent = (signer: Signer): Signer => ({ keyId: signer.keyId, sign: () => new Uint8Array() });

const TOO_FEW: readonly { readonly name: string; readonly signers: readonly Signer[]; readonly rule?: string }[] = [
  { name: "one of two", signers: [ADA] },
  { name: "one person with one key, twice", signers: [ADA, ADA] },
  { name: "one person, sixteen times", signers: Array.from({ length: 16 }, () => ADA) },
  { name: "one person with two keys", signers: [ADA, ADAS_OTHER_KEY] },
  { name: "one person with two keys, in turn", signers: [ADA, ADAS_OTHER_KEY, ADA, ADAS_OTHER_KEY] },
  { name: "one key under its own id and another's", signers: [ADA, as(ADA, BEN.keyId)] },
  { name: "one key under the ids of all approvers", signers: [ADA, BEN, CLEO].map(({ keyId }) => as(ADA, keyId)) },
  { name: "an approver and a stranger under an approver's id", signers: [ADA, as(MALLORY, BEN.keyId)] },
  { name: "an approver and a stranger", signers: [ADA, MALLORY] },
  { name: "an approver and the online key", signers: [ADA, ONLINE] },
  { name: "an approver and a policy holder", signers: [ADA, PAUL] },
  { name: "an approver and both roots", signers: [ADA, RITA, ROLF] },
  { name: "an approver and the starter key that was moved off", signers: [ADA, STARTER] },
  { name: "an approver and an empty signature of another", signers: [ADA, silent(BEN)] },
  { name: "nobody's good signature", signers: [silent(ADA), silent(BEN)], rule: "statement-signature" },
  { name: "strangers only", signers: [MALLORY, STARTER, ONLINE, PAUL, RITA], rule: "statement-signature" },
];

describe(`AT-06 ${TOO_FEW.length} ways of too few people on the device`, () => {
  test("AT-06 two distinct approvers are enough, whichever keys they use and however often they sign", () => {
    for (const signers of [
      [ADA, BEN],
      [ADAS_OTHER_KEY, CLEO],
      [BEN, ADA, ADA, ADAS_OTHER_KEY],
      [MALLORY, BEN, CLEO],
    ])
      expect(admit(aPlan({ signers }).orderFor(DEVICE), factsNow())).toMatchObject({ kind: "accepted" });
  });

  test.each(TOO_FEW)("AT-06 $name", ({ signers, rule = "under-signed" }) => {
    expect(admit(aPlan({ signers }).orderFor(DEVICE), factsNow())).toMatchObject({ kind: "refused", rule });
  });

  test("AT-06 the same key under two people's names is no trust document", () => {
    const holders = [aHolder("ada", ADA), aHolder("ada-again", ADA)];
    expect(() => sealTrust({ ...PEOPLES_TRUST, approvers: { threshold: 2, holders } })).not.toThrow();
    const trust = { ...PEOPLES_TRUST, approvers: { threshold: 2, holders } };
    const facts = factsNow({ belief: { trust, policy: aPolicy({ version: 2 }) } });
    expect(admit(aPlan({ signers: [ADA, ADA] }).orderFor(DEVICE), facts)).toMatchObject({ rule: "under-signed" });
  });

  test("AT-06 what brings contents back needs as many as policy says, under a seal of its own", () => {
    const restore = {
      kind: "restore-file",
      files: "C:\\Windows\\System32\\drivers\\Acme\\a.sys",
      sha256: payloadDigest(aPlan().envelope),
      from: { quarantineOf: aPlan().statement.planId },
    };
    const limits = { ...aPolicy().limits, restoreThreshold: 3 };
    const facts = factsNow({ belief: { trust: PEOPLES_TRUST, policy: aPolicy({ version: 2, limits }) } });
    const steps = [restore];
    const verdict = (parts: Parameters<typeof aPlan>[0]) => admit(aPlan({ steps, ...parts }).orderFor(DEVICE), facts);
    expect(verdict({ signers: [ADA, BEN, CLEO] })).toMatchObject({ kind: "accepted" });
    expect(verdict({ signers: [ADA, BEN] })).toMatchObject({ rule: "under-signed" });
    const rollback = { statement: { kind: "rollback" as const }, signers: [ADA, BEN, CLEO] };
    expect(verdict(rollback)).toMatchObject({ rule: "approval-type" });
    expect(verdict({ ...rollback, payloadType: PAYLOAD_TYPES.restore })).toMatchObject({ rule: "approval-type" });
    const mislabelled = { signers: [ADA, BEN, CLEO], payloadType: PAYLOAD_TYPES.statement };
    expect(verdict(mislabelled)).toMatchObject({ rule: "approval-type" });
  });

  test("AT-06 many devices need a key file, however the plan counts them", () => {
    const limits = { ...aPolicy().limits, keyFileAboveDevices: 2 };
    const passkey = { ...aHolder("ada", ADA), keys: [{ ...aHolder("ada", ADA).keys[0], kind: "passkey-es256" }] };
    const approvers = { threshold: 1, holders: [passkey, aHolder("ben", BEN)] } as typeof APPROVERS;
    const facts = factsNow({
      belief: { trust: { ...PEOPLES_TRUST, approvers }, policy: aPolicy({ version: 2, limits }) },
    });
    expect(admit(aPlan({ signers: [BEN] }).orderFor(DEVICE), facts)).toMatchObject({ kind: "accepted" });
    const understated = aPlan({ signers: [BEN], statement: { deviceCount: 1 } });
    expect(admit(understated.orderFor(DEVICE), facts)).toMatchObject({ kind: "refused", rule: "schema" });
  });
});

describe("AT-06 at the controller's door", () => {
  async function given() {
    const controller = await ControllerHarness.open();
    await controller.bring(1);
    const { document } = controller.trust;
    const next = { ...document, version: document.version + 1, approvers: APPROVERS };
    await controller.trust.publishTrust(sealTrust(next, ROOT));
    const { id } = await controller.administration.makePlan(aPlanRequest(), "anna");
    const row = await controller.store.plan(id);
    if (row?.statement === null || row?.statement === undefined) throw new Error("the plan has no statement");
    const { statement } = row;
    const bytes = pae(statement.payloadType, fromBase64(statement.payload));
    const statementDigest = payloadDigest({ ...statement, signatures: [] });
    const sign = (signer: Signer, keyId = signer.keyId) =>
      controller.administration.addApproval(id, { statementDigest, keyId, sig: toBase64(signer.sign(bytes)) }, "anna");
    return { controller, id, sign };
  }
  const start = ({ controller, id }: Awaited<ReturnType<typeof given>>) =>
    controller.administration.startRollout(id, "anna");

  test("AT-06 one person does not approve a plan, neither twice nor with two keys, and nothing starts", async () => {
    const at = await given();
    for (const signer of [ADA, ADA, ADAS_OTHER_KEY, ADA]) await at.sign(signer);
    await expect(start(at)).rejects.toThrow(/not approved/);
    await at.sign(CLEO);
    expect(await start(at)).toMatchObject({ phase: "running" });
    await at.controller.stop();
  });

  test("AT-06 signatures that are not by the key they name, or by nobody who approves, are not kept", async () => {
    const at = await given();
    const bad: [Signer, Signer["keyId"]][] = [
      [ADA, BEN.keyId],
      [MALLORY, BEN.keyId],
      [MALLORY, MALLORY.keyId],
      [ROOT, ROOT.keyId],
      [ONLINE, ONLINE.keyId],
    ];
    for (const [signer, keyId] of bad)
      await expect(at.sign(signer, keyId)).rejects.toThrow(/no approver with the key|no good signature/);
    expect((await at.controller.store.plan(at.id))?.approvals).toEqual([]);
    await at.controller.stop();
  });

  test("AT-06 approvers with many keys do not make an order that no agent could read", async () => {
    const at = await given();
    const { document } = at.controller.trust;
    const people = Array.from({ length: 18 }, (_, n) => `person-${n}`);
    const { aKey } = await import("../support/keys.ts");
    const holders = people.map((person) => aHolder(person, aKey(person)));
    const next = { ...document, version: document.version + 1, approvers: { threshold: 16, holders } };
    await at.controller.trust.publishTrust(sealTrust(next, ROOT));
    for (const person of people) await at.sign(aKey(person));
    const { Envelope: schema } = await import("../../protocol/dsse.ts");
    const kept = (await at.controller.store.plan(at.id))?.envelope;
    expect(schema.safeParse(kept).success).toBe(true);
    expect(await start(at)).toMatchObject({ phase: "running" });
    await at.controller.stop();
  });
});

test("AT-06 a document or a policy signed by too few is not believed", async () => {
  const { believe } = await import("../../agent/core/belief.ts");
  const { verifyRaw } = await import("../../agent/adapters/verify-raw.ts");
  const { aBelief } = await import("../support/attack.ts");
  const before = aBelief();
  const next = { ...PEOPLES_TRUST, version: 3, issuedAt: later(NOON, 1) };
  for (const signers of [[RITA], [RITA, RITA], [ADA, BEN], [STARTER], [RITA, as(RITA, ROLF.keyId)]]) {
    const { record, refused } = believe(before, [sealTrust(next, ...signers)], undefined, verifyRaw);
    expect(record).toEqual(before);
    expect(refused).toHaveLength(1);
  }
  expect(believe(before, [sealTrust(next, RITA, ROLF)], undefined, verifyRaw).refused).toEqual([]);
});
