/** The incidents, open ones first: what happens, how many it has struck, and what waits for a person. */
import { Link, useSearchParams } from "react-router";
import { DetectionView, IncidentList, type IncidentView } from "../../../../protocol/api-incidents.ts";
import { useAnnouncement } from "../../components/announcer.tsx";
import { ApiCall } from "../../components/api-call.tsx";
import { Empty } from "../../components/empty.tsx";
import { PageFrame } from "../../components/page-frame.tsx";
import { Panel } from "../../components/panel.tsx";
import { useView } from "../../hooks/use-view.ts";
import { count, counted } from "../../words/numbers.ts";
import { IncidentChips } from "./incident-chips.tsx";
import { IncidentCard } from "./incident-card.tsx";
import { filterOf, openFirst } from "./incident-filter.ts";
import styles from "./incidents.module.css";

export function IncidentsPage() {
  const view = useView(IncidentList, "/incidents", [{ topic: "incident" }, { topic: "fleet" }, { topic: "rollout" }]);
  return (
    <PageFrame title="Incidents" view={view} asOf={({ asOf }) => asOf}>
      {({ items }, now) => (
        <>
          <List incidents={items} now={now} />
          <ApiCall path="/incidents" command="npm run ringback -- incidents list" />
        </>
      )}
    </PageFrame>
  );
}

function List({ incidents, now }: { readonly incidents: readonly IncidentView[]; readonly now: number }) {
  const [query] = useSearchParams();
  const open = incidents.filter(({ state }) => state === "open").length;
  const shown = openFirst(incidents.filter(filterOf(query)));
  const title = open === 0 ? "No open incident" : counted(open, "open incident");
  useAnnouncement(title);
  if (incidents.length === 0) return <NoIncident />;
  return (
    <Panel title={title} aside={<span className="muted numeric">{count(shown.length)} shown</span>}>
      <IncidentChips incidents={incidents} />
      {shown.length === 0 ? (
        <Empty what="No incident matches.">
          <p>
            <Link to="/incidents">Show all {counted(incidents.length, "incident")}</Link>
          </p>
        </Empty>
      ) : (
        <ul className={styles["incidents"]}>
          {shown.map((incident) => (
            <IncidentCard key={incident.id} incident={incident} now={now} />
          ))}
        </ul>
      )}
    </Panel>
  );
}

/** No incident is an answer only as far as detection can see: so it says how far that is. */
function NoIncident() {
  const detection = useView(DetectionView, "/detection", [{ topic: "fleet" }]);
  return (
    <Panel title="No incident">
      <Empty what="Nothing was found faulty, and nobody has declared anything faulty.">
        {detection.kind === "here" && (
          <>
            <p>
              {!detection.data.canConvict && <strong>That does not mean that all is well: </strong>}
              {detection.data.sentence}
            </p>
            <p>
              <Link to="/detection">See what is watched and what is learnt</Link>
            </p>
          </>
        )}
        {detection.kind === "failed" && (
          <p>
            <strong>Whether detection works is not known:</strong> {detection.error.message}
          </p>
        )}
        <p>
          Do you see something that it does not? Declare it: <code>npm run ringback -- incidents declare --help</code>
        </p>
      </Empty>
    </Panel>
  );
}
