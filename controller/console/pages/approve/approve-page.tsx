/**
 * Where an approver reads the signed text of a plan and signs it with a passkey.
 *
 * What is shown is decoded here from the bytes that the passkey signs. The text that was opened first stays on the page:
 * when the plan changes meanwhile, nothing is signed before the new text was read.
 */
import { useState } from "react";
import { PlanView } from "../../../../protocol/api.ts";
import { TrustView } from "../../../../protocol/api-trust.ts";
import { PlanId } from "../../../../protocol/ids.ts";
import { spoken } from "../../../../protocol/spoken.ts";
import { planWords } from "../../../../protocol/statement-words.ts";
import { Approvals } from "../../components/approvals.tsx";
import { Badge } from "../../components/badge.tsx";
import { Notice } from "../../components/notice.tsx";
import { PageFrame } from "../../components/page-frame.tsx";
import { Panel } from "../../components/panel.tsx";
import { ViewPart } from "../../components/view-part.tsx";
import { WordLines } from "../../components/word-lines.tsx";
import { useIdParam } from "../../hooks/use-id-param.ts";
import { useView, type View } from "../../hooks/use-view.ts";
import { type Reading, readSigned } from "../../passkeys/reading.ts";
import { approvalsWanted, planStanding } from "../../words/plans.ts";
import { NotFound } from "../lost.tsx";
import styles from "./approve.module.css";
import { Changed } from "./changed.tsx";
import { SignPanel } from "./sign-panel.tsx";

const HERE = [{ to: "/approve", name: "Plans that wait for approval" }] as const;

export function ApprovePage() {
  const id = useIdParam("plan", PlanId);
  return id === undefined ? <NotFound /> : <OnePlan key={id} id={id} />;
}

function OnePlan({ id }: { readonly id: PlanId }) {
  const view: View<PlanView> = useView(PlanView, `/plans/${id}`, [
    { topic: "plan", key: id },
    { topic: "rollout" },
    { topic: "trust" },
  ]);
  return (
    <PageFrame title="Approve a plan" view={view} asOf={() => undefined} crumbs={HERE}>
      {(plan) => <ToRead plan={plan} id={id} />}
    </PageFrame>
  );
}

function ToRead({ plan, id }: { readonly plan: PlanView; readonly id: PlanId }) {
  const [opened, setOpened] = useState(plan);
  const reading = readSigned(opened, id);
  if (reading.kind === "unreadable") {
    return (
      <Notice tone="bad" alert>
        <p>
          <strong>This plan cannot be approved.</strong> {reading.because}
        </p>
      </Notice>
    );
  }
  return <Read plan={plan} reading={reading} onReadAnew={() => setOpened(plan)} />;
}

interface ReadProps {
  readonly plan: PlanView;
  readonly reading: Extract<Reading, { kind: "read" }>;
  readonly onReadAnew: () => void;
}

function Read({ plan, reading, onReadAnew }: ReadProps) {
  const trust: View<TrustView> = useView(TrustView, "/trust", [{ topic: "trust" }]);
  const { statement, digest } = reading;
  const isChanged = readSigned(plan, plan.id).kind === "unreadable" || plan.statementDigest !== digest;
  return (
    <>
      {isChanged && <Changed onReadAnew={onReadAnew} />}
      <Panel title="What you would approve">
        <p className="muted">
          Read from the very bytes that your passkey signs. Names that others chose stand in quotes.
        </p>
        <WordLines label="What is signed" lines={planWords(statement)} />
      </Panel>
      <Panel title="Compare">
        <p>Have a colleague read this out to you, from another screen or from the command line. It must be the same.</p>
        <p className={styles["spoken"]} data-testid="spoken">
          {spoken(digest)}
        </p>
        <p className="muted">
          This page came from the controller. If you doubt it, <code>ringback approve {plan.id}</code> reads the same
          bytes without it.
        </p>
      </Panel>
      <Panel title="Approval" aside={<Badge {...planStanding(plan)} />}>
        <p>
          <strong>{approvalsWanted(plan)}</strong>
        </p>
        <Approvals approvals={plan.approvals} />
        <ViewPart what="Whom devices believe" view={trust}>
          {({ document }) => <SignPanel plan={plan} reading={reading} document={document} isChanged={isChanged} />}
        </ViewPart>
      </Panel>
    </>
  );
}
