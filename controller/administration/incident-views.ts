/** Incidents with what can be done about them: what is stored is read once for all of them. */
import type { HoldView } from "../../protocol/api-emergency.ts";
import type { IncidentView } from "../../protocol/api-incidents.ts";
import { countsOf, wordsOf } from "../incidents/evidence.ts";
import { type Incident, keyOf } from "../incidents/incident.ts";
import type { ResponseFacts } from "../incidents/responses.ts";
import { standingOf } from "../watch/named.ts";
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
      return viewIncident(this.asOfNow(incident), fleet, crashes.summary(incident.id), response);
    });
  }

  /** What is written down of the evidence may be a minute old; beside counts of now it would contradict them. */
  private asOfNow(incident: Incident): Incident {
    const { watch } = this.desk.orchestrator.detection;
    const [leader] = incident.versions;
    if (watch === undefined || leader === undefined || leader.verdict !== "convicted" || incident.state !== "open")
      return incident;
    const standing = standingOf(watch, leader);
    if (standing === undefined) return incident;
    const at = this.desk.orchestrator.deps.clock.now();
    const now = { at, counts: countsOf(standing), words: wordsOf(standing, incident.certainty) };
    return { ...incident, evidence: new Map(incident.evidence).set(keyOf(leader), now) };
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
