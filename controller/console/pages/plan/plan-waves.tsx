/** Which devices, in which order, and what must hold before the next wave. */
import type { PlanView } from "../../../../protocol/api.ts";
import { DataTable } from "../../components/data-table.tsx";
import { Panel } from "../../components/panel.tsx";
import { count, counted } from "../../words/numbers.ts";
import { planSize } from "../../words/plans.ts";
import { gateWords } from "../../words/strategies.ts";

/** More sites than this do not help anybody reading a table; the API has them all. */
const SITES_SHOWN = 8;

export function PlanWaves({ plan }: { readonly plan: PlanView }) {
  return (
    <Panel title="Waves" aside={<span className="numeric">{counted(planSize(plan), "device")}</span>}>
      <DataTable caption="Waves of the plan" columns={["Wave", "Devices", "Sites", "Gate before the next wave"]}>
        {plan.waves.map(({ name, deviceCount, sites }, index) => {
          const gate = plan.strategy.waves[index]?.gate;
          const shown = sites.slice(0, SITES_SHOWN).map((entry) => `${entry.site} (${count(entry.deviceCount)})`);
          const more = sites.length - shown.length;
          return (
            <tr key={name}>
              <th scope="row">
                {index + 1}: {name}
              </th>
              <td className="numeric">{count(deviceCount)}</td>
              <td>
                {shown.join(", ")}
                {more > 0 && ` and ${counted(more, "more site")}`}
              </td>
              <td>{gate === undefined ? "not known" : gateWords(gate)}</td>
            </tr>
          );
        })}
      </DataTable>
    </Panel>
  );
}
