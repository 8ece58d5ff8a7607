/** What ran at the chosen boot: versions, what was new, what somebody has declared faulty, and what changed during it. */
import { IconAlertTriangle, IconSparkles } from "@tabler/icons-react";
import { Link } from "react-router";
import type { IncidentView } from "../../../../protocol/api-incidents.ts";
import type { ReportedBoot } from "../../../../protocol/api-device.ts";
import type { ContentVersion } from "../../../../protocol/content.ts";
import { assertNever } from "../../../../protocol/exhaustive.ts";
import { Badge } from "../../components/badge.tsx";
import { Copyable } from "../../components/copyable.tsx";
import { Moment } from "../../components/moment.tsx";
import { compareContent, type ContentNews, incidentOf } from "../../words/content.ts";
import { count } from "../../words/numbers.ts";
import styles from "./device.module.css";

interface BootContentProps {
  readonly boot: ReportedBoot;
  readonly before: ReportedBoot | undefined;
  readonly incidents: readonly IncidentView[];
}

export function BootContent({ boot, before, incidents }: BootContentProps) {
  const { rows, gone } = compareContent(boot.boot.content, before?.boot.content ?? null);
  return (
    <div className={styles["part"]}>
      <h3>What was running</h3>
      {rows.length === 0 ? (
        <p className="muted">No watched content was on the disk when the agent started in this boot.</p>
      ) : (
        <ul className={styles["contents"]} aria-label="Content at this boot">
          {rows.map(({ version, news }) => (
            <Version key={version.path} version={version} news={news} incident={incidentOf(version, incidents)} />
          ))}
        </ul>
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

interface VersionProps {
  readonly version: ContentVersion;
  readonly news: ContentNews | null;
  readonly incident: IncidentView | undefined;
}

function Version({ version: { source, label, path, sha256 }, news, incident }: VersionProps) {
  return (
    <li className={styles["content"]} data-tone={incident === undefined ? undefined : "bad"}>
      <p>
        {source} <strong>{label}</strong>
      </p>
      <p className={styles["badge-line"]}>
        <NewsBadge news={news} />
        {incident !== undefined && <Faulty incident={incident} />}
      </p>
      <p className="muted">
        <code>{path}</code>
      </p>
      <p className="muted">
        <Copyable text={sha256} short={`SHA-256 ${sha256.slice(0, 12)}`} what={`SHA-256 of ${label}`} />
      </p>
    </li>
  );
}

function NewsBadge({ news }: { readonly news: ContentNews | null }) {
  if (news === null) return <span className="muted">the boot before is not known</span>;
  switch (news.kind) {
    case "same":
      return <span className="muted">the same as at the boot before</span>;
    case "new":
      return <Badge tone="busy" Icon={IconSparkles} word="New at this boot" />;
    case "replaced":
      return (
        <>
          <Badge tone="busy" Icon={IconSparkles} word="New at this boot" /> in place of {news.before.label}
        </>
      );
    default:
      return assertNever(news);
  }
}

function Faulty({ incident }: { readonly incident: IncidentView }) {
  return (
    <span className={styles["badge-line"]}>
      <Badge tone="bad" Icon={IconAlertTriangle} word="Declared faulty" />
      <Link to={`/incidents/${incident.id}`}>{incident.title}</Link>
    </span>
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
