/** Devices by number, the same in every process: id, epoch and key follow from the number. */
import { createHash, createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";
import { type DeviceId, type EpochId, newId } from "../../../protocol/ids.ts";
import { at } from "../../../protocol/time.ts";
import { PublicKey } from "../../../protocol/public-key.ts";

const BORN = at("2026-11-01T00:00:00Z");
const dice = (of: string): Uint8Array => createHash("sha256").update(of).digest();

export const deviceIdOf = (number: number): DeviceId => newId("dev", BORN, dice(`device ${number}`));
export const epochOf = (number: number): EpochId => newId("epoch", BORN, dice(`epoch ${number}`));

/** RFC 5915 in PKCS #8: a P-256 private key without its public half, which OpenSSL works out. */
const PKCS8_BEFORE_KEY = Buffer.from("3041020100301306072a8648ce3d020106082a8648ce3d030107042730250201010420", "hex");

export function privateKeyOf(number: number): KeyObject {
  const key = Buffer.concat([PKCS8_BEFORE_KEY, dice(`key ${number}`)]);
  return createPrivateKey({ key, format: "der", type: "pkcs8" });
}

export function publicKeyOf(number: number): PublicKey {
  const der = createPublicKey(privateKeyOf(number)).export({ format: "der", type: "spki" });
  return PublicKey.parse(der.toString("base64"));
}
