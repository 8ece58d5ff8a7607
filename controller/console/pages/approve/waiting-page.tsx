/** Where an approver arrives: the plans that wait for approvals. */
import { Link } from "react-router";
import { PlanList, type PlanView } from "../../../../protocol/api.ts";
import { DataTable } from "../../components/data-table.tsx";
import { Empty } from "../../components/empty.tsx";
import { Moment } from "../../components/moment.tsx";
import { PageFrame } from "../../components/page-frame.tsx";
import { Panel } from "../../components/panel.tsx";
import { useView } from "../../hooks/use-view.ts";
import { count } from "../../words/numbers.ts";
import { approversSoFar, planSize } from "../../words/plans.ts";

export function WaitingPage() {
  const view = useView(PlanList, "/plans", [{ topic: "plan" }, { topic: "rollout" }, { topic: "trust" }]);
  return (
    <PageFrame title="Plans that wait for approval" view={view} asOf={({ asOf }) => asOf}>
      {({ items }) => {
        const waiting = items.filter(({ rollout, approval }) => rollout === null && approval !== "approved");
        return (
          <Panel title="Waiting">
            {waiting.length === 0 ? (
              <Empty what="No plan waits for an approval.">
                <p>A plan appears here as soon as somebody has made it.</p>
              </Empty>
            ) : (
              <Rows plans={waiting} />
            )}
          </Panel>
        );
      }}
    </PageFrame>
  );
}

function Rows({ plans }: { readonly plans: readonly PlanView[] }) {
  return (
    <DataTable caption="Plans that wait" columns={["Title", "Devices", "Approvals", "Made by", "Made"]}>
      {plans.map((plan) => (
        <tr key={plan.id}>
          <th scope="row">
            <Link to={`/approve/${plan.id}`}>{plan.title}</Link>
          </th>
          <td className="numeric">{count(planSize(plan))}</td>
          <td className="numeric">
            {approversSoFar(plan)} of {plan.approvalsNeeded}
          </td>
          <td>{plan.createdBy}</td>
          <td>
            <Moment at={plan.createdAt} />
          </td>
        </tr>
      ))}
    </DataTable>
  );
}
