/** Whom devices believed: trust documents from the pinned one on, and the policies under them. TUF 5.3: no link left out. */
import { type Sha256 } from "./canonical.ts";
import { type Envelope, open, PAYLOAD_TYPES } from "./dsse.ts";
import { Policy } from "./policy.ts";
import { type VerifyRaw, voicesOf } from "./signatures.ts";
import type { Instant } from "./time.ts";
import { TrustDocument, type TrustRole } from "./trust-document.ts";

export interface Believed<Body> {
  /** Up to the first that cannot be believed. */
  readonly believed: readonly Body[];
  readonly faults: readonly string[];
}

export function believedTrust(envelopes: readonly Envelope[], pin: Sha256, verify: VerifyRaw): Believed<TrustDocument> {
  const believed: TrustDocument[] = [];
  for (const [i, envelope] of envelopes.entries()) {
    const opened = open(envelope, PAYLOAD_TYPES.trust, TrustDocument, () => true); // signatures: the next lines
    if (opened.kind === "refused") return { believed, faults: [`document ${i + 1} cannot be read: ${opened.because}`] };
    const { body, digest } = opened;
    const before = believed.at(-1);
    const fault = linkFault(body, digest, before, pin) ?? signatureFault(envelope, body, before, verify);
    if (fault !== undefined) return { believed, faults: [`version ${body.version} ${fault}`] };
    believed.push(body);
  }
  return { believed, faults: [] };
}

function linkFault(
  body: TrustDocument,
  digest: Sha256,
  before: TrustDocument | undefined,
  pin: Sha256,
): string | undefined {
  if (before === undefined) return digest === pin ? undefined : `is not the pinned one: its digest is ${digest}`;
  if (body.version !== before.version + 1) return `does not follow version ${before.version}`; // TUF 5.3.5
  return body.issuedAt < before.issuedAt ? "was issued before the one that it follows" : undefined;
}

/** TUF 5.3.4: signed by a threshold of the roots before and of its own. */
function signatureFault(
  envelope: Envelope,
  { roots }: TrustDocument,
  before: TrustDocument | undefined,
  verify: VerifyRaw,
): string | undefined {
  if (before !== undefined && !isEnough(envelope, before.roots, verify)) return "is not signed by the roots before it";
  return isEnough(envelope, roots, verify) ? undefined : "is not signed by its own roots";
}

/** A policy counts if the policy holders of a document that was believed signed it. */
export function believedPolicies(
  envelopes: readonly Envelope[],
  documents: readonly TrustDocument[],
  verify: VerifyRaw,
): Believed<Policy> {
  const believed: Policy[] = [];
  const faults: string[] = [];
  for (const [i, envelope] of envelopes.entries()) {
    const opened = open(envelope, PAYLOAD_TYPES.policy, Policy, () => true); // signatures: the next line
    if (opened.kind === "refused") faults.push(`policy ${i + 1} cannot be read: ${opened.because}`);
    else if (!documents.some(({ policyHolders }) => isEnough(envelope, policyHolders, verify)))
      faults.push(`policy version ${opened.body.version} is not signed by enough policy holders`);
    else believed.push(opened.body);
  }
  return { believed, faults };
}

const isEnough = (envelope: Envelope, role: TrustRole, verify: VerifyRaw): boolean =>
  voicesOf(envelope, role, null, verify).length >= role.threshold;

/** The newest that had been issued at that time. */
export const inForce = <Body extends { readonly issuedAt: Instant }>(
  bodies: readonly Body[],
  at: Instant,
): Body | undefined => bodies.filter(({ issuedAt }) => issuedAt <= at).at(-1);
