/**
 * Verifies devices' signatures with node:crypto. Keys that come again are imported once and remembered while they are
 * used: importing costs some 20 us, verifying 80.
 */
import { createPublicKey, type KeyObject, type PublicKeyInput, verify, type VerifyKeyObjectInput } from "node:crypto";
import type { PublicKey } from "../../protocol/public-key.ts";
import type { VerifyDevice } from "../ports/trust.ts";

/** Raw r and s of P-256, 32 bytes each. */
const SIGNATURE_BYTES = 64;
/** SubjectPublicKeyInfo of a P-256 key up to the coordinates of its point: what begins otherwise is another kind of key. */
const P256_BEGINS = Buffer.from("3059301306072a8648ce3d020106082a8648ce3d03010703420004", "hex");
const P256_BYTES = P256_BEGINS.length + 64;

/**
 * @param keysMax how many keys are remembered, the ones used last. An imported key holds some 2 KB outside the heap until
 *   garbage is collected. So few are kept, and none is made for a key that came once: a fleet that comes back would fill
 *   the memory with them
 */
export function deviceVerifier(keysMax = 1_000): VerifyDevice {
  /** In the order of last use; null for a key that came once. */
  const keys = new Map<PublicKey, KeyObject | null>();

  function remember(publicKey: PublicKey, key: KeyObject | null): void {
    keys.delete(publicKey);
    keys.set(publicKey, key);
    if (keys.size <= keysMax) return;
    for (const oldest of keys.keys()) {
      keys.delete(oldest);
      break;
    }
  }

  /** A key that comes for the second time is imported; undefined for one that no device can have. */
  function keyOf(publicKey: PublicKey): VerifyKeyObjectInput | PublicKeyInput | undefined {
    const known = keys.get(publicKey);
    if (known === undefined || known === null) {
      const input = inputOf(publicKey);
      const imported = known === null && input !== undefined ? createPublicKey(input) : null;
      remember(publicKey, imported);
      return imported === null ? input : { key: imported };
    }
    remember(publicKey, known);
    return { key: known };
  }

  return (publicKey, bytes, signature) => {
    if (signature.length !== SIGNATURE_BYTES) return false;
    try {
      const key = keyOf(publicKey);
      return key !== undefined && verify("sha256", bytes, { ...key, dsaEncoding: "ieee-p1363" }, signature);
    } catch {
      return false; // its point is not on the curve: no signature by it is good
    }
  };
}

/** Undefined for anything that is not a P-256 key. */
function inputOf(publicKey: PublicKey): PublicKeyInput | undefined {
  const der = Buffer.from(publicKey, "base64");
  if (der.length !== P256_BYTES || !der.subarray(0, P256_BEGINS.length).equals(P256_BEGINS)) return undefined;
  return { key: der, format: "der", type: "spki" };
}
