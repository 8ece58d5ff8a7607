/**
 * Resuming a login: instead of a signature, a device shows that it holds the secret that came with a ticket.
 *
 * The ticket is the controller's own note and opaque here; the secret is in no frame after the welcome that brought it.
 */
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { fromBase64, toBase64 } from "./dsse.ts";

/** A ticket is good for so long at most; after it, a device proves its key again. */
export const TICKET_LIFETIME_MS = 24 * 3_600_000;

/**
 * What stands in the place of the signature of a login that names a ticket: HMAC-SHA256, RFC 2104.
 *
 * @param secret 32 bytes in base64
 * @param bytes `loginBytes` of this connection
 * @returns 32 bytes in base64
 */
export const resumeProof = (secret: string, bytes: Uint8Array): string =>
  toBase64(hmac(sha256, fromBase64(secret), bytes));
