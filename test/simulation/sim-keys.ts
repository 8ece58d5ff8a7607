/**
 * Keys that sign by hashing: the same bytes get the same signature, so that a seed repeats itself to the byte, and
 * 12 machines cost no ECDSA. Real keys are tested elsewhere; nobody forges in the simulator.
 */
import { createHash } from "node:crypto";
import { sha256Hex } from "../../protocol/canonical.ts";
import { KeyId, type Signer } from "../../protocol/dsse.ts";
import type { VerifyRaw } from "../../protocol/signatures.ts";
import { PublicKey } from "../../protocol/public-key.ts";

export interface SimKey extends Signer {
  readonly publicKey: PublicKey;
}

const signatureOf = (publicKey: PublicKey, bytes: Uint8Array): Uint8Array =>
  new Uint8Array(createHash("sha512").update(publicKey).update(bytes).digest());

export function simKey(name: string): SimKey {
  const spki = Buffer.alloc(91);
  createHash("sha512").update(name).digest().copy(spki);
  const publicKey = PublicKey.parse(spki.toString("base64"));
  return { publicKey, keyId: KeyId.parse(sha256Hex(spki)), sign: (bytes) => signatureOf(publicKey, bytes) };
}

/** The same for approvals and documents. */
export const simVerifyRaw: VerifyRaw = (_algorithm, publicKey, bytes, signature) =>
  simVerify(PublicKey.parse(publicKey), bytes, signature);

export const simVerify = (publicKey: PublicKey, bytes: Uint8Array, signature: Uint8Array): boolean =>
  Buffer.from(signatureOf(publicKey, bytes)).equals(signature);
