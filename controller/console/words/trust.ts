/** Keys and roles of the trust document in plain words. */
import { assertNever } from "../../../protocol/exhaustive.ts";
import type { WordLine } from "../../../protocol/plain-words.ts";
import type { Policy } from "../../../protocol/policy.ts";
import type { KeyKind } from "../../../protocol/trust-document.ts";
import { policyWords } from "../../../protocol/trust-words.ts";

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

/** What holds now, in the words in which it was signed: nothing comes or goes, and the heading names the version. */
export const policyInForce = (policy: Policy): WordLine[] =>
  policyWords(null, policy)
    .slice(1)
    .map(({ kind, text }) => ({ kind, text: text.replace(/^COMES: /, "") }));
