/** Whom devices believed: trust documents from the pinned one on, each as a device takes it, and the policies under them. */
import type { Sha256 } from "./canonical.ts";
import { type Envelope, payloadDigest } from "./dsse.ts";
import { type Followed, followPolicy, followTrust, pinnedTrust } from "./follow-trust.ts";
import type { Policy } from "./policy.ts";
import type { VerifyRaw } from "./signatures.ts";
import type { Instant } from "./time.ts";
import type { TrustDocument } from "./trust-document.ts";

export interface Believed<Body> {
  readonly believed: readonly Body[];
  readonly faults: readonly string[];
}

/**
 * From the pinned one on, as a device that was installed with this pin: those before it are believed by nobody who begins
 * there. Up to the first that cannot be believed: what follows that one is believed by nobody.
 */
export function believedTrust(envelopes: readonly Envelope[], pin: Sha256, verify: VerifyRaw): Believed<TrustDocument> {
  const believed: TrustDocument[] = [];
  const from = Math.max(0, pinnedAt(envelopes, pin));
  for (const [i, envelope] of envelopes.entries()) {
    if (i < from) continue;
    const before = believed.at(-1);
    const next = before === undefined ? pinnedTrust(envelope, pin, verify) : followTrust(before, envelope, verify);
    if (next.kind === "refused") return { believed, faults: [`document ${i + 1}: ${next.because}`] };
    believed.push(next.body);
  }
  return { believed, faults: [] };
}

/** Where the pinned document stands; -1 if it is not there. */
export const pinnedAt = (envelopes: readonly Envelope[], pin: Sha256): number =>
  envelopes.findIndex((envelope) => payloadDigest(envelope) === pin);

/**
 * A policy counts if the policy holders of a document that was believed signed it.
 *
 * @param isLater the pinned document had others before it: so may policies have been set by holders that nobody knows who
 * begins there. They are left out, up to the first that is believed.
 */
export function believedPolicies(
  envelopes: readonly Envelope[],
  documents: readonly TrustDocument[],
  verify: VerifyRaw,
  isLater: boolean,
): Believed<Policy> {
  const believed: Policy[] = [];
  const faults: string[] = [];
  for (const [i, envelope] of envelopes.entries()) {
    const read = documents.map((document): Followed<Policy> => followPolicy(document, undefined, envelope, verify));
    const taken = read.find((followed) => followed.kind === "followed");
    const last = read.at(-1);
    if (taken !== undefined) believed.push(taken.body);
    else if (!isLater || believed.length > 0)
      faults.push(`policy ${i + 1}: ${last?.kind === "refused" ? last.because : "there is nobody who could set it"}`);
  }
  return { believed, faults };
}

/** The newest that had been issued at that time. */
export const inForce = <Body extends { readonly issuedAt: Instant }>(
  bodies: readonly Body[],
  at: Instant,
): Body | undefined => bodies.findLast(({ issuedAt }) => issuedAt <= at);
