/** Keys by node:crypto: ECDSA P-256 over SHA-256, signatures as raw r and s, ids as SHA-256 of the SPKI in DER. */
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { KeyId, Signer } from "../../protocol/dsse.ts";
import type { PublicKey } from "../../protocol/public-key.ts";
import { createSecretFile } from "./replace-file.ts";

export interface DeviceKey extends Signer {
  readonly publicKey: PublicKey;
}

/** Makes the device's key; only its owner may read the file. An existing file is never overwritten. */
export async function createDeviceKey(path: string): Promise<DeviceKey> {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  const pem = privateKey.export({ type: "pkcs8", format: "pem" });
  await createSecretFile(path, pem.toString());
  return deviceKey(privateKey);
}

/** @throws with what to do, if the file holds no key */
export async function readDeviceKey(path: string): Promise<DeviceKey> {
  const pem = await readFile(path, "utf8");
  try {
    return deviceKey(createPrivateKey(pem));
  } catch (cause) {
    throw new Error(
      `${path} holds no key. Put it back from a backup, or remove it, run init and have the device registered again.`,
      { cause },
    );
  }
}

function deviceKey(privateKey: KeyObject): DeviceKey {
  const der = createPublicKey(privateKey).export({ type: "spki", format: "der" });
  return {
    keyId: createHash("sha256").update(der).digest("hex") as KeyId, // what defines a key id
    publicKey: der.toString("base64"),
    sign: (bytes) => new Uint8Array(sign("sha256", bytes, { key: privateKey, dsaEncoding: "ieee-p1363" })),
  };
}
