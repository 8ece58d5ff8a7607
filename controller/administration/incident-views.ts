/** Incidents with what can be done about them: what is stored is read once for all of them. */
import type { HoldView } from "../../protocol/api-emergency.ts";
import type { IncidentView } from "../../protocol/api-incidents.ts";
import type { Incident } from "../incidents/incident.ts";
import type { ResponseFacts } from "../incidents/responses.ts";
import type { Desk } from "./desk.ts";
import { holdDesk } from "./hold-desk.ts";
import { haltWork, type HaltWork, viewResponse } from "./incident-response.ts";
import { viewIncident } from "./incident-view.ts";

export class IncidentViews {
  private readonly desk: Desk;

  constructor(desk: Desk) {
    this.desk = desk;
  }

  async of(incident: Incident): Promise<IncidentView> {
    const [view] = await this.all([incident]);
    if (view === undefined) throw new Error("one incident has one view");
    return view;
  }

  async all(incidents: readonly Incident[]): Promise<readonly IncidentView[]> {
    const { fleet, crashes } = this.desk.orchestrator;
    const { facts, holds } = await this.facts();
    return incidents.map((incident) => {
      const response = viewResponse(incident, facts, haltWork(incident, facts, holds));
      return viewIncident(incident, fleet, crashes.summary(incident.id), response);
    });
  }

  async workOn(incident: Incident): Promise<HaltWork> {
    const { facts, holds } = await this.facts();
    return haltWork(incident, facts, holds);
  }

  private async facts(): Promise<{ readonly facts: ResponseFacts; readonly holds: readonly HoldView[] }> {
    const { keeper, deps } = this.desk.orchestrator;
    const [row, holds] = await Promise.all([deps.store.responseRules(), holdDesk(this.desk).holds()]);
    return { facts: { ...keeper.facts(), rules: row?.rules ?? [] }, holds: holds.items };
  }
}
