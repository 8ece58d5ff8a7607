/** The people behind each role, how many of them must sign, and with which keys. */
import { spoken } from "../../../../protocol/spoken.ts";
import type { TrustDocument, TrustRole } from "../../../../protocol/trust-document.ts";
import { DataTable } from "../../components/data-table.tsx";
import { Panel } from "../../components/panel.tsx";
import { counted } from "../../words/numbers.ts";
import { keyWords, ROLE_WORDS } from "../../words/trust.ts";
import styles from "./trust.module.css";

const ROLES = ["roots", "policyHolders", "approvers"] as const;

export function People({ document }: { readonly document: TrustDocument }) {
  return (
    <Panel title="People">
      {ROLES.map((role) => (
        <Role key={role} name={ROLE_WORDS[role].name} may={ROLE_WORDS[role].may} role={document[role]} />
      ))}
    </Panel>
  );
}

interface RoleProps {
  readonly name: string;
  readonly may: string;
  readonly role: TrustRole;
}

function Role({ name, may, role: { threshold, holders } }: RoleProps) {
  return (
    <div className={styles["role"]}>
      <h3>{name}</h3>
      <p>
        {threshold} of {counted(holders.length, "person", "people")} must sign to {may}.
        {threshold === 1 && <strong> One person alone is enough.</strong>}
      </p>
      <DataTable caption={name} columns={["Who", "Key", "To compare over the phone"]}>
        {holders.flatMap(({ person, name: full, keys }) =>
          keys.map(({ keyId, kind, starter }, index) => (
            <tr key={keyId}>
              {index === 0 && (
                <th scope="row" rowSpan={keys.length}>
                  {full} <span className="muted">({person})</span>
                </th>
              )}
              <td>{starter ? <strong>starter key, kept on the controller</strong> : `${keyWords(kind)} (${kind})`}</td>
              <td>
                <code title={keyId}>{spoken(keyId)}</code>
              </td>
            </tr>
          )),
        )}
      </DataTable>
    </div>
  );
}
