/**
 * Whether the plans under way are still approved, asked at every look at them: an answer is kept for as long as trust
 * document and policy stay the same, since each costs some signatures.
 */
import { payloadDigest } from "../../protocol/dsse.ts";
import type { TrustKeeper } from "../ports/trust.ts";
import type { PlanRow } from "../store/plans.ts";
import { whyVoid } from "./approvals.ts";

type Trust = Pick<TrustKeeper, "document" | "policy" | "policyEnvelope" | "verify">;

export function voidApprovals(trust: Trust): (row: PlanRow) => string | undefined {
  const answers = new WeakMap<PlanRow, { readonly under: string; readonly because: string | undefined }>();
  return (row) => {
    // Policies of other holders may have the same number.
    const under = `${trust.document.version} ${payloadDigest(trust.policyEnvelope)}`;
    const known = answers.get(row);
    if (known?.under === under) return known.because;
    const because = whyVoid(row, trust);
    answers.set(row, { under, because });
    return because;
  };
}
