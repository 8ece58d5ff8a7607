/**
 * A passkey in software: it makes real assertions with a P-256 or RSA key. A test bends one part at a time, so that each
 * rule of `protocol/signatures.ts` is the only one that is broken.
 */
import { createHash, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { type Envelope, KeyId } from "../../protocol/dsse.ts";
import { challengeOf, sigOfAssertion } from "../../protocol/signatures.ts";
import type { Passkeys, TrustedKey } from "../../protocol/trust-document.ts";

export const PASSKEYS: Passkeys = { rpId: "approve.example.org", origins: ["https://approve.example.org"] };

/** What of an assertion is not as it should be; a field that is undefined is left out of the client data. */
export interface Bent {
  readonly clientData?: Readonly<Record<string, unknown>>;
  readonly rpId?: string;
  readonly flags?: number;
  /** The authenticator's data is cut to this length before it is signed. */
  readonly lengthBytes?: number;
  /** Added to the client data's text before it is signed. */
  readonly suffix?: string;
}

export interface Authenticator {
  readonly key: TrustedKey;
  /** The `sig` over an envelope's payload. */
  readonly assert: (envelope: Pick<Envelope, "payloadType" | "payload">, bent?: Bent) => string;
}

export const USER_PRESENT_AND_VERIFIED = 0x05;

export function anAuthenticator(
  kind: "passkey-es256" | "passkey-rs256" = "passkey-es256",
  bits = 2_048,
): Authenticator {
  const { privateKey, publicKey } =
    kind === "passkey-es256"
      ? generateKeyPairSync("ec", { namedCurve: "P-256" })
      : generateKeyPairSync("rsa", { modulusLength: bits });
  return {
    key: trustedKeyOf(kind, publicKey),
    assert: (envelope, bent = {}) => {
      const clientData = JSON.stringify({
        type: "webauthn.get",
        challenge: Buffer.from(challengeOf(envelope)).toString("base64url"),
        origin: PASSKEYS.origins[0],
        crossOrigin: false,
        ...bent.clientData,
      });
      const clientDataJson = Buffer.from(clientData + (bent.suffix ?? ""));
      const authenticatorData = Buffer.concat([
        sha256(bent.rpId ?? PASSKEYS.rpId),
        Buffer.of(bent.flags ?? USER_PRESENT_AND_VERIFIED),
        Buffer.of(0, 0, 0, 1), // how often it has signed
      ]).subarray(0, bent.lengthBytes);
      const signature = sign("sha256", Buffer.concat([authenticatorData, sha256(clientDataJson)]), privateKey);
      return sigOfAssertion({
        authenticatorData: authenticatorData.toString("base64url"),
        clientDataJSON: clientDataJson.toString("base64url"),
        signature: signature.toString("base64url"),
      });
    },
  };
}

/** The record of a public key in a trust document. */
export const trustedKeyOf = (kind: TrustedKey["kind"], publicKey: KeyObject): TrustedKey =>
  trustedKeyFrom(kind, publicKey.export({ format: "der", type: "spki" }).toString("base64"));

/** @param publicKey SubjectPublicKeyInfo in base64, as a browser gives it */
export const trustedKeyFrom = (kind: TrustedKey["kind"], publicKey: string): TrustedKey => ({
  keyId: KeyId.parse(sha256(Buffer.from(publicKey, "base64")).toString("hex")),
  kind,
  publicKey,
  starter: false,
});

const sha256 = (data: string | Buffer): Buffer => createHash("sha256").update(data).digest();
