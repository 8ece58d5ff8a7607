/** One incident of a list: what happens in a sentence, how many it has struck, how old it is, what waits for a person. */
import { IconHourglass } from "@tabler/icons-react";
import { Link } from "react-router";
import type { IncidentView } from "../../../../protocol/api-incidents.ts";
import { versionName, waitsForPerson } from "../../../../protocol/incident-words.ts";
import { Badge } from "../../components/badge.tsx";
import { Moment } from "../../components/moment.tsx";
import { CAUSE_LOOKS, STATES } from "../../words/incidents.ts";
import { ago, count } from "../../words/numbers.ts";
import styles from "./incidents.module.css";

interface IncidentCardProps {
  readonly incident: IncidentView;
  readonly now: number;
}

export function IncidentCard({ incident, now }: IncidentCardProps) {
  const { id, title, state, cause, sentence, versions, affected, exposed, unknown, declaredAt, declaredBy } = incident;
  const waits = waitsForPerson(incident);
  return (
    <li className={styles["incident"]} data-state={state}>
      <div className={styles["head"]}>
        <h3>
          <Link to={`/incidents/${id}`}>{title}</Link>
        </h3>
        <Badge {...STATES[state]} />
        <Badge {...CAUSE_LOOKS[cause]} />
        <span className="muted numeric">
          <Moment at={declaredAt} />, {ago(now - declaredAt)}, by {declaredBy}
        </span>
      </div>
      <p>{sentence}</p>
      <p className="numeric">
        <strong>{count(affected)} affected</strong>, {count(exposed)} exposed
        {unknown > 0 && `, ${count(unknown)} unknown`}
        <span className="muted">
          {" · "}
          {versions.length === 0 ? "no version is named yet" : versions.map(versionName).join(", ")}
        </span>
      </p>
      {waits.length > 0 && (
        <p className={styles["waits"]} data-tone="warn">
          <IconHourglass size={18} aria-hidden /> <span>Waits for a person: {waits.join("; ")}.</span>
        </p>
      )}
    </li>
  );
}
