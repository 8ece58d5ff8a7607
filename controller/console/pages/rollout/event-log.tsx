/** What was decided in the rollout, by whom and why; the newest first. */
import type { RolloutView } from "../../../../protocol/api.ts";
import { DataTable } from "../../components/data-table.tsx";
import { Moment } from "../../components/moment.tsx";
import { Panel } from "../../components/panel.tsx";
import { eventWords } from "../../words/events.ts";

export function EventLog({ rollout: { events, waves } }: { readonly rollout: RolloutView }) {
  const names = waves.map(({ name }) => name);
  const rows = events.map((event, index) => ({ ...eventWords(event, names), at: event.at, index })).toReversed();
  return (
    <Panel title="Event log">
      <DataTable caption="Event log" columns={["Time", "What", "Why", "By"]}>
        {rows.map(({ index, at, what, why, who }) => (
          <tr key={index}>
            <td>
              <Moment at={at} />
            </td>
            <td>{what}</td>
            <td>{why}</td>
            <td>{who}</td>
          </tr>
        ))}
      </DataTable>
    </Panel>
  );
}
