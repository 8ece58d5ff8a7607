/** The devices, filtered and paged by the server. The filters are in the address, so that a list can be handed on. */
import { useSearchParams } from "react-router";
import { Condition } from "../../../../protocol/api.ts";
import { DevicePage, type DeviceSummary } from "../../../../protocol/api-devices.ts";
import { ApiCall } from "../../components/api-call.tsx";
import { Badge } from "../../components/badge.tsx";
import { DataTable } from "../../components/data-table.tsx";
import { Empty } from "../../components/empty.tsx";
import { Moment } from "../../components/moment.tsx";
import { PageFrame } from "../../components/page-frame.tsx";
import { Pager } from "../../components/pager.tsx";
import { Panel } from "../../components/panel.tsx";
import { useView } from "../../hooks/use-view.ts";
import { CONDITION_ORDER, CONDITIONS } from "../../words/conditions.ts";
import { bootEndWords } from "../../words/devices.ts";
import { Filters } from "./filters.tsx";

const FILTERS = [
  {
    name: "condition",
    label: "Condition",
    options: CONDITION_ORDER.map((value) => ({ value, label: CONDITIONS[value].word })),
  },
  { name: "site", label: "Site" },
  { name: "role", label: "Role" },
  { name: "sha256", label: "Content SHA-256" },
] as const;

export function DevicesPage() {
  const [query] = useSearchParams();
  const condition = Condition.safeParse(query.get("condition")).data;
  const path = `/devices?${query.toString()}`;
  const view = useView(DevicePage, path, [{ topic: "fleet" }]);
  const title = condition === undefined ? "Devices" : `Devices: ${CONDITIONS[condition].word.toLowerCase()}`;
  return (
    <PageFrame title={title} view={view} asOf={({ asOf }) => asOf} controls={<Filters filters={FILTERS} />}>
      {({ items, next }) => (
        <>
          <Panel title="List">
            {condition !== undefined && <p className="muted">{CONDITIONS[condition].meaning}</p>}
            {items.length === 0 ? (
              <Empty what="No device matches.">
                <p>Take a filter away, or go back to the overview.</p>
              </Empty>
            ) : (
              <DevicesTable devices={items} />
            )}
            <Pager next={next} />
          </Panel>
          <ApiCall path={path} />
        </>
      )}
    </PageFrame>
  );
}

const COLUMNS = ["Name", "Condition", "Site", "Role", "Connected", "Last heard", "Boot before ended", "Content"];

function DevicesTable({ devices }: { readonly devices: readonly DeviceSummary[] }) {
  return (
    <DataTable caption="Devices" columns={COLUMNS}>
      {devices.map((device) => (
        <tr key={device.id}>
          <th scope="row" title={device.id}>
            {device.name}
          </th>
          <td>
            <Badge {...CONDITIONS[device.condition]} title={CONDITIONS[device.condition].meaning} />
          </td>
          <td>{device.site}</td>
          <td>{device.role}</td>
          <td>{device.connected ? "yes" : "no"}</td>
          <td>{device.lastHeardAt === null ? "never" : <Moment at={device.lastHeardAt} />}</td>
          <td>{bootEndWords(device.lastEnd)}</td>
          <td>{device.versions.length === 0 ? "not known" : device.versions.map(({ label }) => label).join(", ")}</td>
        </tr>
      ))}
    </DataTable>
  );
}
