/** Declaring a content version faulty, and what is known of each declaration. */
import type { IncidentView } from "../../protocol/api-incidents.ts";
import { type IncidentId, newId } from "../../protocol/ids.ts";
import { type Administration, Refused } from "../ports.ts";
import type { IncidentRow } from "../store.ts";
import type { Desk } from "./desk.ts";
import { cursorOf } from "./paging.ts";
import { viewCrash, viewIncident } from "./views.ts";

type Methods =
  | "incidents"
  | "incident"
  | "incidentCrashes"
  | "declareIncident"
  | "incidentTimeline"
  | "incidentSpread"
  | "haltIncident"
  | "closeIncident"
  | "reopenIncident"
  | "mergeIncident"
  | "detection"
  | "responseRules"
  | "putResponseRules";

const notYet = async (): Promise<never> => {
  throw new Refused("unavailable", "This controller does not detect yet. Nothing was changed.");
};

export function incidentDesk({ orchestrator }: Desk): Pick<Administration, Methods> {
  const { store, clock, random } = orchestrator.deps;
  const view = (incident: IncidentRow): IncidentView =>
    viewIncident(incident, orchestrator.fleet, orchestrator.crashes.summary(incident.id));
  const incidentOf = async (id: IncidentId): Promise<IncidentRow> => {
    const incident = (await store.incidents()).find((row) => row.id === id);
    if (incident === undefined) throw new Refused("not-found", `There is no incident ${id}.`);
    return incident;
  };

  return {
    async incidents() {
      return {
        items: (await store.incidents()).toReversed().map(view),
        asOf: clock.now(),
      };
    },

    async incident(id) {
      return view(await incidentOf(id));
    },

    async incidentCrashes(id, { cursor, limit }) {
      const incident = await incidentOf(id);
      const crashes = await store.crashesOf(incident.id, cursorOf(cursor), limit + 1);
      const items = crashes.slice(0, limit).map((crash) => viewCrash(crash, orchestrator.fleet.get(crash.device)));
      return { items, next: crashes.length > limit ? (items.at(-1)?.device ?? null) : null, asOf: clock.now() };
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
      await orchestrator.exclusively(async () => {
        await store.addIncident(incident);
        await orchestrator.crashes.gather(incident, orchestrator.fleet);
      });
      orchestrator.notices.publish("incident", incident.id);
      return view(incident);
    },

    incidentTimeline: notYet,
    incidentSpread: notYet,
    haltIncident: notYet,
    closeIncident: notYet,
    reopenIncident: notYet,
    mergeIncident: notYet,
    detection: notYet,
    responseRules: notYet,
    putResponseRules: notYet,
  };
}
