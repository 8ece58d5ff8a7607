/** Who has approved a plan, by which kind of key, and whether it counts by the trust document of now. */
import type { PlanView } from "../../../protocol/api.ts";
import { keyWords } from "../words/trust.ts";
import { DataTable } from "./data-table.tsx";
import { Moment } from "./moment.tsx";

export function Approvals({ approvals }: { readonly approvals: PlanView["approvals"] }) {
  if (approvals.length === 0) return <p className="muted">Nobody has approved it yet.</p>;
  return (
    <DataTable caption="Approvals" columns={["Who", "With", "When", "Counts", "Handed in by"]}>
      {approvals.map(({ person, name, keyId, kind, starter, counts, at, by }) => (
        <tr key={keyId}>
          <th scope="row">
            {name ?? person}
            {name !== null && <span className="muted"> ({person})</span>}
          </th>
          <td>{starter ? "the controller's starter key" : keyWords(kind)}</td>
          <td>
            <Moment at={at} />
          </td>
          <td>{counts ? "yes" : "no: the trust document does not name this key any more"}</td>
          <td>{by}</td>
        </tr>
      ))}
    </DataTable>
  );
}
