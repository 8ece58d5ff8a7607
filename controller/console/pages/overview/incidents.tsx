/** What is open now, each with its sentence and the way to its page; what is closed is counted. */
import { useState } from "react";
import { Link } from "react-router";
import type { z } from "zod";
import type { IncidentHaltAnswer, IncidentView } from "../../../../protocol/api-incidents.ts";
import { waitsForPerson } from "../../../../protocol/incident-words.ts";
import { Badge } from "../../components/badge.tsx";
import { Empty } from "../../components/empty.tsx";
import { HaltButton, HaltDialog, HaltOutcome } from "../../components/incident-halt.tsx";
import { Moment } from "../../components/moment.tsx";
import { Panel } from "../../components/panel.tsx";
import { devicesOf } from "../../words/incident-links.ts";
import { CAUSE_LOOKS } from "../../words/incidents.ts";
import { count, counted } from "../../words/numbers.ts";
import styles from "./overview.module.css";

export function Incidents({ incidents }: { readonly incidents: readonly IncidentView[] }) {
  const open = incidents.filter(({ state }) => state === "open").toSorted((a, b) => b.declaredAt - a.declaredAt);
  const others = incidents.length - open.length;
  return (
    <Panel title="Incidents" aside={<Link to="/incidents">All {counted(incidents.length, "incident")}</Link>}>
      {open.length === 0 && (
        <Empty what="No incident is open.">
          <p>
            Nothing is known to be faulty. That does not mean that nothing is:{" "}
            <Link to="/detection">see what is watched</Link>.
          </p>
        </Empty>
      )}
      <ul className={styles["incidents"]}>
        {open.map((incident) => (
          <OpenIncident key={incident.id} incident={incident} />
        ))}
      </ul>
      {others > 0 && (
        <p className="muted">
          <Link to="/incidents?state=closed">{counted(others, "incident")} closed or merged</Link>
        </p>
      )}
    </Panel>
  );
}

function OpenIncident({ incident }: { readonly incident: IncidentView }) {
  const { id, title, cause, sentence, content, exposed, crashed, affected, crashes, declaredAt, declaredBy } = incident;
  const waits = waitsForPerson(incident);
  const [isAsked, setAsked] = useState(false);
  const [halted, setHalted] = useState<z.infer<typeof IncidentHaltAnswer>>();
  return (
    <li className={styles["incident"]}>
      <div className={styles["rollout-head"]}>
        <h3>
          <Link to={`/incidents/${id}`}>{title}</Link>
        </h3>
        <Badge {...CAUSE_LOOKS[cause]} />
        {incident.response.mayHalt && <HaltButton incident={incident} onAsk={() => setAsked(true)} />}
      </div>
      {halted !== undefined && <HaltOutcome answer={halted} />}
      {isAsked && <HaltDialog incident={incident} onDone={setHalted} onClose={() => setAsked(false)} />}
      <p>{sentence}</p>
      <p className="numeric">
        {content === null ? (
          <strong>{count(affected)} affected</strong>
        ) : (
          <>
            <Link to={devicesOf(incident)}>{count(exposed)} exposed</Link>,{" "}
            <Link to={devicesOf(incident, { crashed: "yes" })}>
              <strong>{count(crashed)} of these crashed</strong>
            </Link>
          </>
        )}
      </p>
      {crashes.devices > 0 && <p>{crashes.sentence}</p>}
      {waits.length > 0 && <p data-tone="warn">Waits for a person: {waits.join("; ")}.</p>}
      <p className="muted">
        Since <Moment at={declaredAt} />, by {declaredBy}
      </p>
    </li>
  );
}
