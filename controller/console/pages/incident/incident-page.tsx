/**
 * One incident, live: what happens, whether it spreads and what to press, within the first screen; then the evidence on
 * both sides, the sites as a picture, what was done, and the crashes behind it.
 */
import { IncidentView } from "../../../../protocol/api-incidents.ts";
import { IncidentId } from "../../../../protocol/ids.ts";
import { useAnnouncement } from "../../components/announcer.tsx";
import { ApiCall } from "../../components/api-call.tsx";
import { PageFrame } from "../../components/page-frame.tsx";
import { useIdParam } from "../../hooks/use-id-param.ts";
import { useView, type View } from "../../hooks/use-view.ts";
import { count } from "../../words/numbers.ts";
import { NotFound } from "../lost.tsx";
import { Controls } from "./controls.tsx";
import { Crashes } from "./crashes.tsx";
import { Evidence } from "./evidence.tsx";
import { Response } from "./response.tsx";
import { Spread } from "./spread.tsx";
import { Standing } from "./standing.tsx";
import { Timeline } from "./timeline.tsx";

const LIST = [{ to: "/incidents", name: "Incidents" }] as const;

export function IncidentPage() {
  const id = useIdParam("incident", IncidentId);
  return id === undefined ? <NotFound /> : <OneIncident key={id} id={id} />;
}

function OneIncident({ id }: { readonly id: IncidentId }) {
  const view: View<IncidentView> = useView(IncidentView, `/incidents/${id}`, [
    { topic: "incident" },
    { topic: "fleet" },
    { topic: "rollout" },
  ]);
  const title = view.kind === "here" ? view.data.title : "Incident";
  return (
    <PageFrame title={title} view={view} asOf={() => undefined} crumbs={LIST}>
      {(incident) => <Everything incident={incident} />}
    </PageFrame>
  );
}

function Everything({ incident }: { readonly incident: IncidentView }) {
  useAnnouncement(`${count(incident.affected)} affected, ${count(incident.exposed)} exposed. ${incident.sentence}`);
  return (
    <>
      <Controls incident={incident} />
      <Standing incident={incident} />
      <Spread incident={incident} />
      <Evidence incident={incident} />
      <Response incident={incident} />
      <Timeline incident={incident} />
      <Crashes incident={incident} />
      <ApiCall path={`/incidents/${incident.id}`} command={`npm run ringback -- incidents show ${incident.id}`} />
    </>
  );
}
