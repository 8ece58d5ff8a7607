/**
 * A bundle that holds: two devices of three did their work, one in two steps with all receipts, one had nothing to do,
 * one never answered. Trust went through two documents. A test bends one part of it.
 */
import { createHash } from "node:crypto";
import { digestOf, type Sha256 } from "../../protocol/canonical.ts";
import { assembleOrders, type OrderFacts } from "../../protocol/assemble-evidence.ts";
import { type Envelope, payloadDigest, PAYLOAD_TYPES, peek, seal, type Signer } from "../../protocol/dsse.ts";
import {
  type DeviceEvidence,
  type EvidenceBody,
  type EvidenceBundle,
  sealEvidence,
} from "../../protocol/evidence-bundle.ts";
import { type DeviceId, newId } from "../../protocol/ids.ts";
import { leafHash, MerkleTree } from "../../protocol/merkle.ts";
import { kindOf, Plan, PlanStatement, stepsDigest, WaveOrder } from "../../protocol/plan.ts";
import { Receipt, StepReceipt } from "../../protocol/progress.ts";
import type { RolloutEvent } from "../../protocol/rollout.ts";
import { at, later } from "../../protocol/time.ts";
import { aKey } from "./keys.ts";
import { aQuarantine, deviceIdOf, planIdOf } from "./signed-order.ts";
import { aPolicy, aTrustDocument, aTrustRole } from "./trust-builders.ts";

const START = at("2026-11-22T12:00:00Z");
const MINUTE = 60_000;
const dice = (seed: string): Uint8Array => createHash("sha256").update(seed).digest();
const PLAN_ID = planIdOf("an evident plan");
const ROLLOUT = newId("rollout", START, dice("an evident rollout"));
export const DEVICES = ["one", "two", "three"].map(deviceIdOf) as [DeviceId, DeviceId, DeviceId];
export const deviceKeyOf = (device: DeviceId) => aKey(`key of ${device}`);
export const ONLINE = aKey("online");

const STEPS = [aQuarantine("faulty"), { kind: "reboot" as const, noticeMs: 0 }];
const firstTrust = aTrustDocument();
const secondTrust = aTrustDocument({
  version: 2,
  issuedAt: at("2026-11-21T00:00:00Z"),
  expiresAt: at("2026-12-20T00:00:00Z"),
  roots: aTrustRole(2, "rolf", "rosa", "ruth"),
});
const signers = (...people: string[]): Signer[] => people.map(aKey);
export const sealTrust = (document: unknown, ...people: string[]): Envelope =>
  seal(PAYLOAD_TYPES.trust, document, signers(...people));
export const TRUST_ROOT: Sha256 = digestOf(firstTrust);
export const SECOND_TRUST: Sha256 = digestOf(secondTrust);

const policy = aPolicy();
export const POLICY = {
  ...policy,
  sources: policy.sources.map((rule) => ({ ...rule, steps: ["quarantine-file", "reboot"] })),
};

const PLAN: Plan = Plan.parse({
  id: PLAN_ID,
  title: "Take 7-2 back",
  createdAt: START,
  playbook: { name: "take-back", title: "Take back", source: "acme.content-7", steps: STEPS },
  strategy: {
    waves: [
      { name: "pilot", take: { count: 2 }, gate: aGate() },
      { name: "rest", take: { rest: true }, gate: aGate() },
    ],
    budgets: { inFlightMax: 10 },
    patience: { offerMs: MINUTE, silentMs: MINUTE, orderMs: MINUTE },
    validityMs: 86_400_000,
  },
  incident: null,
  undoes: null,
  waves: [
    { name: "pilot", devices: DEVICES.slice(0, 2) },
    { name: "rest", devices: DEVICES.slice(2) },
  ],
});

function aGate() {
  return { failureShareMax: 0.1, successShareMin: 0.5, sampleMin: { count: 1 }, bakeMs: 0, deadlineMs: 60_000 };
}

const treeOf = (wave: number): MerkleTree =>
  new MerkleTree((PLAN.waves[wave]?.devices ?? []).map((id) => leafOf(id, wave)));
const leafOf = (deviceId: DeviceId, wave: number): Uint8Array =>
  leafHash({ planId: PLAN_ID, wave, deviceId, stepsDigest: stepsDigest(PLAN.playbook.steps) });

export const STATEMENT: PlanStatement = PlanStatement.parse({
  schema: "ringback.plan-statement/2",
  kind: kindOf(PLAN.playbook.steps),
  planId: PLAN_ID,
  planDigest: digestOf(PLAN),
  title: PLAN.title,
  steps: PLAN.playbook.steps,
  source: PLAN.playbook.source,
  era: 1,
  generation: 1,
  undoes: null,
  supplements: null,
  deviceCount: 3,
  sites: ["Northgate Hospital"],
  waves: PLAN.waves.map(({ name, devices }, wave) => ({
    name,
    notBefore: START,
    size: devices.length,
    root: treeOf(wave).root,
  })),
  validFrom: START,
  validUntil: later(START, 86_400_000),
  minimumTrustVersion: 2,
  minimumPolicyVersion: 1,
});
export const sealStatement = (statement: unknown = STATEMENT, ...people: string[]): Envelope =>
  seal(PAYLOAD_TYPES.statement, statement, signers(...(people.length === 0 ? ["ada", "cleo"] : people)));

