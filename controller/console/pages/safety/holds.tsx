/** Sources that devices keep as they are: protection does not update there meanwhile. */
import { IconClock, IconLock, IconLockOpen } from "@tabler/icons-react";
import { HoldList } from "../../../../protocol/api-emergency.ts";
import { Badge } from "../../components/badge.tsx";
import { DataTable } from "../../components/data-table.tsx";
import { Empty } from "../../components/empty.tsx";
import { Moment } from "../../components/moment.tsx";
import { Panel } from "../../components/panel.tsx";
import { ViewPart } from "../../components/view-part.tsx";
import { useView } from "../../hooks/use-view.ts";

const STANDINGS = {
  waiting: { tone: "warn", Icon: IconClock, word: "waits for approvers" },
  "in-force": { tone: "bad", Icon: IconLock, word: "in force: no updates" },
  released: { tone: "idle", Icon: IconLockOpen, word: "released" },
  over: { tone: "idle", Icon: IconLockOpen, word: "over; devices have released it" },
} as const;

export function Holds() {
  const view = useView(HoldList, "/holds", [{ topic: "trust" }, { topic: "incident" }]);
  return (
    <Panel title="Held sources">
      <ViewPart what="Holds" view={view}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty what="No source is held.">
              <p>
                A hold keeps devices from taking updates of a source, for hours: <code>ringback holds make --help</code>
                .
              </p>
            </Empty>
          ) : (
            <DataTable caption="Holds" columns={["Source", "Standing", "Until", "Made by", "Why"]} cards>
              {items.map(({ id, statement, standing, madeBy, because }) => (
                <tr key={id}>
                  <th scope="row" data-label="Source">
                    {statement.source}
                  </th>
                  <td data-label="Standing">
                    <Badge {...STANDINGS[standing]} />
                  </td>
                  <td data-label="Until">
                    <Moment at={statement.until} />
                  </td>
                  <td data-label="Made by">{madeBy}</td>
                  <td data-label="Why">{because}</td>
                </tr>
              ))}
            </DataTable>
          )
        }
      </ViewPart>
    </Panel>
  );
}
