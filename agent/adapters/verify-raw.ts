/**
 * The mathematics behind approvals, by node:crypto. A key is taken only in the one form that has its id: otherwise one
 * key could be written in two ways, and speak twice.
 */
import { createPublicKey, type KeyObject, verify } from "node:crypto";
import type { Algorithm, VerifyRaw } from "../../protocol/signatures.ts";

/** More keys than a trust document of usual size has; above, the oldest import is made again when it is needed. */
const IMPORTS_MAX = 256;
const imports = new Map<string, KeyObject | null>();

/** False for anything that is no such key or no good signature; never throws. */
export const verifyRaw: VerifyRaw = (algorithm, publicKey, bytes, signature) => {
  try {
    const key = importOf(publicKey);
    if (key === null || !isOf(algorithm, key)) return false;
    const dsaEncoding = algorithm === "p256" ? "ieee-p1363" : "der";
    return verify(algorithm === "ed25519" ? null : "sha256", bytes, { key, dsaEncoding }, signature);
  } catch {
    return false;
  }
};

function importOf(publicKey: string): KeyObject | null {
  const known = imports.get(publicKey);
  if (known !== undefined) return known;
  const key = importKey(publicKey);
  const [oldest] = imports.keys();
  if (oldest !== undefined && imports.size >= IMPORTS_MAX) imports.delete(oldest);
  imports.set(publicKey, key);
  return key;
}

/** Null for what is no key, so that it is not tried again each time. */
function importKey(publicKey: string): KeyObject | null {
  try {
    const key = createPublicKey({ key: Buffer.from(publicKey, "base64"), format: "der", type: "spki" });
    // Through JWK: exported straight away, a compressed point would stay compressed.
    const usual = createPublicKey({ key: key.export({ format: "jwk" }), format: "jwk" });
    return usual.export({ format: "der", type: "spki" }).toString("base64") === publicKey ? usual : null;
  } catch {
    return null;
  }
}

/** NIST SP 800-131A: RSA of at least 2,048 bits. Its exponent is the one that authenticators use: with 1 anybody signs. */
function isOf(algorithm: Algorithm, { asymmetricKeyType, asymmetricKeyDetails }: KeyObject): boolean {
  switch (algorithm) {
    case "p256":
    case "p256-der":
      return asymmetricKeyType === "ec" && asymmetricKeyDetails?.namedCurve === "prime256v1";
    case "ed25519":
      return asymmetricKeyType === "ed25519";
    case "rs256": {
      const { modulusLength = 0, publicExponent = 0n } = asymmetricKeyDetails ?? {};
      return asymmetricKeyType === "rsa" && modulusLength >= 2_048 && publicExponent === 65_537n;
    }
  }
}
