/**
 * Stands for the incident desk: declared by a person, or shown by a test as detection would have opened them.
 *
 * Faithful in states, timelines and in what a halt stops. Nothing crashes, so no counts move.
 */
import type { IncidentView } from "../../../protocol/api-incidents.ts";
import type { IncidentId } from "../../../protocol/ids.ts";
import type { IncidentEvent } from "../../../protocol/incident.ts";
import type { HaltDesk, IncidentDesk } from "../../../controller/ports/incident-desks.ts";
import { Refused } from "../../../controller/ports/refused.ts";
import type { FakeRecord } from "./record.ts";

export interface ShownIncidents {
  /** Shows an incident as detection would have opened it, or changes one; the event goes on its timeline. */
  readonly showIncident: (incident: IncidentView, event?: IncidentEvent) => void;
}

export function incidentsPart(record: FakeRecord): IncidentDesk & HaltDesk & ShownIncidents {
  const timelines = new Map<IncidentId, readonly IncidentEvent[]>();

  function showIncident(incident: IncidentView, event?: IncidentEvent): void {
    record.byIncident.set(incident.id, incident);
    if (event !== undefined) timelines.set(incident.id, [...(timelines.get(incident.id) ?? []), event]);
    record.notify("incident", incident.id);
  }

  return {
    async incidents() {
      return { items: [...record.byIncident.values()], asOf: record.now() };
    },

    async incident(id) {
      return record.incidentOf(id);
    },

    async incidentCrashes(id) {
      record.incidentOf(id);
      return { items: [], next: null, asOf: record.now() };
    },

    async declareIncident(request, by) {
      record.made.incidents++;
      const incident: IncidentView = {
        id: record.id("inc"),
        title: request.title,
        state: "open",
        cause: "declared",
        sentence: `${by} declared it faulty.`,
        content: { ...request.content, label: null },
        versions: [{ ...request.content, label: null, verdict: "declared" }],
        evidence: { sentence: request.evidence, for: [], against: [], unknown: [] },
        counts: null,
        closedAt: null,
        mergedInto: null,
        affected: 0,
        exposedAndWell: 0,
        notExposed: 0,
        unknown: 0,
        response: {
          mode: "notify",
          because: "Nothing is done by itself about what a person declared.",
          rolloutsHalted: [],
          mayHalt: false,
          haltWould: [],
          plan: null,
        },
        declaredAt: record.now(),
        declaredBy: by,
        exposed: 0,
        crashed: 0,
        crashes: { sentence: "No crash evidence has come in.", devices: 0, bugchecks: [], suspects: [] },
      };
      showIncident(incident, {
        kind: "opened",
        at: incident.declaredAt,
        by: { kind: "person", name: by },
        cause: "declared",
        title: incident.title,
        versions: incident.versions,
        because: request.evidence,
      });
      return incident;
    },

    async incidentTimeline(id) {
      record.incidentOf(id);
      return { items: [...(timelines.get(id) ?? [])], asOf: record.now() };
    },

    async incidentSpread(id) {
      record.incidentOf(id);
      const others = { sites: 0, devices: 0, affected: 0 };
      return record.spreads.get(id) ?? { sites: [], others, asOf: record.now() };
    },

    async haltIncident(id, { because }, by) {
      record.mayFail("haltIncident");
      const incident = record.incidentOf(id);
      if (incident.state !== "open")
        throw new Refused("wrong-state", "This incident is not open. Open it again first.");
      const rollouts = [...record.byRollout.values()].filter(({ phase }) => phase === "running").map((each) => each.id);
      for (const rollout of rollouts) record.change(rollout, { phase: "halted", because });
      const response = { ...incident.response, rolloutsHalted: rollouts, mayHalt: false, haltWould: [] };
      const actor = { kind: "person", name: by } as const;
      showIncident(
        { ...incident, response },
        { kind: "rollouts-halted", at: record.now(), by: actor, rollouts, because },
      );
      return {
        done: [rollouts.length === 1 ? "1 rollout is halted." : `${rollouts.length} rollouts are halted.`],
        failed: [],
        waits: ["A hold of the source waits for an approver: ringback holds approve."],
      };
    },

    async closeIncident(id, { because }, by) {
      const closed: IncidentView = { ...record.incidentOf(id), state: "closed", closedAt: record.now() };
      showIncident(closed, { kind: "closed", at: record.now(), by: { kind: "person", name: by }, because });
      return closed;
    },

    async reopenIncident(id, { because }, by) {
      const open: IncidentView = { ...record.incidentOf(id), state: "open", closedAt: null };
      showIncident(open, { kind: "reopened", at: record.now(), by: { kind: "person", name: by }, because });
      return open;
    },

    async mergeIncident(id, { into, because }, by) {
      const [from, target] = [record.incidentOf(id), record.incidentOf(into)];
      const actor = { kind: "person", name: by } as const;
      showIncident(
        { ...from, state: "merged", mergedInto: into },
        { kind: "merged", at: record.now(), by: actor, into, because },
      );
      showIncident(target, { kind: "absorbed", at: record.now(), by: actor, from: id, because });
      return target;
    },
    showIncident,
  };
}
