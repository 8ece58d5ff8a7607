/** Whether a passkey can approve a plan on this page, and if not, what stands in the way. Pure. */
import type { PlanView } from "../../../protocol/api.ts";
import { isPasskey } from "../../../protocol/signatures.ts";
import type { Holder, Passkeys, TrustDocument } from "../../../protocol/trust-document.ts";

export interface PasskeyHolder {
  readonly holder: Holder;
  readonly keyId: string;
  readonly credentialId: string;
}

export type MayApprove =
  | { readonly kind: "yes"; readonly passkeys: Passkeys; readonly asked: readonly PasskeyHolder[] }
  | { readonly kind: "started" | "expired" | "none-enrolled" | "all-have-approved" }
  | { readonly kind: "elsewhere"; readonly origins: readonly string[] };

export function mayApprove(
  { approvals, rollout }: Pick<PlanView, "approvals" | "rollout">,
  document: TrustDocument,
  origin: string,
  now: number,
): MayApprove {
  const { passkeys } = document;
  const holders = passkeyHolders(document);
  if (rollout !== null) return { kind: "started" };
  if (passkeys === null || holders.length === 0) return { kind: "none-enrolled" };
  if (!passkeys.origins.includes(origin)) return { kind: "elsewhere", origins: passkeys.origins };
  if (document.expiresAt <= now) return { kind: "expired" };
  const heard = new Set(approvals.filter(({ counts }) => counts).map(({ person }) => person));
  const asked = holders.filter(({ holder }) => !heard.has(holder.person));
  return asked.length === 0 ? { kind: "all-have-approved" } : { kind: "yes", passkeys, asked };
}

export const passkeyHolders = ({ approvers }: TrustDocument): PasskeyHolder[] =>
  approvers.holders.flatMap((holder) =>
    holder.keys.flatMap((key) =>
      isPasskey(key) && key.credentialId !== undefined
        ? [{ holder, keyId: key.keyId, credentialId: key.credentialId }]
        : [],
    ),
  );
