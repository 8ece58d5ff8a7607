/** What is learnt from this fleet's own history; what is not learnt yet says that it is a default. */
import { IconBook, IconSchool } from "@tabler/icons-react";
import type { DetectionView } from "../../../../protocol/api-incidents.ts";
import { Badge } from "../../components/badge.tsx";
import { DataTable } from "../../components/data-table.tsx";
import { Empty } from "../../components/empty.tsx";
import { Facts } from "../../components/facts.tsx";
import { Panel } from "../../components/panel.tsx";
import { count, counted } from "../../words/numbers.ts";

const CLASSES: Readonly<Record<DetectionView["classes"][number]["class"], string>> = {
  server: "Servers",
  "always-on": "Always on",
  office: "Office hours",
  mobile: "Mobile (their silence says nothing)",
};
const NUMBER = new Intl.NumberFormat("en-GB", { maximumSignificantDigits: 4 });
const STATES = {
  default: { word: "default", tone: "idle", Icon: IconBook },
  learnt: { word: "learnt", tone: "good", Icon: IconSchool },
} as const;

export function Learnt({ detection: { learnt, classes } }: { readonly detection: DetectionView }) {
  const defaults = learnt.filter(({ isDefault }) => isDefault).length;
  return (
    <Panel title="What is learnt">
      <Facts facts={classes.map((each) => [CLASSES[each.class], counted(each.devices, "machine")] as const)} />
      {learnt.length === 0 ? (
        <Empty what="Nothing is learnt yet." />
      ) : (
        <>
          <p className="muted">
            {defaults === 0
              ? "All of it comes from this fleet's own history."
              : `${count(defaults)} of ${count(learnt.length)} are defaults, until this fleet's own history says enough.`}
          </p>
          <DataTable caption="What is learnt" columns={["What", "Value", "From", "Why"]} cards>
            {learnt.map(({ name, value, unit, isDefault, because }) => (
              <tr key={name}>
                <th scope="row" data-label="What">
                  {name.replaceAll("-", " ")}
                </th>
                <td data-label="Value" className="numeric">
                  {NUMBER.format(value)} {unit}
                </td>
                <td data-label="From">
                  <Badge {...STATES[isDefault ? "default" : "learnt"]} />
                </td>
                <td data-label="Why">{because}</td>
              </tr>
            ))}
          </DataTable>
        </>
      )}
    </Panel>
  );
}
