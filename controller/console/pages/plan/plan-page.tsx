/** A plan in words: what is touched, where, in which waves, and the approval that it needs before anything happens. */
import { Link } from "react-router";
import { PlanView } from "../../../../protocol/api.ts";
import { PlanId } from "../../../../protocol/ids.ts";
import { ApiCall } from "../../components/api-call.tsx";
import { Copyable } from "../../components/copyable.tsx";
import { Facts } from "../../components/facts.tsx";
import { Moment } from "../../components/moment.tsx";
import { Notice } from "../../components/notice.tsx";
import { PageFrame } from "../../components/page-frame.tsx";
import { Panel } from "../../components/panel.tsx";
import { useIdParam } from "../../hooks/use-id-param.ts";
import { useView, type View } from "../../hooks/use-view.ts";
import { strategyWords } from "../../words/strategies.ts";
import { NotFound } from "../lost.tsx";
import { Approval } from "./approval.tsx";
import { PlanSteps } from "./plan-steps.tsx";
import { PlanWaves } from "./plan-waves.tsx";
import styles from "./plan.module.css";

const PLANS = [{ to: "/plans", name: "Plans" }] as const;

export function PlanPage() {
  const id = useIdParam("plan", PlanId);
  return id === undefined ? <NotFound /> : <OnePlan id={id} />;
}

function OnePlan({ id }: { readonly id: PlanId }) {
  const view: View<PlanView> = useView(PlanView, `/plans/${id}`, [
    { topic: "plan", key: id },
    { topic: "rollout" },
    { topic: "trust" },
  ]);
  const title = view.kind === "here" ? view.data.title : "Plan";
  return (
    <PageFrame title={title} view={view} asOf={() => undefined} crumbs={PLANS}>
      {(plan) => (
        <>
          {plan.undoes !== null && (
            <Notice tone="warn">
              <p>
                <strong>This plan undoes an earlier one</strong> (<Link to={`/plans/${plan.undoes}`}>see it</Link>) and
                may bring the faulty version back. It needs an approval of its own.
              </p>
            </Notice>
          )}
          <Approval plan={plan} />
          <PlanSteps plan={plan} />
          <PlanWaves plan={plan} />
          <Panel title="How it proceeds">
            <ul className={styles["lines"]}>
              {strategyWords(plan.strategy).map((line) => (
                <li key={line}>{line}</li>
              ))}
            </ul>
          </Panel>
          <Panel title="Origin">
            <Facts
              facts={[
                ["Plan", <Copyable key="id" text={plan.id} what="plan id" />],
                ["Made by", plan.createdBy],
                ["Made", <Moment key="made" at={plan.createdAt} />],
                [
                  "Incident",
                  plan.incident === null ? undefined : (
                    <Link key="incident" to={`/incidents/${plan.incident}`}>
                      What it answers, with the evidence
                    </Link>
                  ),
                ],
              ]}
            />
          </Panel>
          <ApiCall path={`/plans/${plan.id}`} />
        </>
      )}
    </PageFrame>
  );
}
