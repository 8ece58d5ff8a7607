/**
 * A device that takes nothing but what two of three approvers signed, and the people behind it. Everything stands on
 * its threshold exactly, so that each signature counts and nothing that is missing goes unnoticed.
 */
import { type BeliefRecord, believe, newBelief } from "../../agent/core/belief.ts";
import { verifyRaw } from "../../agent/adapters/verify-raw.ts";
import type { AdmissionFacts } from "../../agent/core/admission-facts.ts";
import { digestOf } from "../../protocol/canonical.ts";
import {
  type Envelope,
  PAYLOAD_TYPES,
  type PayloadType,
  payloadDigest,
  seal,
  type Signer,
} from "../../protocol/dsse.ts";
import { type DeviceId, newId } from "../../protocol/ids.ts";
import { leafHash, MerkleTree } from "../../protocol/merkle.ts";
import { Site } from "../../protocol/names.ts";
import { kindOf, type Order, type PlanStatement, stepsDigest, type WaveOrder } from "../../protocol/plan.ts";
import { Step } from "../../protocol/playbook.ts";
import { later } from "../../protocol/time.ts";
import type { TrustDocument } from "../../protocol/trust-document.ts";
import { aKey } from "./keys.ts";
import { admissionFacts, aQuarantine, DEVICE, deviceIdOf, NOON, planIdOf, SOURCE } from "./signed-order.ts";
import { aFreshWord, aHolder, aPolicy, aTrust, ONLINE, sealPolicy, sealTrust } from "./trust.ts";

export const DAY = 86_400_000;
export const ADA = aKey("ada");
export const ADAS_OTHER_KEY = aKey("ada, the other key");
export const BEN = aKey("ben");
export const CLEO = aKey("cleo");
export const PAUL = aKey("paul");
export const RITA = aKey("rita");
export const ROLF = aKey("rolf");
/** Keys that a controller made at its first start, and that count no more. */
export const STARTER = aKey("starter");
export const MALLORY = aKey("mallory");

const dates = { issuedAt: later(NOON, -DAY), expiresAt: later(NOON, 28 * DAY) };
const TWO_ROOTS: TrustDocument["roots"] = { threshold: 2, holders: [aHolder("rita", RITA), aHolder("rolf", ROLF)] };
export const APPROVERS: TrustDocument["approvers"] = {
  threshold: 2,
  holders: [aHolder("ada", ADA, ADAS_OTHER_KEY), aHolder("ben", BEN), aHolder("cleo", CLEO)],
};

/** As at the first start: whoever has the controller may do everything. */
export const STARTER_TRUST = aTrust({
  ...dates,
  version: 1,
  roots: { threshold: 1, holders: [aHolder("controller", STARTER)] },
  policyHolders: { threshold: 1, holders: [aHolder("controller", STARTER)] },
  approvers: { threshold: 1, holders: [aHolder("controller", STARTER)] },
});
export const PEOPLES_TRUST = aTrust({
  ...dates,
  version: 2,
  roots: TWO_ROOTS,
  policyHolders: { threshold: 1, holders: [aHolder("paul", PAUL)] },
  approvers: APPROVERS,
});
export const STARTER_ENVELOPE = sealTrust(STARTER_TRUST, STARTER);
export const PEOPLES_ENVELOPE = sealTrust(PEOPLES_TRUST, STARTER, RITA, ROLF);
export const POLICY = aPolicy({ version: 2, issuedAt: NOON });
export const POLICY_ENVELOPE = sealPolicy(POLICY, PAUL);

/** A device that has followed its controller's documents from the pinned one on. */
export function aBelief(documents: readonly Envelope[] = [PEOPLES_ENVELOPE], policy = POLICY_ENVELOPE): BeliefRecord {
  const pinned = newBelief(payloadDigest(STARTER_ENVELOPE));
  const { record, refused } = believe(pinned, [STARTER_ENVELOPE, ...documents], policy, verifyRaw);
  if (refused.length > 0) throw new Error(`the documents of a test are not good: ${refused[0]?.refusal.because}`);
  return record;
}

