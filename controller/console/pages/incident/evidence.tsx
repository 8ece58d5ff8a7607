/** The evidence for, against and not known, side by side; and how strong it is, in words and as a bar. */
import { IconCircleMinus, IconCirclePlus, IconQuestionMark } from "@tabler/icons-react";
import type { IncidentView } from "../../../../protocol/api-incidents.ts";
import { Badge } from "../../components/badge.tsx";
import { Copyable } from "../../components/copyable.tsx";
import { EvidenceMeter } from "../../components/evidence-meter.tsx";
import { Panel } from "../../components/panel.tsx";
import { VERDICTS } from "../../words/incidents.ts";
import styles from "./incident.module.css";

export function Evidence({ incident }: { readonly incident: IncidentView }) {
  const { evidence, counts, versions, cause, sentence } = incident;
  return (
    <Panel title="Evidence">
      {evidence.sentence !== sentence && <p className={styles["evidence-sentence"]}>{evidence.sentence}</p>}
      {versions.length > 0 && (
        <ul className={styles["versions"]} aria-label="Versions">
          {versions.map(({ source, sha256, label, verdict }) => (
            <li key={`${source} ${sha256}`}>
              <Badge {...VERDICTS[verdict]} /> <strong>{source}</strong> {label ?? "(version not named)"}{" "}
              <Copyable text={sha256} short={sha256.slice(0, 12)} what="SHA-256 of the content" />
            </li>
          ))}
        </ul>
      )}
      {counts === null ? (
        <p className="muted">
          {cause === "declared"
            ? "A person declared it; no number convicts it so far."
            : "No version is under suspicion so far, so there is no strength of evidence to show."}
        </p>
      ) : (
        <EvidenceMeter e={counts.e} threshold={counts.threshold} />
      )}
      <div className={styles["sides"]}>
        <Side title="For it" none="Nothing speaks for it." lines={evidence.for} tone="bad" Icon={IconCirclePlus} />
        <Side
          title="Against it"
          none="Nothing that is known speaks against it."
          lines={evidence.against}
          tone="good"
          Icon={IconCircleMinus}
        />
        <Side
          title="Not known"
          none="Nothing is said to be unknown."
          lines={evidence.unknown}
          tone="idle"
          Icon={IconQuestionMark}
        />
      </div>
    </Panel>
  );
}

interface SideProps {
  readonly title: string;
  readonly none: string;
  readonly lines: readonly string[];
  readonly tone: string;
  readonly Icon: typeof IconCirclePlus;
}

function Side({ title, none, lines, tone, Icon }: SideProps) {
  return (
    <section aria-label={title} className={styles["side"]} data-tone={tone}>
      <h3>
        <Icon size={18} aria-hidden /> {title}
      </h3>
      {lines.length === 0 ? (
        <p className="muted">{none}</p>
      ) : (
        <ul>
          {lines.map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      )}
    </section>
  );
}
