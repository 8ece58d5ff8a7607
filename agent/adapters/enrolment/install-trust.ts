/**
 * What the controller sent of trust and policy, taken as far as it is signed, from the pinned document on.
 *
 * No trust on first use: a controller whose documents do not begin with the pinned one is another one.
 */
import type { Sha256 } from "../../../protocol/canonical.ts";
import type { EnrolmentAnswer } from "../../../protocol/enrolment.ts";
import { believe, newBelief } from "../../core/belief.ts";
import { writeBelief } from "../state-folder.ts";
import { verifyRaw } from "../verify-raw.ts";

/** @throws TrustNotPinned with nothing written */
export async function installTrust(
  folder: string,
  trustRootSha256: Sha256,
  { trust, policy }: Pick<EnrolmentAnswer, "trust" | "policy">,
): Promise<void> {
  const { record, refused } = believe(newBelief(trustRootSha256), trust, policy, verifyRaw);
  if (record.trust === null) throw new TrustNotPinned(refused.map(({ refusal }) => refusal.because).join("; "));
  await writeBelief(folder, record);
}

class TrustNotPinned extends Error {
  override readonly name = "TrustNotPinned";
  readonly code = "trust-not-pinned";
  constructor(because: string) {
    super(
      `this controller's trust documents are not the ones that were pinned: ${because}. Check TRUST_ROOT_SHA256 against \`ringback trust pins\`, asked of somebody whom you know.`,
    );
  }
}
