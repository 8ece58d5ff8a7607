/** What devices would not do or believe: which rule of theirs said so, and what to do next. */
import { Link } from "react-router";
import { RefusalPage } from "../../../../protocol/api-emergency.ts";
import { DataTable } from "../../components/data-table.tsx";
import { Empty } from "../../components/empty.tsx";
import { Moment } from "../../components/moment.tsx";
import { Panel } from "../../components/panel.tsx";
import { ViewPart } from "../../components/view-part.tsx";
import { useView } from "../../hooks/use-view.ts";

const WHAT = {
  order: "an order",
  trust: "a trust document",
  policy: "a policy",
  resume: "the end of a stop",
  hold: "a hold",
} as const;

export function Refusals() {
  const view = useView(RefusalPage, "/refusals", [{ topic: "fleet" }, { topic: "rollout" }]);
  return (
    <Panel title="What devices refused">
      <ViewPart what="Refusals" view={view}>
        {({ items, next }) => (
          <>
            {items.length === 0 ? (
              <Empty what="No device has refused anything." />
            ) : (
              <DataTable caption="Refusals" columns={["Device", "When", "Refused", "Rule", "Why", "What to do"]} cards>
                {items.map((refusal) => (
                  <tr key={`${refusal.device} ${refusal.at} ${refusal.rule} ${refusal.order ?? refusal.what}`}>
                    <th scope="row" data-label="Device">
                      <Link to={`/devices/${refusal.device}`}>{refusal.name ?? refusal.device}</Link>
                    </th>
                    <td data-label="When">
                      <Moment at={refusal.at} />
                    </td>
                    <td data-label="Refused">{WHAT[refusal.what]}</td>
                    <td data-label="Rule">
                      <code>{refusal.rule}</code>
                    </td>
                    <td data-label="Why">{refusal.because}</td>
                    <td data-label="What to do">{refusal.advice}</td>
                  </tr>
                ))}
              </DataTable>
            )}
            {next !== null && (
              <p className="muted">
                There are older ones: <code>ringback refusals</code> lists them all.
              </p>
            )}
          </>
        )}
      </ViewPart>
    </Panel>
  );
}
