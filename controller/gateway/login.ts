/**
 * Login by device key or by what is left of an earlier login: which schema both sides speak, and what proves a device.
 *
 * An unknown device, another device's key and a bad signature are answered alike and cost alike, so that nobody learns
 * from outside which devices exist.
 */
import type { z } from "zod";
import { type Hello, loginBytes, SCHEMA_MINOR } from "../../protocol/frames.ts";
import type { VerifyDevice } from "../ports/trust.ts";
import type { LoginFacts, LoginQuestion } from "../store/logins.ts";
import type { Tickets } from "./tickets.ts";

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
  /** Base64 of the signature over nonce and device id; with a ticket, of an HMAC over the same. */
  readonly signature: string;
  readonly ticket: string | undefined;
  /** Of the connection that brought the login; asked only for a device that is bound to it. */
  readonly channel: () => string;
}

/** `unresumed`: the ticket is no good (any more), which says nothing of the device: it may prove its key instead. */
export type Proof = "good" | "bad" | "unresumed";

/** @param facts undefined for a device that is not registered */
export function proofOf(
  facts: LoginFacts | undefined,
  verify: VerifyDevice,
  tickets: Tickets,
  { nonce, deviceId, signature, ticket, channel }: LoginClaim,
): Proof {
  // The mode is the record's, never the peer's: a device that is bound has no way in through anybody's front.
  const isBound = facts?.binding === "direct";
  const bound = isBound ? channel() : "";
  const isUnbound = isBound && bound === "";
  const bytes = loginBytes(nonce, deviceId, bound);
  const proof = Buffer.from(signature, "base64");
  if (ticket !== undefined) {
    if (facts === undefined || isUnbound) return "unresumed";
    return tickets.isGood(ticket, deviceId, facts, bytes, proof) ? "good" : "unresumed";
  }
  const isGood = verify(facts?.publicKey ?? NOBODYS_KEY, bytes, proof);
  if (facts === undefined || isUnbound) return "bad";
  return isGood ? "good" : "bad";
}
