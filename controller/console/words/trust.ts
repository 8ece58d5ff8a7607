/** Keys and roles of the trust document in plain words. */
import { assertNever } from "../../../protocol/exhaustive.ts";
import type { KeyKind } from "../../../protocol/trust-document.ts";

export function keyWords(kind: KeyKind | null): string {
  if (kind === null) return "a key that is not known any more";
  switch (kind) {
    case "p256":
    case "ed25519":
      return "key file";
    case "passkey-es256":
    case "passkey-rs256":
      return "passkey";
    default:
      return assertNever(kind);
  }
}

export const ROLE_WORDS = {
  roots: { name: "Roots", may: "change whom devices believe" },
  policyHolders: { name: "Policy holders", may: "set what may be done at all" },
  approvers: { name: "Approvers", may: "approve plans" },
} as const;
