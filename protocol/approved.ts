/**
 * What approvers sign besides plans: the word that ends an emergency stop, and holds. Read only once a signature over
 * it was found good.
 *
 * Pure, and the same on the device and on the controller. How many people it takes, the caller says.
 */
import type { z } from "zod";
import type { Sha256 } from "./canonical.ts";
import { type Envelope, open, type PayloadType } from "./dsse.ts";
import type { NotBelieved } from "./follow-trust.ts";
import { type VerifyRaw, type Voice, voicesOf } from "./signatures.ts";
import type { Instant } from "./time.ts";
import type { TrustDocument } from "./trust-document.ts";

export interface Approved<Body> {
  readonly kind: "approved";
  readonly body: Body;
  readonly digest: Sha256;
  /** People, at least one: two keys of one person are one voice. */
  readonly voices: readonly Voice[];
}

/** What every statement says of whom it must be checked by. */
interface Statement {
  readonly minimumTrustVersion: number;
}

/** @param latest the latest time that anyone names: a document that has expired changes nothing any more */
export function readApproved<Body extends Statement>(
  envelope: Envelope,
  type: PayloadType,
  schema: z.ZodType<Body>,
  trust: TrustDocument,
  verify: VerifyRaw,
  latest: Instant,
): Approved<Body> | NotBelieved {
  const voices = voicesOf(envelope, trust.approvers, trust.passkeys, verify);
  const opened = open(envelope, type, schema, (keyId) => voices.some(({ key }) => key.keyId === keyId));
  if (opened.kind === "refused")
    return notBelieved(opened.rule === "signature" ? "signature" : "schema", opened.because);
  const { body, digest } = opened;
  if (trust.version < body.minimumTrustVersion)
    return notBelieved(
      "trust-version",
      `it needs trust document ${body.minimumTrustVersion}, this device has ${trust.version}`,
    );
  if (latest >= trust.expiresAt)
    return notBelieved("expired", "the trust document has expired: its roots must renew it");
  return { kind: "approved", body, digest, voices };
}

export const notBelieved = (rule: NotBelieved["rule"], because: string): NotBelieved => ({
  kind: "refused",
  rule,
  because,
});
