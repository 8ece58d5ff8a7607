/** The public key of a device, and of whatever else signs by P-256 alone. */
import { z } from "zod";

/** A P-256 public key as SubjectPublicKeyInfo, DER in base64. */
export const PublicKey = z.base64().min(120).max(130);
export type PublicKey = z.infer<typeof PublicKey>;
