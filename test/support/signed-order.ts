/** An order that a device must accept: approved plan, wave with its Merkle proof, good signatures. A test bends it. */
import { createHash } from "node:crypto";
import { verifyRaw } from "../../agent/adapters/verify-raw.ts";
import type { AdmissionFacts } from "../../agent/core/admission-facts.ts";
import { digestOf, Sha256 } from "../../protocol/canonical.ts";
import { ContentSourceId } from "../../protocol/content.ts";
import { PAYLOAD_TYPES, type PayloadType, seal, type Signer } from "../../protocol/dsse.ts";
import { type DeviceId, newId, type PlanId } from "../../protocol/ids.ts";
import { leafHash, MerkleTree } from "../../protocol/merkle.ts";
import { Site } from "../../protocol/names.ts";
import { kindOf, type Order, type PlanStatement, stepsDigest, type WaveOrder } from "../../protocol/plan.ts";
import { Step } from "../../protocol/playbook.ts";
import { at, type Instant, later } from "../../protocol/time.ts";
import { aFreshWord, APPROVER, aPolicy, aTrust, ONLINE } from "./trust.ts";

export const NOON: Instant = at("2026-11-22T12:00:00Z");
const dice = (seed: string): Uint8Array => createHash("sha256").update(seed).digest();
export const deviceIdOf = (seed: string): DeviceId => newId("dev", NOON, dice(seed));
export const planIdOf = (seed: string): PlanId => newId("plan", NOON, dice(seed));

export const DEVICE = deviceIdOf("this device");
export const SOURCE = ContentSourceId.parse("acme.content-7");

const NONCE = Buffer.alloc(32, 1).toString("base64");

export interface OrderParts {
  readonly steps?: readonly unknown[];
  readonly device?: DeviceId;
  readonly plan?: PlanId;
  /** Tells orders of one plan apart. */
  readonly seed?: string;
  readonly statement?: Partial<PlanStatement>;
  readonly order?: Partial<WaveOrder>;
  readonly approvers?: readonly Signer[];
  readonly online?: readonly Signer[];
  readonly payloadType?: PayloadType;
}

export const aQuarantine = (contents: string, over: object = {}): Step =>
  Step.parse({
    kind: "quarantine-file",
    files: "C:\\Windows\\System32\\drivers\\Acme\\C-00000007-*.sys",
    where: { sha256: [createHash("sha256").update(contents).digest("hex")] },
    filesMax: 2,
    ...over,
  });

export function aSignedOrder(parts: OrderParts = {}): Order {
  const { device = DEVICE, plan = planIdOf("a plan"), seed = "an order" } = parts;
  const steps = (parts.steps ?? [aQuarantine("faulty")]).map((step) => Step.parse(step));
  const leaf = (deviceId: DeviceId): Uint8Array =>
    leafHash({ planId: plan, wave: 0, deviceId, stepsDigest: stepsDigest(steps) });
  const tree = new MerkleTree([leaf(device), leaf(deviceIdOf("a neighbour")), leaf(deviceIdOf("another"))]);
  const statement: PlanStatement = {
    schema: "ringback.plan-statement/2",
    kind: kindOf(steps),
    planId: plan,
    planDigest: digestOf("the plan"),
    title: "Take 7-2 back",
    steps,
    source: SOURCE,
    era: 1,
    generation: 1,
    undoes: null,
    supplements: null,
    deviceCount: 3,
    sites: [Site.parse("Northgate Hospital")],
    waves: [{ name: "all", notBefore: NOON, size: tree.size, root: tree.root }],
    validFrom: NOON,
    validUntil: later(NOON, 86_400_000),
    minimumTrustVersion: 1,
    minimumPolicyVersion: 1,
    ...parts.statement,
  };
  const sealed = seal(
    parts.payloadType ?? (statement.kind === "restore" ? PAYLOAD_TYPES.restore : PAYLOAD_TYPES.statement),
    statement,
    parts.approvers ?? [APPROVER],
  );
  const order: WaveOrder = {
    schema: "ringback.wave-order/2",
    orderId: newId("order", NOON, dice(seed)),
    rolloutId: newId("rollout", NOON, dice("a rollout")),
    planId: plan,
    statementDigest: digestOf(statement),
    wave: 0,
    deviceId: device,
    proof: tree.proofOf(leaf(device)),
    gate: null,
    issuedAt: later(NOON, 1_000),
    ...parts.order,
  };
  return {
    orderId: order.orderId,
    withdrawn: false,
    order: seal(PAYLOAD_TYPES.order, order, parts.online ?? [ONLINE]),
    statement: sealed,
  };
}

/** What a device knows that accepts `aSignedOrder`. */
export const admissionFacts = (over: Partial<AdmissionFacts> = {}): AdmissionFacts => ({
  deviceId: DEVICE,
  belief: { trust: aTrust(), policy: aPolicy() },
  verify: verifyRaw,
  fresh: { envelope: aFreshWord(DEVICE, NONCE, later(NOON, 60_000)), nonce: NONCE, askedAgoMs: 1_000 },
  now: later(NOON, 60_000),
  timeFloor: 0 as Instant,
  controllerNow: undefined,
  allowedSteps: new Set(Step.options.map((option) => option.shape.kind.value)),
  allowedRoots: ["C:\\Windows\\System32\\drivers\\Acme"],
  allowedRegistryKeys: [],
  forbiddenRoots: ["C:\\ProgramData\\Ringback"],
  hasSeen: () => false,
  generationOf: () => undefined,
  attemptsOf: () => 0,
  disruptedAt: undefined,
  disruptedAgoMs: undefined,
  stopped: undefined,
  ...over,
});

export const anotherSha256 = (seed: string): Sha256 => digestOf(seed);
