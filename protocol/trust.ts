/** Whom an agent believes: the keys of approvers and of the controller's online key, by key id. */
import { z } from "zod";
import { KeyId } from "./dsse.ts";
import { text } from "./names.ts";

/** A P-256 public key as SubjectPublicKeyInfo, DER in base64. */
export const PublicKey = z.base64().min(120).max(130);
export type PublicKey = z.infer<typeof PublicKey>;

const TrustedKey = z.strictObject({ keyId: KeyId, publicKey: PublicKey, name: text(100) });

/** `starter` keys are made by the controller at its first start, so that it works at once. */
export const Trust = z.strictObject({
  version: z.int().min(1),
  starter: z.boolean(),
  approvers: z.array(TrustedKey).min(1).max(50),
  online: z.array(TrustedKey).min(1).max(5),
});
export type Trust = z.infer<typeof Trust>;