const orderIdOf = (device: DeviceId) => newId("order", START, dice(`order of ${device}`));
export const anOrder = (device: DeviceId, wave: number, over: Partial<WaveOrder> = {}): Envelope =>
  seal(
    PAYLOAD_TYPES.order,
    {
      schema: "ringback.wave-order/2",
      orderId: orderIdOf(device),
      rolloutId: ROLLOUT,
      planId: PLAN_ID,
      statementDigest: digestOf(STATEMENT),
      wave,
      deviceId: device,
      proof: treeOf(wave).proofOf(leafOf(device, wave)),
      gate: wave === 0 ? null : { wave: wave - 1, passedAt: later(START, 10 * MINUTE) },
      issuedAt: later(START, wave === 0 ? MINUTE : 11 * MINUTE),
      ...over,
    },
    [ONLINE],
  );

const BOOT = "7f1f4a3e-3c1c-4f6e-9a58-0d7f3f6f2a11";
const base = (device: DeviceId) => ({ orderId: orderIdOf(device), planId: PLAN_ID, deviceId: device, bootId: BOOT });
export function receiptsOf(
  device: DeviceId,
  events: readonly ("done" | "not-applicable")[],
  over: object = {},
  ofSteps: object = {},
) {
  const key = deviceKeyOf(device);
  const steps: Envelope[] = [];
  for (const [step, event] of events.entries()) {
    const before = steps.at(-1);
    const receipt = StepReceipt.parse({
      schema: "ringback.step-receipt/1",
      ...base(device),
      step,
      kind: PLAN.playbook.steps[step]?.kind,
      event,
      files: [],
      at: later(START, (2 + step) * MINUTE),
      previous: before === undefined ? null : payloadDigest(before),
      ...ofSteps,
    });
    steps.push(seal(PAYLOAD_TYPES.stepReceipt, receipt, [key]));
  }
  const last = steps.at(-1);
  const receipt = Receipt.parse({
    schema: "ringback.receipt/1",
    ...base(device),
    outcome: events.includes("done") ? "succeeded" : "not-applicable",
    steps: PLAN.playbook.steps.map(({ kind }, i) => ({ kind, outcome: events[i] ?? "not-begun", files: [] })),
    durationMs: 5 * MINUTE,
    finishedAt: later(START, 8 * MINUTE),
    lastStepReceipt: last === undefined ? null : payloadDigest(last),
    ...over,
  });
  return { steps, receipt: seal(PAYLOAD_TYPES.receipt, receipt, [key]) };
}

const events: RolloutEvent[] = [
  { kind: "started", at: START, by: { kind: "person", name: "Ada Byron" } },
  { kind: "wave-opened", at: START, wave: 0, deadline: later(START, 60 * MINUTE) },
  { kind: "wave-opened", at: later(START, 10 * MINUTE), wave: 1, deadline: later(START, 70 * MINUTE) },
];

interface EvidenceFacts extends Omit<EvidenceBody, "schema" | "devices">, OrderFacts {
  readonly devices: readonly Omit<DeviceEvidence, "orders">[];
}

export function assembleEvidence({ devices, orders, stepReceipts, receipts, ...rest }: EvidenceFacts): EvidenceBody {
  const ordersOf = Map.groupBy(orders, (order) => peek(order, WaveOrder).deviceId);
  const evidenceOf = (device: DeviceId) =>
    assembleOrders({ orders: ordersOf.get(device) ?? [], stepReceipts, receipts });
  return {
    schema: "ringback.evidence/1",
    ...rest,
    devices: devices.map((device) => ({ ...device, orders: evidenceOf(device.deviceId) })),
  };
}

export function evidenceFacts(): EvidenceFacts {
  const [one, two, three] = DEVICES;
  const done = receiptsOf(one, ["done", "done"]);
  const nothing = receiptsOf(two, ["not-applicable", "not-applicable"]);
  return {
    exportedAt: later(START, 86_400_000),
    exportedBy: "Ada Byron",
    rolloutId: ROLLOUT,
    plan: PLAN,
    statement: sealStatement(),
    trust: [sealTrust(firstTrust, "rita", "rolf"), sealTrust(secondTrust, "rolf", "rosa")],
    policies: [seal(PAYLOAD_TYPES.policy, POLICY, signers("paul"))],
    devices: DEVICES.map((deviceId, i) => ({
      deviceId,
      name: `machine ${i + 1}`,
      publicKey: deviceKeyOf(deviceId).publicKey,
      enrolledAt: START,
      enrolledBy: "Ada Byron",
      status: (["succeeded", "not-applicable", "silent"] as const)[i] ?? "waiting",
    })),
    orders: [anOrder(one, 0), anOrder(two, 0), anOrder(three, 1)],
    stepReceipts: [...done.steps, ...done.steps, ...nothing.steps].reverse(), // in any order, and more than once
    receipts: [nothing.receipt, done.receipt],
    events,
  };
}

let honest: EvidenceBody | undefined;

/** @param bend what a controller does that holds the online key: the seal is good, whatever it changed */
export function anEvidenceBundle(bend: (body: EvidenceBody) => void = () => undefined): EvidenceBundle {
  honest ??= assembleEvidence(evidenceFacts()); // many signatures, made once
  const body = structuredClone(honest);
  bend(body);
  return sealEvidence(body, ONLINE);
}
