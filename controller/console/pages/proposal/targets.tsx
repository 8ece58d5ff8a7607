/** Which machines, in which waves and why so; who is left out and why; and the rules that hold whatever happens. */
import type { PlanProposal } from "../../../../protocol/api-proposals.ts";
import { DataTable } from "../../components/data-table.tsx";
import { Panel } from "../../components/panel.tsx";
import { count, counted } from "../../words/numbers.ts";
import { strategyWords } from "../../words/strategies.ts";
import styles from "./proposal.module.css";

export function Targets({ proposal }: { readonly proposal: PlanProposal }) {
  const { targets, waves, excluded, rules, request } = proposal;
  const left = excluded.reduce((sum, { devices }) => sum + devices, 0);
  return (
    <>
      <Panel title="Waves" aside={<strong className="numeric">{counted(targets, "machine")}</strong>}>
        {waves.length === 0 ? (
          <p className="muted">No wave: there is no machine to take.</p>
        ) : (
          <DataTable caption="Waves" columns={["Wave", "Machines", "Why so"]} cards>
            {waves.map(({ name, devices, because }, index) => (
              <tr key={name}>
                <th scope="row" data-label="Wave">
                  {index + 1}: {name}
                </th>
                <td data-label="Machines" className="numeric">
                  {count(devices)}
                </td>
                <td data-label="Why so">{because}</td>
              </tr>
            ))}
          </DataTable>
        )}
        {request !== null && (
          <details>
            <summary className={styles["summary"]}>How it proceeds</summary>
            <ul>
              {strategyWords(request.strategy).map((line) => (
                <li key={line}>{line}</li>
              ))}
            </ul>
          </details>
        )}
      </Panel>
      <Panel title="Left out" aside={<strong className="numeric">{counted(left, "machine")}</strong>}>
        {excluded.length === 0 ? (
          <p className="muted">Nobody is left out.</p>
        ) : (
          <DataTable caption="Machines that are left out" columns={["Why", "Machines", "Some of them"]} cards>
            {excluded.map(({ because, devices, examples }) => (
              <tr key={because}>
                <th scope="row" data-label="Why">
                  {because}
                </th>
                <td data-label="Machines" className="numeric">
                  {count(devices)}
                </td>
                <td data-label="Some of them">
                  {examples.join(", ")}
                  {devices > examples.length && examples.length > 0 && " …"}
                </td>
              </tr>
            ))}
          </DataTable>
        )}
      </Panel>
      {rules.length > 0 && (
        <Panel title="Rules that hold">
          <ul className={styles["lines"]}>
            {rules.map((line) => (
              <li key={line}>{line}</li>
            ))}
          </ul>
        </Panel>
      )}
    </>
  );
}
