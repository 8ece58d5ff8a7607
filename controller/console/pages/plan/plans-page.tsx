/** The plans, newest first, and what each waits for. */
import { Link } from "react-router";
import { PlanList, type PlanView } from "../../../../protocol/api.ts";
import { ApiCall } from "../../components/api-call.tsx";
import { Badge } from "../../components/badge.tsx";
import { DataTable } from "../../components/data-table.tsx";
import { Empty } from "../../components/empty.tsx";
import { Moment } from "../../components/moment.tsx";
import { PageFrame } from "../../components/page-frame.tsx";
import { Panel } from "../../components/panel.tsx";
import { useView } from "../../hooks/use-view.ts";
import { count } from "../../words/numbers.ts";
import { planSize, planStanding } from "../../words/plans.ts";

export function PlansPage() {
  const view = useView(PlanList, "/plans", [{ topic: "plan" }, { topic: "rollout" }, { topic: "trust" }]);
  return (
    <PageFrame title="Plans" view={view} asOf={({ asOf }) => asOf}>
      {({ items }) => (
        <>
          <Panel title="List">
            {items.length === 0 ? (
              <Empty what="No plan yet.">
                <p>
                  A plan binds a playbook to devices and a strategy. Prepare one from an{" "}
                  <Link to="/incidents">incident</Link>, or with the command line:{" "}
                  <code>npm run ringback -- --help</code>.
                </p>
              </Empty>
            ) : (
              <Rows plans={items} />
            )}
          </Panel>
          <ApiCall path="/plans" />
        </>
      )}
    </PageFrame>
  );
}

function Rows({ plans }: { readonly plans: readonly PlanView[] }) {
  return (
    <DataTable caption="Plans" columns={["Title", "Standing", "Devices", "Made by", "Made", "Digest"]}>
      {plans.map((plan) => (
        <tr key={plan.id}>
          <th scope="row">
            <Link to={`/plans/${plan.id}`}>{plan.title}</Link>
          </th>
          <td>
            <Badge {...planStanding(plan)} />
          </td>
          <td className="numeric">{count(planSize(plan))}</td>
          <td>{plan.createdBy}</td>
          <td>
            <Moment at={plan.createdAt} />
          </td>
          <td>
            <code>{plan.digest.slice(0, 12)}</code>
          </td>
        </tr>
      ))}
    </DataTable>
  );
}
