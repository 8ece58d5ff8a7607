/**
 * Who signed: which people of a role are behind the good signatures of an envelope.
 *
 * A signature counts only for the kind of its key. A passkey's is a WebAuthn assertion whose challenge is the SHA-256 of
 * the very bytes; W3C WebAuthn Level 3, section 7.2, names what is checked. People are counted, never keys.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, concatBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { z } from "zod";
import { sha256Hex } from "./canonical.ts";
import { type Envelope, fromBase64, type KeyId, pae, toBase64 } from "./dsse.ts";
import { assertNever } from "./exhaustive.ts";
import type { Holder, Passkeys, TrustedKey, TrustRole } from "./trust-document.ts";

/** How the mathematics are done. `p256`: raw r and s; `p256-der`: as WebAuthn has it; `rs256`: PKCS #1 v1.5 over SHA-256. */
export type Algorithm = "p256" | "p256-der" | "ed25519" | "rs256";
/** False for anything that is no such key or no good signature; never throws. */
export type VerifyRaw = (algorithm: Algorithm, publicKey: string, bytes: Uint8Array, signature: Uint8Array) => boolean;

/** What a passkey gives, as the `sig` of an envelope: this as JSON. */
export const Assertion = z.strictObject({
  authenticatorData: z.base64url().max(1_000),
  clientDataJSON: z.base64url().max(1_500),
  signature: z.base64url().max(800),
});
export type Assertion = z.infer<typeof Assertion>;

/** Others may be there: browsers add fields, so that nobody relies on a closed list. */
const ClientData = z.looseObject({
  type: z.literal("webauthn.get"),
  challenge: z.string(),
  origin: z.string(),
  crossOrigin: z.literal(false).optional(),
  topOrigin: z.never().optional(),
});

const USER_PRESENT = 0x01;
const USER_VERIFIED = 0x04;

/** The challenge under which a passkey signs an envelope's payload. */
export const challengeOf = ({ payloadType, payload }: Pick<Envelope, "payloadType" | "payload">): Uint8Array =>
  sha256(pae(payloadType, fromBase64(payload)));

/** An assertion as the `sig` of an envelope. */
export const sigOfAssertion = (assertion: Assertion): string => toBase64(utf8ToBytes(JSON.stringify(assertion)));

/** True if `sig` is a good signature of `bytes` by `key`. */
export function isSignedBy(
  key: TrustedKey,
  bytes: Uint8Array,
  sig: Uint8Array,
  passkeys: Passkeys | null,
  verify: VerifyRaw,
): boolean {
  if (sha256Hex(fromBase64(key.publicKey)) !== String(key.keyId)) return false; // an id is the digest of its key
  switch (key.kind) {
    case "p256":
    case "ed25519":
      return verify(key.kind, key.publicKey, bytes, sig);
    case "passkey-es256":
      return isAsserted("p256-der", key.publicKey, bytes, sig, passkeys, verify);
    case "passkey-rs256":
      return isAsserted("rs256", key.publicKey, bytes, sig, passkeys, verify);
    default:
      return assertNever(key.kind);
  }
}

function isAsserted(
  algorithm: Algorithm,
  publicKey: string,
  bytes: Uint8Array,
  sig: Uint8Array,
  passkeys: Passkeys | null,
  verify: VerifyRaw,
): boolean {
  if (passkeys === null) return false;
  const assertion = parse(Assertion, sig);
  if (assertion === undefined) return false;
  const clientDataJson = fromBase64Url(assertion.clientDataJSON);
  const clientData = parse(ClientData, clientDataJson);
  if (clientData === undefined || !passkeys.origins.includes(clientData.origin)) return false;
  if (clientData.challenge !== toBase64Url(sha256(bytes))) return false;
  const authenticatorData = fromBase64Url(assertion.authenticatorData);
  if (authenticatorData.length < 37) return false; // digest of the RP ID, flags, counter
  if (bytesToHex(authenticatorData.subarray(0, 32)) !== bytesToHex(sha256(utf8ToBytes(passkeys.rpId)))) return false;
  const flags = authenticatorData[32] ?? 0;
  if ((flags & USER_PRESENT) === 0 || (flags & USER_VERIFIED) === 0) return false;
  const signed = concatBytes(authenticatorData, sha256(clientDataJson));
  return verify(algorithm, publicKey, signed, fromBase64Url(assertion.signature));
}

export interface Voice {
  readonly holder: Holder;
  readonly key: TrustedKey;
  /** The signature that was found good, in base64. */
  readonly sig: string;
}

/** The people of `role` whose signatures are good, each once, with the key that spoke for them. */
export function voicesOf(
  envelope: Envelope,
  role: TrustRole,
  passkeys: Passkeys | null,
  verify: VerifyRaw,
): readonly Voice[] {
  const bytes = pae(envelope.payloadType, fromBase64(envelope.payload));
  const voices = new Map<string, Voice>();
  for (const { keyid, sig } of envelope.signatures) {
    const voice = find(role, keyid);
    if (voice === undefined || isAlreadyHeard(voices, voice)) continue;
    if (isSignedBy(voice.key, bytes, fromBase64(sig), passkeys, verify))
      voices.set(voice.holder.person, { ...voice, sig });
  }
  return [...voices.values()];
}

/** A key file is the stronger word of the two (see `keyFileAboveDevices`), so it may take the place of a passkey. */
const isAlreadyHeard = (voices: ReadonlyMap<string, Voice>, { holder, key }: Omit<Voice, "sig">): boolean => {
  const heard = voices.get(holder.person);
  return heard !== undefined && !(isPasskey(heard.key) && !isPasskey(key));
};

export const isPasskey = ({ kind }: TrustedKey): boolean => kind === "passkey-es256" || kind === "passkey-rs256";

function find({ holders }: TrustRole, keyId: KeyId): Omit<Voice, "sig"> | undefined {
  for (const holder of holders) {
    const key = holder.keys.find((candidate) => candidate.keyId === keyId);
    if (key !== undefined) return { holder, key };
  }
  return undefined;
}

function parse<Value>(schema: z.ZodType<Value>, bytes: Uint8Array): Value | undefined {
  try {
    return schema.safeParse(JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes))).data;
  } catch {
    return undefined;
  }
}

const toBase64Url = (bytes: Uint8Array): string =>
  toBase64(bytes).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const fromBase64Url = (text: string): Uint8Array => fromBase64(text.replaceAll("-", "+").replaceAll("_", "/"));
