/** The button that has a passkey sign, or in plain words why there is none. */
import { Button } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link } from "react-router";
import type { PlanView } from "../../../../protocol/api.ts";
import { KeyId } from "../../../../protocol/dsse.ts";
import type { TrustDocument } from "../../../../protocol/trust-document.ts";
import { addApproval } from "../../api/calls.ts";
import { Failure } from "../../components/failure.tsx";
import { Notice } from "../../components/notice.tsx";
import { useNow } from "../../hooks/use-now.ts";
import { mayApprove, type MayApprove, passkeyHolders } from "../../passkeys/may-approve.ts";
import { signWithPasskey } from "../../passkeys/passkey.ts";
import type { Reading } from "../../passkeys/reading.ts";
import { approvalsWanted } from "../../words/plans.ts";
import styles from "./approve.module.css";

interface SignPanelProps {
  readonly plan: PlanView;
  readonly reading: Extract<Reading, { kind: "read" }>;
  readonly document: TrustDocument;
  readonly isChanged: boolean;
}

export function SignPanel({ plan, reading, document, isChanged }: SignPanelProps) {
  const now = useNow();
  const may = mayApprove(plan, document, globalThis.location.origin, now);
  const approving = useApproving(plan, reading, document, may);
  const isRestore = reading.statement.kind === "restore";
  return (
    <>
      {may.kind === "yes" ? (
        <div className={styles["buttons"]}>
          <Button
            onClick={() => approving.mutate()}
            loading={approving.isPending}
            disabled={isChanged}
            {...(isRestore ? { color: "var(--bad-fill)" } : {})}
          >
            {isRestore ? "Approve bringing it back" : "Approve with my passkey"}
          </Button>
          <span className="muted">Asked for: {may.asked.map(({ holder }) => holder.name).join(", ")}</span>
        </div>
      ) : (
        <WhyNot may={may} plan={plan} />
      )}
      <div aria-live="polite">
        {approving.data?.kind === "kept" && <Kept plan={approving.data.plan} name={approving.data.name} />}
        {approving.data?.kind === "not-done" && (
          <Notice tone="warn">
            <p>
              <strong>Not approved.</strong> {approving.data.because}
            </p>
          </Notice>
        )}
      </div>
      {approving.error !== null && <Failure error={approving.error} />}
    </>
  );
}

type Outcome =
  | { readonly kind: "kept"; readonly plan: PlanView; readonly name: string }
  | { readonly kind: "not-done"; readonly because: string };

function useApproving(
  plan: PlanView,
  { signed, digest }: SignPanelProps["reading"],
  document: TrustDocument,
  may: MayApprove,
) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (): Promise<Outcome> => {
      if (may.kind !== "yes") return { kind: "not-done", because: "It cannot be approved here any more." };
      const credentials = may.asked.map(({ credentialId }) => credentialId);
      const answer = await signWithPasskey(signed, may.passkeys, credentials);
      if (answer.kind === "not-done") return answer;
      const who = passkeyHolders(document).find(({ credentialId }) => credentialId === answer.credentialId);
      if (who === undefined)
        return {
          kind: "not-done",
          because: "This passkey is not of an approver: the trust document does not name it.",
        };
      const kept = await addApproval(plan.id, {
        statementDigest: digest,
        keyId: KeyId.parse(who.keyId),
        sig: answer.sig,
      });
      return { kind: "kept", plan: kept, name: who.holder.name };
    },
    onSettled: async () => await client.invalidateQueries(),
  });
}

function Kept({ plan, name }: { readonly plan: PlanView; readonly name: string }) {
  return (
    <Notice tone="busy">
      <p>
        <strong>The approval of {name} was kept.</strong>{" "}
        {plan.approval === "approved"
          ? "It was the last one that was needed: the plan can be started now. Nothing happens on any device before."
          : approvalsWanted(plan)}
      </p>
    </Notice>
  );
}

function WhyNot({ may, plan }: { readonly may: Exclude<MayApprove, { kind: "yes" }>; readonly plan: PlanView }) {
  switch (may.kind) {
    case "started":
      return <p>It was started: what was approved is being carried out, and more approvals change nothing.</p>;
    case "all-have-approved":
      return <p>Everybody who may approve with a passkey has approved it already.</p>;
    case "expired":
      return (
        <Notice tone="bad">
          <p>
            <strong>The trust document has expired.</strong> Devices change nothing until the holders of the root keys
            have signed the next one.
          </p>
        </Notice>
      );
    case "none-enrolled":
      return (
        <Notice tone="warn">
          <p>
            <strong>No passkey counts yet.</strong> The trust document names no approver with a passkey.{" "}
            <Link to="/approve/passkey">Make yours</Link> and hand its public part to whoever keeps the trust document.
            Until then approvers sign with key files: <code>ringback approve {plan.id}</code>.
          </p>
        </Notice>
      );
    case "elsewhere":
      return (
        <Notice tone="warn">
          <p>
            <strong>Passkeys do not approve at this address.</strong> They count only where the trust document says, so
            that no other page can have you approve something. Go to:
          </p>
          <ul>
            {may.origins.map((origin) => (
              <li key={origin}>
                <a href={`${origin}/approve/${plan.id}`}>{origin}</a>
              </li>
            ))}
          </ul>
        </Notice>
      );
  }
}
