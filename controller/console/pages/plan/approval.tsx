/** Where the plan stands between made, approved and started: who has approved, how many more must, and the next step. */
import { Button } from "@mantine/core";
import { useState } from "react";
import { Link } from "react-router";
import { type PlanView, SessionView } from "../../../../protocol/api.ts";
import { TrustView } from "../../../../protocol/api-trust.ts";
import { Approvals } from "../../components/approvals.tsx";
import { Badge } from "../../components/badge.tsx";
import { Copyable } from "../../components/copyable.tsx";
import { Moment } from "../../components/moment.tsx";
import { Notice } from "../../components/notice.tsx";
import { Panel } from "../../components/panel.tsx";
import { useView } from "../../hooks/use-view.ts";
import { approvalsWanted, planStanding, whyVoid } from "../../words/plans.ts";
import { ApproveDialog } from "./approve-dialog.tsx";
import { StartDialog } from "./start-dialog.tsx";
import styles from "./plan.module.css";

export function Approval({ plan }: { readonly plan: PlanView }) {
  const [asked, setAsked] = useState<"approve" | "start">();
  const close = (): void => setAsked(undefined);
  const { rollout, digest, approval } = plan;
  const isOpen = rollout === null && approval !== "approved";
  return (
    <Panel title="Approval" aside={<Badge {...planStanding(plan)} />}>
      <Standing plan={plan} />
      <Approvals approvals={plan.approvals} />
      <div className={styles["digest"]}>
        <span className="muted">Digest</span> <Copyable text={digest} what="digest" />
      </div>
      {isOpen && <HowToApprove plan={plan} onStarter={() => setAsked("approve")} />}
      <div className={styles["buttons"]}>
        {rollout === null && approval === "approved" && (
          <Button onClick={() => setAsked("start")}>Start the rollout</Button>
        )}
        {rollout !== null && <Link to={`/rollouts/${rollout}`}>Go to its rollout</Link>}
      </div>
      {asked === "approve" && <ApproveDialog plan={plan} onClose={close} />}
      {asked === "start" && <StartDialog plan={plan} onClose={close} />}
    </Panel>
  );
}

function Standing({ plan }: { readonly plan: PlanView }) {
  const { approvedAt, approvedBy, rollout, approval } = plan;
  if (approval === "void" && rollout === null) {
    return (
      <Notice tone="bad">
        <p>
          <strong>Its approval is void.</strong> {whyVoid(plan)} It cannot be started before enough people have approved
          it again.
        </p>
      </Notice>
    );
  }
  if (approvedAt === null) {
    return (
      <p>
        <strong>{approvalsWanted(plan)}</strong> Until then nothing happens on any device.
      </p>
    );
  }
  return (
    <p>
      Approved by {approvedBy ?? "somebody not known"} at <Moment at={approvedAt} />.{" "}
      {rollout === null && "It has not been started: nothing has happened on any device."}
    </p>
  );
}

interface HowToApproveProps {
  readonly plan: PlanView;
  readonly onStarter: () => void;
}

function HowToApprove({ plan: { id, digest, statement }, onStarter }: HowToApproveProps) {
  const trust = useView(TrustView, "/trust", [{ topic: "trust" }]);
  const session = useView(SessionView, "/session", []);
  if (trust.kind !== "here" || session.kind !== "here") return null;
  const { document, starterRoles } = trust.data;
  const { approvalOrigin } = session.data;
  const origins = document.passkeys?.origins ?? [];
  const origin = origins.includes(approvalOrigin) ? approvalOrigin : (origins[0] ?? approvalOrigin);
  if (statement === null) return <p>It was made before approvers had keys: make it again to have it approved.</p>;
  return (
    <>
      <div className={styles["buttons"]}>
        {document.passkeys !== null && (
          <Button component="a" href={`${origin}/approve/${id}`}>
            Read and approve with a passkey
          </Button>
        )}
        {starterRoles.includes("approvers") && (
          <Button {...(document.passkeys === null ? {} : { variant: "default" })} onClick={onStarter}>
            Approve {digest.slice(0, 8)}… with the starter key
          </Button>
        )}
      </div>
      <p className="muted">
        {document.passkeys === null ? (
          <>
            No passkey counts yet; approvers make theirs at <a href={`${origin}/approve/passkey`}>{origin}</a>.
          </>
        ) : (
          <>
            Passkeys approve at an address of their own, <code>{origin}</code>.
          </>
        )}{" "}
        With a key file: <code>ringback approve {id}</code>
      </p>
    </>
  );
}
