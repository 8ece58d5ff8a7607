/** P-256 keys for tests: the same seed gives the same key, so that ids and recordings can be made again. */
import { createECDH, createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from "node:crypto";
import { KeyId, type Signer, type Verify } from "../../protocol/dsse.ts";
import { PublicKey } from "../../protocol/public-key.ts";

export interface TestKey extends Signer {
  readonly publicKey: PublicKey;
  readonly privateKey: KeyObject;
}

export function aKey(seed: string): TestKey {
  const ecdh = createECDH("prime256v1");
  ecdh.setPrivateKey(createHash("sha256").update(seed).digest());
  const point = ecdh.getPublicKey();
  const privateKey = createPrivateKey({
    format: "jwk",
    key: {
      kty: "EC",
      crv: "P-256",
      d: ecdh.getPrivateKey("base64url"),
      x: point.subarray(1, 33).toString("base64url"),
      y: point.subarray(33).toString("base64url"),
    },
  });
  const der = createPublicKey(privateKey).export({ format: "der", type: "spki" });
  return {
    keyId: KeyId.parse(createHash("sha256").update(der).digest("hex")),
    publicKey: PublicKey.parse(der.toString("base64")),
    privateKey,
    sign: (bytes) => new Uint8Array(sign("sha256", bytes, { key: privateKey, dsaEncoding: "ieee-p1363" })),
  };
}

interface TrustedKey {
  readonly keyId: KeyId;
  readonly publicKey: PublicKey;
}

/** Believes these keys and no other. */
export function verifierOf(...keys: TrustedKey[]): Verify {
  const byId = new Map(
    keys.map(({ keyId, publicKey }) => [
      keyId,
      createPublicKey({ format: "der", type: "spki", key: Buffer.from(publicKey, "base64") }),
    ]),
  );
  return (keyId, bytes, sig) => {
    const key = byId.get(keyId);
    return key !== undefined && verify("sha256", bytes, { key, dsaEncoding: "ieee-p1363" }, sig);
  };
}
