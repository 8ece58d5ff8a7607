/** The devices of a rollout, of one wave or one status: the list behind every count of the wave board. */
import { Link, useSearchParams } from "react-router";
import { RolloutDevicePage, type RolloutDeviceView, RolloutView } from "../../../../protocol/api.ts";
import { RolloutId } from "../../../../protocol/ids.ts";
import type { z } from "zod";
import { ApiCall } from "../../components/api-call.tsx";
import { Badge } from "../../components/badge.tsx";
import { DataTable } from "../../components/data-table.tsx";
import { Empty } from "../../components/empty.tsx";
import { Moment } from "../../components/moment.tsx";
import { PageFrame } from "../../components/page-frame.tsx";
import { Pager } from "../../components/pager.tsx";
import { Panel } from "../../components/panel.tsx";
import { useIdParam } from "../../hooks/use-id-param.ts";
import { useView } from "../../hooks/use-view.ts";
import { STATUSES, statusWords } from "../../words/statuses.ts";
import { NotFound } from "../lost.tsx";
import { Filters } from "./filters.tsx";

export function RolloutDevicesPage() {
  const id = useIdParam("rollout", RolloutId);
  return id === undefined ? <NotFound /> : <DevicesOfRollout id={id} />;
}

function DevicesOfRollout({ id }: { readonly id: RolloutId }) {
  const [query] = useSearchParams();
  const path = `/rollouts/${id}/devices?${query.toString()}`;
  const concerns = [{ topic: "rollout", key: id }] as const;
  const view = useView(RolloutDevicePage, path, concerns);
  const rollout = useView(RolloutView, `/rollouts/${id}`, concerns);
  const waves = rollout.kind === "here" ? rollout.data.waves.map(({ name }) => name) : [];
  const title = rollout.kind === "here" ? `Devices of ${rollout.data.title}` : "Devices of a rollout";
  const filters = [
    {
      name: "wave",
      label: "Wave",
      options: waves.map((name, index) => ({ value: String(index), label: `${index + 1}: ${name}` })),
    },
    { name: "status", label: "Status", options: STATUSES.map(({ status, word }) => ({ value: status, label: word })) },
  ];
  const crumbs = [
    { to: "/", name: "Overview" },
    { to: `/rollouts/${id}`, name: "Rollout" },
  ];
  return (
    <PageFrame
      title={title}
      view={view}
      asOf={({ asOf }) => asOf}
      crumbs={crumbs}
      controls={<Filters filters={filters} />}
    >
      {({ items, next }) => (
        <>
          <Panel title="List">
            {items.length === 0 ? (
              <Empty what="No device matches.">
                <p>The device you look for may have moved on to another status since the count was made.</p>
              </Empty>
            ) : (
              <Rows devices={items} waves={waves} />
            )}
            <Pager next={next} />
          </Panel>
          <ApiCall path={path} />
        </>
      )}
    </PageFrame>
  );
}

interface RowsProps {
  readonly devices: readonly z.infer<typeof RolloutDeviceView>[];
  readonly waves: readonly string[];
}

function Rows({ devices, waves }: RowsProps) {
  return (
    <DataTable
      caption="Devices of the rollout"
      columns={["Name", "Status", "Since", "Detail", "Wave", "Site", "Role", "Connected"]}
    >
      {devices.map(({ device, name, site, role, wave, status, connected, since, detail }) => {
        const words = statusWords(status === "waiting" && !connected ? "unreached" : status);
        return (
          <tr key={device}>
            <th scope="row" title={device}>
              <Link to={`/devices/${device}`}>{name}</Link>
            </th>
            <td>
              <Badge tone={words.tone} Icon={words.Icon} word={words.word} title={words.meaning} />
            </td>
            <td>
              <Moment at={since} />
            </td>
            <td>{detail}</td>
            <td>
              {wave + 1}: {waves[wave] ?? "?"}
            </td>
            <td>{site}</td>
            <td>{role}</td>
            <td>{connected ? "yes" : "no"}</td>
          </tr>
        );
      })}
    </DataTable>
  );
}
