/**
 * Signatures of Standard Webhooks 1.0.0 over `id.timestamp.body`: HMAC-SHA256 (`v1`) and Ed25519 (`v1a`).
 *
 * Secrets are made of one key in the data folder, the webhook's id and its generation, so that none lies in the database.
 * While a rotation is young each message is signed by both generations: the receiver may change over when it likes.
 */
import { createHmac, createPrivateKey, createPublicKey, hkdfSync, type KeyObject, sign } from "node:crypto";

const DAY_MS = 86_400_000;
/** How long the generation before goes on signing. */
const ROTATION_MS = DAY_MS;
/** An Ed25519 private key in PKCS #8 is this and the 32 bytes of its seed (RFC 8410). */
const PKCS8_ED25519 = Buffer.from("302e020100300506032b657004220420", "hex");

export interface WebhookKeys {
  /** `whsec_` and base64, as the receiver is given it. */
  readonly secret: string;
  /** `whpk_` and base64 of the raw key: verifies `v1a` signatures. */
  readonly publicKey: string;
  readonly hmac: Uint8Array;
  readonly ed25519: KeyObject;
}

export function keysOf(master: Uint8Array, webhookId: string, generation: number): WebhookKeys {
  const derive = (use: string): Buffer =>
    Buffer.from(hkdfSync("sha256", master, Buffer.from(webhookId), `ringback webhook ${use} ${generation}`, 32));
  const hmac = derive("v1");
  const ed25519 = createPrivateKey({
    key: Buffer.concat([PKCS8_ED25519, derive("v1a")]),
    format: "der",
    type: "pkcs8",
  });
  const raw = createPublicKey(ed25519).export({ format: "der", type: "spki" }).subarray(-32);
  return { secret: `whsec_${hmac.toString("base64")}`, publicKey: `whpk_${raw.toString("base64")}`, hmac, ed25519 };
}

/** Which generations sign now, the newest first. */
export function signingGenerations(generation: number, rotatedAt: number, now: number): readonly number[] {
  return generation > 1 && now < rotatedAt + ROTATION_MS ? [generation, generation - 1] : [generation];
}

/** The value of `webhook-signature`. @param timestamp seconds since 1970, as in `webhook-timestamp` */
export function signatureHeader(
  keys: readonly WebhookKeys[],
  message: { readonly id: string; readonly timestamp: number; readonly body: string },
): string {
  const signed = Buffer.from(`${message.id}.${message.timestamp}.${message.body}`);
  return keys
    .flatMap(({ hmac, ed25519 }) => [
      `v1,${createHmac("sha256", hmac).update(signed).digest("base64")}`,
      `v1a,${sign(null, signed, ed25519).toString("base64")}`,
    ])
    .join(" ");
}
