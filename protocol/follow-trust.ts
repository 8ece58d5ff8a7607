/**
 * Which trust document may follow the one that is believed, and which policy counts under it.
 *
 * Pure, and the same on the device, on the controller and for whoever verifies evidence. What is refused changes nothing.
 */
import type { z } from "zod";
import type { Sha256 } from "./canonical.ts";
import { type Envelope, open, PAYLOAD_TYPES, type PayloadType, payloadDigest, peek } from "./dsse.ts";
import { Policy } from "./policy.ts";
import type { TrustRefusalRule } from "./progress.ts";
import { type VerifyRaw, voicesOf } from "./signatures.ts";
import { TrustDocument, type TrustRole } from "./trust-document.ts";

export interface NotBelieved {
  readonly kind: "refused";
  readonly rule: z.infer<typeof TrustRefusalRule>;
  readonly because: string;
}
export type Followed<Body> = { readonly kind: "followed"; readonly body: Body; readonly digest: Sha256 } | NotBelieved;

/** The first document: the very one whose digest the installer was given, signed by its own roots. */
export function pinnedTrust(envelope: Envelope, pin: Sha256, verify: VerifyRaw): Followed<TrustDocument> {
  const read = readSigned(envelope, PAYLOAD_TYPES.trust, TrustDocument);
  if (read.kind === "refused") return read;
  if (read.digest !== pin)
    return refuse("not-pinned", `its digest is ${read.digest}, this device was installed with ${pin}`);
  return underSigned(envelope, read.body.roots, verify, "its own roots") ?? read;
}

/** TUF 5.3.4: signed by a threshold of the roots before and of its own. TUF 5.3.5: exactly the next version. */
export function followTrust(current: TrustDocument, envelope: Envelope, verify: VerifyRaw): Followed<TrustDocument> {
  const read = readSigned(envelope, PAYLOAD_TYPES.trust, TrustDocument);
  if (read.kind === "refused") return read;
  const { body } = read;
  if (body.version !== current.version + 1)
    return refuse("not-the-next-version", `it is version ${body.version}, after ${current.version} comes the next one`);
  return (
    underSigned(envelope, current.roots, verify, `the roots of version ${current.version}`) ??
    underSigned(envelope, body.roots, verify, "its own roots") ??
    read
  );
}

/**
 * A policy counts as long as enough of the policy holders of the *current* document signed it. TUF 5.6.4: no rollback.
 * TUF 5.3.11: once the one that was taken counts no more, because its signers hold policy no more, versions may start
 * again, which is the way out if the highest version there is was ever signed. As long as it counts they may not, whoever
 * else came or went: otherwise each change of holders would let an older policy return.
 */
export function followPolicy(
  trust: TrustDocument,
  current: Envelope | undefined,
  envelope: Envelope,
  verify: VerifyRaw,
): Followed<Policy> {
  const read = readSigned(envelope, PAYLOAD_TYPES.policy, Policy);
  if (read.kind === "refused") return read;
  const { body, digest } = read;
  if (current !== undefined && isPolicyGood(trust, current, verify)) {
    const { version } = peek(current, Policy);
    if (body.version < version)
      return refuse("older-version", `it is policy ${body.version}, and ${version} is in force`);
    if (body.version === version && digest !== payloadDigest(current))
      return refuse("older-version", `it is another text of policy ${body.version} than the one in force`);
  }
  return underSigned(envelope, trust.policyHolders, verify, "the policy holders") ?? read;
}

/** Does a policy that was taken count under this document? One whose signers are no longer holders is none. */
export const isPolicyGood = (trust: TrustDocument, policy: Envelope, verify: VerifyRaw): boolean =>
  underSigned(policy, trust.policyHolders, verify, "the policy holders") === undefined;

/** How many people of a role signed, and whether they are enough. */
export function underSigned(
  envelope: Envelope,
  role: TrustRole,
  verify: VerifyRaw,
  who: string,
): NotBelieved | undefined {
  // Offline keys only: no passkey counts for these roles.
  const people = voicesOf(envelope, role, null, verify).length;
  if (people >= role.threshold) return undefined;
  return people === 0
    ? refuse("signature", `it is signed by none of ${who}`)
    : refuse("under-signed", `${people} of ${who} signed it, ${role.threshold} must`);
}

/** Reads what is about to be checked: the caller verifies signatures before anything of it counts. */
function readSigned<Body>(envelope: Envelope, type: PayloadType, schema: z.ZodType<Body>): Followed<Body> {
  const opened = open(envelope, type, schema, () => true);
  if (opened.kind === "refused") return refuse("schema", opened.because);
  return { kind: "followed", body: opened.body, digest: opened.digest };
}

const refuse = (rule: NotBelieved["rule"], because: string): NotBelieved => ({ kind: "refused", rule, because });
