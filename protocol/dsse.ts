/**
 * DSSE envelopes: a payload, its type and signatures over both (PAE), so that a signature never counts for another type.
 *
 * Pure: the caller brings signing and verifying. Bytes are never parsed before a signature over them was found good.
 */
import { concatBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { z } from "zod";
import { canonicalBytes, type Sha256, sha256Hex } from "./canonical.ts";
import { firstFault } from "./fault.ts";

/** One text for any bytes: bits left over in the last character are zero, so no second envelope says the same. */
const Base64 = z
  .string()
  .regex(
    /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?$/,
    "expected canonical base64",
  );

/** A key's id: the SHA-256 of its SubjectPublicKeyInfo in DER. */
export const KeyId = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .brand<"KeyId">();
export type KeyId = z.infer<typeof KeyId>;

export const Envelope = z.strictObject({
  payloadType: z.string().regex(/^[\x21-\x7e]{1,100}$/, "expected a media type"),
  payload: Base64.max(200_000),
  signatures: z
    // A WebAuthn assertion by an RSA key is the longest.
    .array(z.strictObject({ keyid: KeyId, sig: Base64.max(4_000) }))
    .min(1)
    .max(16),
});
export type Envelope = z.infer<typeof Envelope>;

export const PAYLOAD_TYPES = {
  statement: "application/vnd.ringback.plan-statement+json",
  /** A plan that brings quarantined contents back: its approvals are of another type, so that none is given by mistake. */
  restore: "application/vnd.ringback.restore-statement+json",
  order: "application/vnd.ringback.wave-order+json",
  receipt: "application/vnd.ringback.receipt+json",
  stepReceipt: "application/vnd.ringback.step-receipt+json",
  freshness: "application/vnd.ringback.freshness+json",
  trust: "application/vnd.ringback.trust+json",
  policy: "application/vnd.ringback.policy+json",
  resume: "application/vnd.ringback.resume+json",
  hold: "application/vnd.ringback.hold+json",
} as const;
export type PayloadType = (typeof PAYLOAD_TYPES)[keyof typeof PAYLOAD_TYPES];

/** Pre-authentication encoding: "DSSEv1" SP len SP type SP len SP body. Lengths are of bytes. */
export function pae(payloadType: string, payload: Uint8Array): Uint8Array {
  const type = utf8ToBytes(payloadType);
  return concatBytes(utf8ToBytes(`DSSEv1 ${type.length} `), type, utf8ToBytes(` ${payload.length} `), payload);
}

/** Signs bytes with one key. `sig` is raw (P-256: 64 bytes r and s, IEEE P1363). */
export interface Signer {
  readonly keyId: KeyId;
  sign(bytes: Uint8Array): Uint8Array;
}

/** True if `sig` by the key named `keyId` over `bytes` is good; false for a key that is not known. */
export type Verify = (keyId: KeyId, bytes: Uint8Array, sig: Uint8Array) => boolean;

export function seal(payloadType: PayloadType, body: unknown, signers: readonly Signer[]): Envelope {
  const payload = canonicalBytes(body);
  const bytes = pae(payloadType, payload);
  return {
    payloadType,
    payload: toBase64(payload),
    signatures: signers.map((signer) => ({ keyid: signer.keyId, sig: toBase64(signer.sign(bytes)) })),
  };
}

export type Opened<Body> =
  | { readonly kind: "opened"; readonly body: Body; readonly digest: Sha256; readonly keyIds: readonly KeyId[] }
  | {
      readonly kind: "refused";
      readonly rule: "payload-type" | "signature" | "schema" | "canonical";
      readonly because: string;
    };

/**
 * Opens an envelope: the type must be the one expected, at least one signature good, the body of the schema and its
 * bytes canonical. `keyIds` are the distinct keys whose signatures are good; counting them is the caller's rule.
 */
export function open<Body>(
  envelope: Envelope,
  expected: PayloadType,
  schema: z.ZodType<Body>,
  verify: Verify,
): Opened<Body> {
  if (envelope.payloadType !== expected) {
    return { kind: "refused", rule: "payload-type", because: `payload is ${envelope.payloadType}, not ${expected}` };
  }
  const payload = fromBase64(envelope.payload);
  const bytes = pae(envelope.payloadType, payload);
  const good = envelope.signatures
    .filter(({ keyid, sig }) => verify(keyid, bytes, fromBase64(sig)))
    .map(({ keyid }) => keyid);
  if (good.length === 0)
    return { kind: "refused", rule: "signature", because: "no signature by a key that is trusted for this" };
  const parsed = schema.safeParse(parseJson(payload));
  if (!parsed.success) return { kind: "refused", rule: "schema", because: firstFault(parsed.error) };
  const digest = sha256Hex(payload);
  if (sha256Hex(canonicalBytes(parsed.data)) !== digest) {
    return {
      kind: "refused",
      rule: "canonical",
      because: "the signed bytes are not the canonical form of what they say",
    };
  }
  return { kind: "opened", body: parsed.data, digest, keyIds: [...new Set(good)] };
}

/** The digest by which a sealed body is referred to elsewhere: SHA-256 of its payload bytes. */
export const payloadDigest = (envelope: Envelope): Sha256 => sha256Hex(fromBase64(envelope.payload));

/** Reads a body without believing it: for display by the side that made it. @throws ZodError */
export const peek = <Body>(envelope: Envelope, schema: z.ZodType<Body>): Body =>
  schema.parse(parseJson(fromBase64(envelope.payload)));

export function toBase64(bytes: Uint8Array): string {
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}

export const fromBase64 = (text: string): Uint8Array => Uint8Array.from(atob(text), (char) => char.charCodeAt(0));

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return undefined; // no schema accepts it, so the caller's schema rule refuses
  }
}
