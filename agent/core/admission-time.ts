/**
 * Is it of this moment, and is this its time? Freshness, replay, validity, and the gap between disruptions.
 *
 * Earliness is judged by signed time alone: a clock that runs ahead must not open a wave. Lateness is judged by the
 * latest time anyone names: a clock that was set back must not revive an old plan.
 */
import { open, PAYLOAD_TYPES } from "../../protocol/dsse.ts";
import { assertNever } from "../../protocol/exhaustive.ts";
import { FRESH_MS, Freshness } from "../../protocol/freshness.ts";
import type { Step } from "../../protocol/playbook.ts";
import type { Policy } from "../../protocol/policy.ts";
import type { Instant } from "../../protocol/time.ts";
import { eraOf, type TrustDocument } from "../../protocol/trust-document.ts";
import { type AdmissionFacts, type Offered, type Refused, refuse, type Verdict } from "./admission-facts.ts";
import { onlineKeyring } from "./online-keyring.ts";

/** Orders of one plan that a device takes: a rollout that was halted and resumed offers again, but not for ever. */
const ATTEMPTS_MAX = 10;

/** TUF 5.4.4, no freeze: the answer to this device's own question, and given by who knows the newest trust and policy. */
export function checkFreshness(
  { fresh, deviceId, verify }: AdmissionFacts,
  trust: TrustDocument,
  policy: Policy,
): Refused | { readonly kind: "fresh"; readonly at: Instant } {
  if (fresh.envelope === undefined)
    return refuse("stale", "the controller did not say that the order is of this moment");
  const word = open(fresh.envelope, PAYLOAD_TYPES.freshness, Freshness, onlineKeyring(trust, verify));
  if (word.kind === "refused") return refuse("stale", `the word that the order is of this moment: ${word.because}`);
  const { body } = word;
  if (body.nonce !== fresh.nonce || body.deviceId !== deviceId)
    return refuse("stale", "the word that the order is of this moment answers another question than this device asked");
  if (fresh.askedAgoMs > FRESH_MS)
    return refuse("stale", "the controller said more than 10 minutes ago that the order is of this moment");
  if (trust.version < body.trustVersion)
    return refuse("trust-version", `trust document ${body.trustVersion} is current, this device has ${trust.version}`);
  if (policy.version < body.policyVersion)
    return refuse("policy-version", `policy ${body.policyVersion} is current, this device has ${policy.version}`);
  return { kind: "fresh", at: body.at };
}

export function checkReplay(
  { orderDigest, statement, statementDigest, trust }: Offered,
  facts: AdmissionFacts,
): Refused | undefined {
  if (facts.hasSeen(orderDigest)) return refuse("replayed", "this very order was carried out here before");
  const { source, era, generation, planId } = statement;
  const current = eraOf(trust, source);
  if (era !== current)
    return refuse("older-generation", `the plan is of era ${era} of ${source}, the trust document says ${current}`);
  const seen = facts.generationOf(source, era);
  // TUF 5.4.4: no rollback. Equal is allowed for the same plan: one approval may reach a device more than once.
  if (seen !== undefined && generation < seen.generation)
    return refuse(
      "older-generation",
      `a plan of generation ${seen.generation} of ${source} was accepted here, this one is of ${generation}`,
    );
  if (seen !== undefined && generation === seen.generation && planId !== seen.planId)
    return refuse("generation-reused", `another plan of generation ${generation} of ${source} was accepted here`);
  if (seen?.generation === generation && seen.statement !== undefined && seen.statement !== statementDigest)
    return refuse("generation-reused", `another text of generation ${generation} of ${source} was accepted here`);
  if (facts.attemptsOf(planId) >= ATTEMPTS_MAX)
    return refuse("attempts-exhausted", `this plan was begun here ${ATTEMPTS_MAX} times`);
  return undefined;
}

export function checkTime(
  { order, statement, policy, trust, freshAt }: Offered,
  facts: AdmissionFacts,
): Refused | undefined {
  const latest = Math.max(facts.now, facts.timeFloor, order.issuedAt, freshAt, facts.controllerNow ?? 0);
  if (latest >= trust.expiresAt)
    return refuse(
      "trust-expired",
      `the trust document was good until ${iso(trust.expiresAt)}; it is ${iso(latest)} here: its roots must renew it`,
    );
  if (statement.validUntil - statement.validFrom > policy.limits.validityMsMax)
    return refuse("validity-too-long", "the plan is valid for longer than the policy allows");
  if (order.issuedAt < statement.validFrom || freshAt < statement.validFrom)
    return refuse("not-yet-valid", `the order was issued before its plan is valid (${iso(statement.validFrom)})`);
  if (latest >= statement.validUntil)
    return refuse("expired", `the plan was valid until ${iso(statement.validUntil)}; it is ${iso(latest)} here`);
  const notBefore = statement.waves[order.wave]?.notBefore;
  if (notBefore === undefined || order.issuedAt < notBefore || freshAt < notBefore)
    return refuse("not-before", `the order was issued before its wave may begin (${iso(notBefore ?? 0)})`);
  return undefined;
}

/** Two orders that disturb a device keep a distance, whoever signed them. */
export function disruptionWait(
  { statement, policy, freshAt }: Offered,
  { disruptedAt, disruptedAgoMs = Infinity }: AdmissionFacts,
): Extract<Verdict, { kind: "wait" }> | undefined {
  if (disruptedAt === undefined || !statement.steps.some(isDisruptive)) return undefined;
  // The shorter of both counts: whoever signs the time cannot hurry it, and whoever sets the clock cannot either.
  const againInMs = policy.limits.disruptionGapMs - Math.min(freshAt - disruptedAt, disruptedAgoMs);
  if (againInMs <= 0) return undefined;
  return { kind: "wait", againInMs, because: "another order has just disturbed this device; the policy wants a gap" };
}

export function isDisruptive({ kind }: Step): boolean {
  switch (kind) {
    case "reboot":
    case "set-service-start":
    case "restart-service":
    case "remove-update":
    case "install-update":
    case "remove-driver":
    case "set-safe-mode":
      return true;
    case "quarantine-file":
    case "restore-file":
    case "await-healthy":
    case "set-registry-value":
    case "block-update":
    case "revert-definitions":
    case "restore-from-quarantine":
    case "hold-content":
    case "release-content":
    case "collect-diagnostics":
      return false;
    default:
      return assertNever(kind);
  }
}

const iso = (instant: number): string => new Date(instant).toISOString();
