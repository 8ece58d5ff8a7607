/** The declared incidents: which content version, who runs it, how these fare. */
import { useEffect } from "react";
import { Link, useLocation } from "react-router";
import type { IncidentView } from "../../../../protocol/api-incidents.ts";
import { Copyable } from "../../components/copyable.tsx";
import { Empty } from "../../components/empty.tsx";
import { Moment } from "../../components/moment.tsx";
import { Panel } from "../../components/panel.tsx";
import { count } from "../../words/numbers.ts";
import styles from "./overview.module.css";

const devicesWith = (content: IncidentView["content"]): string =>
  content === null
    ? "/devices"
    : `/devices?${new URLSearchParams({ source: content.source, sha256: content.sha256 }).toString()}`;

export function Incidents({ incidents }: { readonly incidents: readonly IncidentView[] }) {
  const { hash } = useLocation();
  useEffect(() => {
    if (hash !== "") document.getElementById(hash.slice(1))?.scrollIntoView({ block: "center" });
  }, [hash]);
  return (
    <Panel title="Incidents">
      {incidents.length === 0 && (
        <Empty what="No incident is declared.">
          <p>Nobody has declared a content version faulty. That does not mean that none is.</p>
        </Empty>
      )}
      <ul className={styles["incidents"]}>
        {incidents.map(({ id, title, content, exposed, crashed, crashes, declaredAt, declaredBy, evidence }) => (
          <li key={id} id={id} className={styles["incident"]} data-named={hash === `#${id}`}>
            <h3>{title}</h3>
            <p className="numeric">
              <Link to={devicesWith(content)}>{count(exposed)} exposed</Link>,{" "}
              <Link to={`${devicesWith(content)}&crashed=yes`}>
                <strong>{count(crashed)} of these crashed</strong>
              </Link>
            </p>
            <p>{evidence.sentence}</p>
            <p>{crashes.sentence}</p>
            {content !== null && (
              <p className="muted">
                {content.source} {content.label ?? "(version not named)"}{" "}
                <Copyable text={content.sha256} short={content.sha256.slice(0, 12)} what="SHA-256 of the content" />
              </p>
            )}
            <p className="muted">
              Declared by {declaredBy} at <Moment at={declaredAt} />
            </p>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
