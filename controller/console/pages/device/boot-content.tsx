/** What ran at the chosen boot: versions, what was new, what somebody has declared faulty, and what changed during it. */
import { IconAlertTriangle } from "@tabler/icons-react";
import { Link } from "react-router";
import type { IncidentView } from "../../../../protocol/api.ts";
import type { ReportedBoot } from "../../../../protocol/api-device.ts";
import { Badge } from "../../components/badge.tsx";
import { Copyable } from "../../components/copyable.tsx";
import { DataTable } from "../../components/data-table.tsx";
import { Moment } from "../../components/moment.tsx";
import { compareContent, type ContentNews, incidentOf } from "../../words/content.ts";
import { count } from "../../words/numbers.ts";
import styles from "./device.module.css";

interface BootContentProps {
  readonly boot: ReportedBoot;
  readonly before: ReportedBoot | undefined;
  readonly incidents: readonly IncidentView[];
}

const COLUMNS = ["Source", "Version", "Against the boot before", "Declared faulty", "SHA-256", "File"];

export function BootContent({ boot, before, incidents }: BootContentProps) {
  const { rows, gone } = compareContent(boot.boot.content, before?.boot.content ?? null);
  return (
    <div className={styles["part"]}>
      <h3>What was running</h3>
      {rows.length === 0 ? (
        <p className="muted">No watched content was on the disk when the agent started in this boot.</p>
      ) : (
        <DataTable caption="Content at this boot" columns={COLUMNS}>
          {rows.map(({ version, news }) => (
            <tr key={version.path}>
              <td>{version.source}</td>
              <th scope="row">{version.label}</th>
              <td>{newsWords(news)}</td>
              <td>
                <Faulty incident={incidentOf(version, incidents)} />
              </td>
              <td>
                <Copyable
                  text={version.sha256}
                  short={version.sha256.slice(0, 12)}
                  what={`SHA-256 of ${version.label}`}
                />
              </td>
              <td>
                <code>{version.path}</code>
              </td>
            </tr>
          ))}
        </DataTable>
      )}
      {gone.length > 0 && (
        <p>
          No longer there since the boot before: {gone.map(({ source, label }) => `${source} ${label}`).join(", ")}.
        </p>
      )}
      <Changes boot={boot} incidents={incidents} />
    </div>
  );
}

function newsWords(news: ContentNews | null): string {
  if (news === null) return "not known";
  return news.kind === "replaced" ? `new, in place of ${news.before.label}` : news.kind === "new" ? "new" : "the same";
}

function Faulty({ incident }: { readonly incident: IncidentView | undefined }) {
  if (incident === undefined) return "no";
  return (
    <>
      <Badge tone="bad" Icon={IconAlertTriangle} word="Faulty" /> <Link to={`/#${incident.id}`}>{incident.title}</Link>
    </>
  );
}

function Changes({ boot: { changes, changesLeftOut }, incidents }: Pick<BootContentProps, "boot" | "incidents">) {
  if (changes.length === 0) return <p className="muted">No content change was noticed while it ran.</p>;
  return (
    <>
      <p>Noticed while it ran{changesLeftOut > 0 && ` (${count(changesLeftOut)} earlier ones are left out)`}:</p>
      <ul className={styles["lines"]}>
        {changes.toReversed().map(({ receivedAt, entry: { change, version } }, index) => {
          const incident = incidentOf(version, incidents);
          return (
            <li key={index}>
              <Moment at={receivedAt} />: {version.source} <strong>{version.label}</strong>{" "}
              {change === "appeared" ? "appeared" : "went"} <code>{version.path}</code>{" "}
              {incident !== undefined && <Faulty incident={incident} />}
            </li>
          );
        })}
      </ul>
    </>
  );
}
