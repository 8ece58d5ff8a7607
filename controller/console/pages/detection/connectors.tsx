/** The ways to the vendors of content, and what each could do there. */
import { IconCircleCheck, IconCircleDashed, IconCircleX } from "@tabler/icons-react";
import { ConnectorList } from "../../../../protocol/api-incidents.ts";
import { Badge } from "../../components/badge.tsx";
import { DataTable } from "../../components/data-table.tsx";
import { Empty } from "../../components/empty.tsx";
import { Panel } from "../../components/panel.tsx";
import { ViewPart } from "../../components/view-part.tsx";
import { useView } from "../../hooks/use-view.ts";

const STATES = {
  ready: { word: "Ready", tone: "good", Icon: IconCircleCheck },
  "not-set-up": { word: "Not set up", tone: "idle", Icon: IconCircleDashed },
  failing: { word: "Failing", tone: "bad", Icon: IconCircleX },
} as const;

export function Connectors() {
  const view = useView(ConnectorList, "/connectors", []);
  return (
    <Panel title="Vendors">
      <ViewPart what="Vendors" view={view}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty what="No way to any vendor is set up.">
              <p>A faulty update is stopped here, but the vendor has to be called by a person.</p>
            </Empty>
          ) : (
            <DataTable caption="Vendors" columns={["Vendor", "State", "Sources", "What it can do"]} cards>
              {items.map(({ name, title, sources, state, because }) => (
                <tr key={name}>
                  <th scope="row" data-label="Vendor">
                    {title}
                  </th>
                  <td data-label="State">
                    <Badge {...STATES[state]} />
                  </td>
                  <td data-label="Sources">{sources.length === 0 ? "none" : sources.join(", ")}</td>
                  <td data-label="What it can do">{because}</td>
                </tr>
              ))}
            </DataTable>
          )
        }
      </ViewPart>
    </Panel>
  );
}
