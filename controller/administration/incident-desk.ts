/** Declaring a content version faulty, and what is known of each declaration. */
import { newId } from "../../protocol/ids.ts";
import { type Administration, type IncidentRow, Refused } from "../ports.ts";
import type { Desk } from "./desk.ts";
import { viewIncident } from "./views.ts";

export function incidentDesk({
  orchestrator,
}: Desk): Pick<Administration, "incidents" | "incident" | "declareIncident"> {
  const { store, clock, random } = orchestrator.deps;
  return {
    async incidents() {
      return {
        items: (await store.incidents()).toReversed().map((incident) => viewIncident(incident, orchestrator.fleet)),
        asOf: clock.now(),
      };
    },

    async incident(id) {
      const incident = (await store.incidents()).find((row) => row.id === id);
      if (incident === undefined) throw new Refused("not-found", `There is no incident ${id}.`);
      return viewIncident(incident, orchestrator.fleet);
    },

    async declareIncident({ title, content, evidence }, by) {
      const at = clock.now();
      const incident: IncidentRow = {
        id: newId("inc", at, random(10)),
        title,
        ...content,
        evidence,
        declaredAt: at,
        declaredBy: by,
      };
      await store.addIncident(incident);
      orchestrator.notices.publish("incident", incident.id);
      return viewIncident(incident, orchestrator.fleet);
    },
  };
}
