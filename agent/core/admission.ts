/**
 * May this order run here? Every rule is checked on the device, with keys that the controller does not hold.
 *
 * Pure: facts come in, a verdict goes out. Anything that is not plainly allowed is refused. Nothing of an envelope is
 * believed before a signature over it was found good.
 */
import type { Sha256 } from "../../protocol/canonical.ts";
import { sha256Hex } from "../../protocol/canonical.ts";
import type { ContentSourceId } from "../../protocol/content.ts";
import { fromBase64, type Opened, open, PAYLOAD_TYPES, type Verify } from "../../protocol/dsse.ts";
import type { DeviceId, PlanId } from "../../protocol/ids.ts";
import { isInTree, leafHash } from "../../protocol/merkle.ts";
import { type Order, PlanStatement, stepsDigest, WaveOrder } from "../../protocol/plan.ts";
import type { Step, StepKind } from "../../protocol/playbook.ts";
import type { RefusalRule } from "../../protocol/progress.ts";
import type { Instant } from "../../protocol/time.ts";
import type { Trust } from "../../protocol/trust.ts";
import { isUnder } from "../../protocol/windows-path.ts";
import { sayable } from "./sayable.ts";

/** Verifies a P-256 signature over bytes by the key whose SubjectPublicKeyInfo is `publicKey`. */
type VerifyByKey = (publicKey: string, bytes: Uint8Array, signature: Uint8Array) => boolean;

/** What the device knows when an order comes in. */
export interface AdmissionFacts {
  readonly deviceId: DeviceId;
  /** Without a trust document nobody is believed. */
  readonly trust: Trust | undefined;
  readonly verify: VerifyByKey;
  /** The device's wall clock: it can only make an order too late, never early. */
  readonly now: Instant;
  /** The latest time that an order with a good signature was issued at: it is later than that. */
  readonly timeFloor: Instant;
  /** What the controller says the time is, if it said so in this connection. Believed only to refuse. */
  readonly controllerNow: Instant | undefined;
  readonly allowedSteps: ReadonlySet<StepKind>;
  readonly allowedRoots: readonly string[];
  /** The agent's own folders. */
  readonly forbiddenRoots: readonly string[];
  readonly hasSeen: (digest: Sha256) => boolean;
  /** The highest generation accepted of a source; 0 if none. */
  readonly generationOf: (source: ContentSourceId) => number;
  /** Orders of this plan that this device has accepted. */
  readonly attemptsOf: (plan: PlanId) => number;
}

export type Verdict =
  | {
      readonly kind: "accepted";
      readonly order: WaveOrder;
      readonly statement: PlanStatement;
      readonly digest: Sha256;
    }
  | { readonly kind: "refused"; readonly rule: RefusalRule; readonly because: string };
type Refused = Extract<Verdict, { kind: "refused" }>;

/** As it is installed. Switched off by mistake on a fleet, nobody could ever order it on again. */
const OWN_SERVICE = "ringback";

/** Orders of one plan that a device takes: a rollout that was halted and resumed offers again, but not for ever. */
const ATTEMPTS_MAX = 10;

export function admit(offer: Order, facts: AdmissionFacts): Verdict {
  if (facts.trust === undefined)
    return refuse("statement-signature", "this device has no readable trust document, so it believes nobody");
  const statement = open(
    offer.statement,
    PAYLOAD_TYPES.statement,
    PlanStatement,
    keyring(facts.trust.approvers, facts),
  );
  if (statement.kind === "refused") return unopened(statement, "statement-signature", "the plan statement");
  const order = open(offer.order, PAYLOAD_TYPES.order, WaveOrder, keyring(facts.trust.online, facts));
  if (order.kind === "refused") return unopened(order, "order-signature", "the order");
  const refused =
    checkIdentity(offer, order.body, statement, facts) ??
    checkWave(order.body, statement.body) ??
    checkTrust(statement.body, facts.trust) ??
    checkReplay(order.digest, statement.body, facts) ??
    checkTime(order.body, statement.body, facts) ??
    checkSteps(statement.body.steps, facts);
  return refused ?? { kind: "accepted", order: order.body, statement: statement.body, digest: order.digest };
}

/** Only the keys given count, and only under the id that is their own digest. */
function keyring(keys: Trust["approvers"], { verify }: AdmissionFacts): Verify {
  const byId = new Map(
    keys
      .filter(({ keyId, publicKey }) => sha256Hex(fromBase64(publicKey)) === String(keyId))
      .map(({ keyId, publicKey }) => [keyId, publicKey]),
  );
  return (keyId, bytes, signature) => {
    const publicKey = byId.get(keyId);
    return publicKey !== undefined && verify(publicKey, bytes, signature);
  };
}