export const ANOTHER_DEVICE = deviceIdOf("another device");
export const THIRD_DEVICE = deviceIdOf("a third device");

export interface PlanParts {
  readonly seed?: string;
  readonly steps?: readonly unknown[];
  /** Who is in which wave. */
  readonly waves?: readonly (readonly DeviceId[])[];
  readonly statement?: Partial<PlanStatement>;
  readonly signers?: readonly Signer[];
  readonly payloadType?: PayloadType;
}
export interface ApprovedPlan {
  readonly statement: PlanStatement;
  readonly envelope: Envelope;
  readonly orderFor: (device: DeviceId, wave?: number, over?: Partial<WaveOrder>, signer?: Signer) => Order;
}

/** Two waves, this device in the first, and two approvers. */
export function aPlan(parts: PlanParts = {}): ApprovedPlan {
  const { seed = "a plan", waves = [[DEVICE, ANOTHER_DEVICE], [THIRD_DEVICE]], signers = [ADA, BEN] } = parts;
  const steps = (parts.steps ?? [aQuarantine("faulty")]).map((step) => Step.parse(step));
  const planId = planIdOf(seed);
  const leafOf = (deviceId: DeviceId, wave: number): Uint8Array =>
    leafHash({ planId, wave, deviceId, stepsDigest: stepsDigest(steps) });
  const trees = waves.map((devices, wave) => new MerkleTree(devices.map((device) => leafOf(device, wave))));
  const statement: PlanStatement = {
    schema: "ringback.plan-statement/2",
    kind: kindOf(steps),
    planId,
    planDigest: digestOf(seed),
    title: "Take 7-2 back",
    steps,
    source: SOURCE,
    era: 1,
    generation: 7,
    undoes: null,
    supplements: null,
    deviceCount: waves.flat().length,
    sites: [Site.parse("Northgate Hospital")],
    waves: trees.map(({ size, root }, i) => ({ name: `wave ${i + 1}`, notBefore: NOON, size, root })),
    validFrom: NOON,
    validUntil: later(NOON, DAY),
    minimumTrustVersion: 2,
    minimumPolicyVersion: 2,
    ...parts.statement,
  };
  const type = parts.payloadType ?? (statement.kind === "restore" ? PAYLOAD_TYPES.restore : PAYLOAD_TYPES.statement);
  const envelope = seal(type, statement, signers);
  return {
    statement,
    envelope,
    orderFor(deviceId, wave = 0, over = {}, signer = ONLINE) {
      const order: WaveOrder = {
        schema: "ringback.wave-order/2",
        orderId: newId("order", NOON, Buffer.from(digestOf({ seed, deviceId, wave, over }), "hex")),
        rolloutId: newId("rollout", NOON, Buffer.from(digestOf(seed), "hex")),
        planId,
        statementDigest: payloadDigest(envelope),
        wave,
        deviceId,
        proof: trees[wave]?.proofOf(leafOf(deviceId, wave)) ?? { index: 0, path: [] },
        gate: wave === 0 ? null : { wave: wave - 1, passedAt: later(NOON, 500) },
        issuedAt: later(NOON, 1_000),
        ...over,
      };
      return {
        orderId: order.orderId,
        withdrawn: false,
        order: seal(PAYLOAD_TYPES.order, order, [signer]),
        statement: envelope,
      };
    },
  };
}

export const NONCE = Buffer.alloc(32, 1).toString("base64");
export const WORD = aFreshWord(DEVICE, NONCE, later(NOON, 60_000), { trustVersion: 2, policyVersion: 2 });

/** What the device knows a minute after noon. */
export const factsNow = (over: Partial<AdmissionFacts> = {}): AdmissionFacts =>
  admissionFacts({
    belief: { trust: PEOPLES_TRUST, policy: POLICY },
    fresh: { envelope: WORD, nonce: NONCE, askedAgoMs: 1_000 },
    ...over,
  });
