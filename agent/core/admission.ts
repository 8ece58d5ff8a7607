/**
 * May this order run here? Every rule is checked on the device, with keys that the controller does not hold.
 *
 * Pure: facts come in, a verdict goes out. Anything that is not plainly allowed is refused. Nothing of an envelope is
 * believed before a signature over it was found good.
 */
import { type Envelope, type Opened, open, PAYLOAD_TYPES } from "../../protocol/dsse.ts";
import { type Order, PlanStatement, WaveOrder } from "../../protocol/plan.ts";
import type { RefusalRule } from "../../protocol/progress.ts";
import { voicesOf } from "../../protocol/signatures.ts";
import { checkApprovals } from "./admission-approvals.ts";
import { type AdmissionFacts, type Offered, refuse, type Refused, type Verdict } from "./admission-facts.ts";
import { checkIdentity, checkWave } from "./admission-set.ts";
import { checkSteps } from "./admission-steps.ts";
import { checkFreshness, checkReplay, checkTime, disruptionWait } from "./admission-time.ts";
import { onlineKeyring } from "./online-keyring.ts";

export function admit(offer: Order, facts: AdmissionFacts): Verdict {
  if (facts.belief === undefined)
    return refuse("statement-signature", "this device has no trust document yet, so it believes nobody");
  const { trust, policy } = facts.belief;
  const voices = voicesOf(offer.statement, trust.approvers, trust.passkeys, facts.verify);
  const statement = open(offer.statement, typeOf(offer.statement), PlanStatement, (keyId) =>
    voices.some(({ key }) => key.keyId === keyId),
  );
  if (statement.kind === "refused") return unopened(statement, "statement-signature", "the plan statement");
  const order = open(offer.order, PAYLOAD_TYPES.order, WaveOrder, onlineKeyring(trust, facts.verify));
  if (order.kind === "refused") return unopened(order, "order-signature", "the order");
  if (policy === undefined)
    return refuse("policy-missing", "no policy signed by the current policy holders is here, so nothing is allowed");
  const fresh = checkFreshness(facts, trust, policy);
  if (fresh.kind === "refused") return fresh;
  const offered: Offered = {
    offer,
    order: order.body,
    orderDigest: order.digest,
    statement: statement.body,
    statementDigest: statement.digest,
    payloadType: offer.statement.payloadType,
    voices,
    trust,
    policy,
    freshAt: fresh.at,
  };
  return (
    checkStopped(facts) ??
    checkIdentity(offered, facts) ??
    checkApprovals(offered) ??
    checkWave(offered) ??
    checkReplay(offered, facts) ??
    checkTime(offered, facts) ??
    checkSteps(offered, facts) ??
    disruptionWait(offered, facts) ?? {
      kind: "accepted",
      order: order.body,
      statement: statement.body,
      statementDigest: statement.digest,
      digest: order.digest,
      freshAt: fresh.at,
    }
  );
}

/** A statement is sealed as one of two types; which of them it must be, `checkApprovals` says. */
const typeOf = ({ payloadType }: Envelope): typeof PAYLOAD_TYPES.statement | typeof PAYLOAD_TYPES.restore =>
  payloadType === PAYLOAD_TYPES.restore ? PAYLOAD_TYPES.restore : PAYLOAD_TYPES.statement;

function checkStopped({ stopped }: AdmissionFacts): Refused | undefined {
  if (stopped === undefined) return undefined;
  return refuse("emergency-stop", `everything was stopped (${stopped}), and approvers have not let it go on`);
}

function unopened(
  opened: Extract<Opened<unknown>, { kind: "refused" }>,
  signature: RefusalRule,
  what: string,
): Refused {
  return refuse(opened.rule === "signature" ? signature : "schema", `${what}: ${opened.because}`);
}