function unopened(
  opened: Extract<Opened<unknown>, { kind: "refused" }>,
  signature: RefusalRule,
  what: string,
): Refused {
  return refuse(opened.rule === "signature" ? signature : "schema", `${what}: ${opened.because}`);
}

function checkIdentity(
  offer: Order,
  order: WaveOrder,
  statement: Extract<Opened<PlanStatement>, { kind: "opened" }>,
  { deviceId }: AdmissionFacts,
): Refused | undefined {
  if (offer.orderId !== order.orderId)
    return refuse("schema", `the mailbox calls this order ${offer.orderId}, its signed text ${order.orderId}`);
  if (order.statementDigest !== statement.digest || order.planId !== statement.body.planId)
    return refuse("wrong-plan", "the order points to another plan statement than the one it came with");
  if (order.deviceId !== deviceId) return refuse("wrong-device", `the order is for ${order.deviceId}`);
  return undefined;
}

function checkWave(order: WaveOrder, statement: PlanStatement): Refused | undefined {
  const wave = statement.waves[order.wave];
  if (wave === undefined) return refuse("not-in-wave", `the approved plan has no wave ${order.wave + 1}`);
  const { planId, deviceId } = order;
  const leaf = leafHash({ planId, wave: order.wave, deviceId, stepsDigest: stepsDigest(statement.steps) });
  if (!isInTree(leaf, order.proof, wave.size, wave.root))
    return refuse("not-in-wave", `the approvers did not put this device into wave "${wave.name}"`);
  return undefined;
}

function checkTrust(statement: PlanStatement, trust: Trust): Refused | undefined {
  if (trust.version >= statement.minimumTrustVersion) return undefined;
  return refuse(
    "trust-version",
    `the plan needs trust document ${statement.minimumTrustVersion}, this device has ${trust.version}`,
  );
}

function checkReplay(digest: Sha256, statement: PlanStatement, facts: AdmissionFacts): Refused | undefined {
  if (facts.hasSeen(digest)) return refuse("replayed", "this very order was carried out here before");
  // TUF 5.4.4: no rollback. Equal is allowed: one approval may reach a device more than once.
  const seen = facts.generationOf(statement.source);
  if (statement.generation < seen)
    return refuse(
      "older-generation",
      `a plan of generation ${seen} of ${statement.source} was accepted here, this one is of ${statement.generation}`,
    );
  if (facts.attemptsOf(statement.planId) >= ATTEMPTS_MAX)
    return refuse("attempts-exhausted", `this plan was begun here ${ATTEMPTS_MAX} times`);
  return undefined;
}

/**
 * Earliness is judged by the signed time of issue alone: a clock that runs ahead must not open a wave. Lateness is
 * judged by the latest time anyone names: a clock that was set back must not revive an old plan.
 */
function checkTime(order: WaveOrder, statement: PlanStatement, facts: AdmissionFacts): Refused | undefined {
  const latest = Math.max(facts.now, facts.timeFloor, order.issuedAt, facts.controllerNow ?? 0);
  if (order.issuedAt < statement.validFrom)
    return refuse("not-yet-valid", `the order was issued before its plan is valid (${iso(statement.validFrom)})`);
  if (latest >= statement.validUntil)
    return refuse("expired", `the plan was valid until ${iso(statement.validUntil)}; it is ${iso(latest)} here`);
  const notBefore = statement.waves[order.wave]?.notBefore;
  if (notBefore === undefined || order.issuedAt < notBefore)
    return refuse("not-before", `the order was issued before its wave may begin (${iso(notBefore ?? 0)})`);
  return undefined;
}

function checkSteps(steps: readonly Step[], facts: AdmissionFacts): Refused | undefined {
  for (const [i, step] of steps.entries()) {
    if (!facts.allowedSteps.has(step.kind))
      return refuse("step-not-allowed", `step ${i + 1} is ${step.kind}, which this device does not allow`);
    if (step.kind === "set-service-start" && step.service.toLowerCase() === OWN_SERVICE)
      return refuse("step-not-allowed", `step ${i + 1} is about the agent's own service, which no order may touch`);
    if (!("files" in step)) continue;
    if (!facts.allowedRoots.some((root) => isUnder(step.files, root)))
      return refuse(
        "path-not-allowed",
        `step ${i + 1}: ${step.files} lies under none of this device's allowed folders`,
      );
    if (facts.forbiddenRoots.some((root) => isUnder(step.files, root)))
      return refuse("path-not-allowed", `step ${i + 1}: ${step.files} lies in the agent's own folder`);
  }
  return undefined;
}

const iso = (instant: number): string => new Date(instant).toISOString();
const refuse = (rule: RefusalRule, because: string): Refused => ({ kind: "refused", rule, because: sayable(because) });
