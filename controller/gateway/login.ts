/**
 * Login by device key: which schema both sides speak, and whether a signature proves the device.
 *
 * An unknown device, another device's key and a bad signature are answered alike and cost alike, so that nobody learns
 * from outside which devices exist.
 */
import type { z } from "zod";
import { type Hello, loginBytes, SCHEMA_MINOR } from "../../protocol/frames.ts";
import type { LoginFacts, LoginQuestion, VerifyDevice } from "../ports.ts";

export const LOGIN_REFUSED = "login refused: the device is not registered at this controller, or this is not its key";

/** The generator of P-256, as a key: what unknown devices are verified against, for the time it takes. Its answer counts for nothing. */
const NOBODYS_KEY =
  "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEaxfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpZP40Li/hp/m47n60p8D54WK84zV2sxXs7LtkBoN79R9Q==";

/** The newest minor that both sides speak; a reason if there is none. */
export function negotiateMinor(
  peer: z.infer<typeof Hello>["minor"],
): { readonly kind: "agreed"; readonly minor: number } | { readonly kind: "none"; readonly because: string } {
  const minor = Math.min(peer.newest, SCHEMA_MINOR.newest);
  if (minor >= Math.max(peer.oldest, SCHEMA_MINOR.oldest)) return { kind: "agreed", minor };
  const range = ({ oldest, newest }: { oldest: number; newest: number }): string => `${oldest} to ${newest}`;
  return {
    kind: "none",
    because: `no schema minor in common: the agent speaks ${range(peer)}, this controller ${range(SCHEMA_MINOR)}`,
  };
}

/** Random and 32 bytes long, used for one connection only: a signature over it cannot be used again. */
export const newNonce = (random: Uint8Array): string => Buffer.from(random.subarray(0, 32)).toString("base64");

export interface LoginClaim extends LoginQuestion {
  readonly nonce: string;
  /** Base64 of the signature over nonce and device id. */
  readonly signature: string;
}

/** @param facts undefined for a device that is not registered */
export function isProven(
  facts: LoginFacts | undefined,
  verify: VerifyDevice,
  { nonce, deviceId, signature }: LoginClaim,
): facts is LoginFacts {
  const publicKey = facts?.publicKey ?? NOBODYS_KEY;
  const isGood = verify(publicKey, loginBytes(nonce, deviceId), Buffer.from(signature, "base64"));
  return facts !== undefined && isGood;
}
