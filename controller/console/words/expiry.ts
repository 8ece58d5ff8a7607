/** How long the trust document still counts. Pure. */
import type { TrustDocument } from "../../../protocol/trust-document.ts";
import { duration } from "./numbers.ts";

/** Time enough to bring the holders of the root keys together, and still twice that when one of them is away. */
const WARN_BEFORE_MS = 10 * 86_400_000;

export interface Expiry {
  readonly kind: "far" | "soon" | "over";
  readonly words: string;
  /** "in 29 d 23 h". */
  readonly when: string;
}

export function expiryOf({ expiresAt }: Pick<TrustDocument, "expiresAt">, now: number): Expiry {
  const leftMs = expiresAt - now;
  const when = leftMs <= 0 ? `${duration(-leftMs)} ago` : `in ${duration(leftMs)}`;
  if (leftMs <= 0) return { kind: "over", words: `It expired ${when}.`, when };
  return { kind: leftMs < WARN_BEFORE_MS ? "soon" : "far", words: `It expires ${when}.`, when };
}
