/**
 * May a device be asked what these steps would do there? What no order may do is not looked at for a mere question either:
 * nobody has approved it, so it must tell no more than what policy holders and this device allow to be touched.
 *
 * Pure. A question needs no approval and no word of freshness, because nothing comes of it.
 */
import type { CheckQuestion } from "../../protocol/check.ts";
import type { Instant } from "../../protocol/time.ts";
import { type Belief, type Refused, refuse } from "./admission-facts.ts";
import { checkSteps, type StepLimits } from "./admission-steps.ts";

export interface CheckFacts extends StepLimits {
  readonly belief: Belief | undefined;
  /** The latest time that anyone names. */
  readonly latest: Instant;
}

export function admitCheck(question: CheckQuestion, facts: CheckFacts): Refused | undefined {
  if (facts.belief === undefined)
    return refuse("statement-signature", "this device has no trust document yet, so it believes nobody");
  const { trust, policy } = facts.belief;
  if (policy === undefined)
    return refuse("policy-missing", "no policy signed by the current policy holders is here, so nothing is allowed");
  if (facts.latest >= trust.expiresAt)
    return refuse("trust-expired", "the trust document has expired, so no plan could be carried out here");
  return checkSteps({ statement: question, policy }, facts);
}
