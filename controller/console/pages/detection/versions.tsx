/** The versions under watch: how strong the evidence against each is, and why it stands where it stands. */
import { Link } from "react-router";
import type { DetectionView } from "../../../../protocol/api-incidents.ts";
import { NOTIFY_AT_E, strengthWords, versionName } from "../../../../protocol/incident-words.ts";
import { Badge } from "../../components/badge.tsx";
import { DataTable } from "../../components/data-table.tsx";
import { Empty } from "../../components/empty.tsx";
import { EvidenceMeter } from "../../components/evidence-meter.tsx";
import { Moment } from "../../components/moment.tsx";
import { Panel } from "../../components/panel.tsx";
import { VersionRates } from "../../components/version-rates.tsx";
import { VERSION_STATUSES } from "../../words/incidents.ts";
import { count } from "../../words/numbers.ts";
import styles from "./detection.module.css";

export function Versions({ versions }: { readonly versions: DetectionView["versions"] }) {
  const title = "Versions under watch";
  if (versions.length === 0) {
    return (
      <Panel title={title}>
        <Empty what="No version is under watch.">
          <p>
            A version is watched from the moment it is first seen on a machine while others do not have it yet. What all
            machines run, there is nothing to compare with.
          </p>
        </Empty>
      </Panel>
    );
  }
  return (
    <Panel title={title} aside={<span className="numeric">{count(versions.length)}</span>}>
      <p className="muted">
        The strength of evidence counts how many times better “it is faulty” explains what is seen than “it is
        harmless”. The bar grows with its powers and is full where it convicts; its mark stands at {NOTIFY_AT_E}, where
        people are told.
      </p>
      <DataTable
        caption="Versions under watch"
        columns={["Version", "Standing", "Strength of evidence", "Affected, that run it", "First seen", "Why"]}
        cards
      >
        {versions.map((version) => {
          const { source, sha256, status, counts, firstSeenAt, because } = version;
          const exposed = counts.affectedExposed + counts.wellExposed;
          return (
            <tr key={`${source} ${sha256}`}>
              <th scope="row" data-label="Version">
                <Link to={`/devices?${new URLSearchParams({ source, sha256 }).toString()}`}>
                  {versionName(version)}
                </Link>
              </th>
              <td data-label="Standing">
                <Badge {...VERSION_STATUSES[status]} />
              </td>
              <td
                data-label="Strength"
                className={styles["strength"]}
                title={strengthWords(counts.e, counts.threshold)}
              >
                <EvidenceMeter e={counts.e} threshold={counts.threshold} brief />
              </td>
              <td data-label="Affected" className="numeric">
                {count(counts.affectedExposed)} of {count(exposed)}
              </td>
              <td data-label="First seen">
                <Moment at={firstSeenAt} />
              </td>
              <td data-label="Why">{because}</td>
            </tr>
          );
        })}
      </DataTable>
      <h3>How machines fare by version</h3>
      <VersionRates versions={versions} />
    </Panel>
  );
}
