/** Where the plan stands between made, approved and started, and the button for the next of these. */
import { Button } from "@mantine/core";
import { useState } from "react";
import { Link } from "react-router";
import type { PlanView } from "../../../../protocol/api.ts";
import { Badge } from "../../components/badge.tsx";
import { Copyable } from "../../components/copyable.tsx";
import { Moment } from "../../components/moment.tsx";
import { Panel } from "../../components/panel.tsx";
import { planStanding } from "../../words/plans.ts";
import { ApproveDialog } from "./approve-dialog.tsx";
import { StartDialog } from "./start-dialog.tsx";
import styles from "./plan.module.css";

export function Approval({ plan }: { readonly plan: PlanView }) {
  const [asked, setAsked] = useState<"approve" | "start">();
  const close = (): void => setAsked(undefined);
  const { approvedAt, approvedBy, rollout, digest } = plan;
  return (
    <Panel title="Approval" aside={<Badge {...planStanding(plan)} />}>
      {approvedAt === null ? (
        <p>
          <strong>It needs the approval of one person.</strong> Until then nothing happens on any device. Read what is
          done and where, below; the approval is for exactly this digest.
        </p>
      ) : (
        <p>
          Approved by {approvedBy ?? "somebody not known"} at <Moment at={approvedAt} />.{" "}
          {rollout === null && "It has not been started: nothing has happened on any device."}
        </p>
      )}
      <div className={styles["digest"]}>
        <span className="muted">Digest</span> <Copyable text={digest} what="digest" />
      </div>
      <div className={styles["buttons"]}>
        {approvedAt === null && <Button onClick={() => setAsked("approve")}>Approve {digest.slice(0, 8)}…</Button>}
        {approvedAt !== null && rollout === null && (
          <Button onClick={() => setAsked("start")}>Start the rollout</Button>
        )}
        {rollout !== null && <Link to={`/rollouts/${rollout}`}>Go to its rollout</Link>}
      </div>
      {asked === "approve" && <ApproveDialog plan={plan} onClose={close} />}
      {asked === "start" && <StartDialog plan={plan} onClose={close} />}
    </Panel>
  );
}
