/**
 * Verifies devices' signatures with node:crypto. A key is imported once and remembered while it is used: importing
 * costs some 30 us, verifying 75.
 */
import { createPublicKey, type KeyObject, verify } from "node:crypto";
import type { PublicKey } from "../../protocol/trust.ts";
import type { VerifyDevice } from "../ports.ts";

/** Raw r and s of P-256, 32 bytes each. */
const SIGNATURE_BYTES = 64;

/**
 * @param keysMax how many imported keys are remembered, the ones used last. A key holds some 2 KB outside the heap, so
 *   few are kept: it is the devices that come back again and again for which importing would add up
 */
export function deviceVerifier(keysMax = 1_000): VerifyDevice {
  const keys = new Map<PublicKey, KeyObject | null>(); // in the order of last use

  function keyOf(publicKey: PublicKey): KeyObject | null {
    const known = keys.get(publicKey);
    const key = known === undefined ? importKey(publicKey) : known;
    keys.delete(publicKey);
    keys.set(publicKey, key);
    if (keys.size > keysMax) {
      for (const oldest of keys.keys()) {
        keys.delete(oldest);
        break;
      }
    }
    return key;
  }

  return (publicKey, bytes, signature) => {
    const key = keyOf(publicKey);
    if (key === null || signature.length !== SIGNATURE_BYTES) return false;
    return verify("sha256", bytes, { key, dsaEncoding: "ieee-p1363" }, signature);
  };
}

/** Null for anything that is not a P-256 key: no signature by it is good. */
function importKey(publicKey: PublicKey): KeyObject | null {
  try {
    const key = createPublicKey({ key: Buffer.from(publicKey, "base64"), format: "der", type: "spki" });
    return key.asymmetricKeyDetails?.namedCurve === "prime256v1" ? key : null;
  } catch {
    return null;
  }
}
