/** Incidents as people see and steer them; declaring one by hand, closing, opening again, merging. */
import type { IncidentView } from "../../protocol/api-incidents.ts";
import { type IncidentId, newId } from "../../protocol/ids.ts";
import type { IncidentEvent } from "../../protocol/incident.ts";
import { mergeEvents } from "../incidents/decide-incidents.ts";
import { countsOf, wordsOf } from "../incidents/evidence.ts";
import { type Incident, isOf } from "../incidents/incident.ts";
import type { IncidentDesk } from "../ports/incident-desks.ts";
import { Refused } from "../ports/refused.ts";
import type { LiveIncident } from "../orchestrator/incident-book.ts";
import { standingOf } from "../watch/named.ts";
import type { Desk } from "./desk.ts";
import { IncidentViews } from "./incident-views.ts";
import { spreadOf } from "./incident-view.ts";
import { cursorOf } from "./paging.ts";
import { viewCrash } from "./views.ts";

/** Older ones are asked for by id. */
const INCIDENTS_MAX = 200;

export function incidentDesk(desk: Desk): IncidentDesk {
  const { orchestrator } = desk;
  const { store, clock, random } = orchestrator.deps;
  const { incidents, keeper } = orchestrator;
  const views = new IncidentViews(desk);

  const find = async (id: IncidentId): Promise<LiveIncident> => {
    if (incidents.get(id) === undefined) await incidents.read(); // another controller may have made it a moment ago
    const live = incidents.get(id);
    if (live === undefined)
      throw new Refused("not-found", `There is no incident ${id}. The list of incidents shows those that there are.`);
    return live;
  };
  const view = async (id: IncidentId): Promise<IncidentView> => views.of((await find(id)).incident);

  /** Stores what a person did. `events` looks at the incident as it stands in the queue. */
  const change = async (id: IncidentId, events: (incident: Incident) => readonly IncidentEvent[]): Promise<void> => {
    await find(id);
    await orchestrator.exclusively(async () => {
      const { incident } = await find(id);
      await keeper.write([{ incident: id, events: events(incident) }]);
    });
  };
  const person = (name: string) => ({ kind: "person", name }) as const;

  return {
    async incidents() {
      await incidents.read();
      const newest = incidents.all().slice(-INCIDENTS_MAX).toReversed();
      const all = await views.all(newest.map(({ incident }) => incident));
      return { items: [...all], asOf: clock.now() };
    },
    incident: view,

    async incidentTimeline(id) {
      return { items: [...(await find(id)).events], asOf: clock.now() };
    },

    async incidentSpread(id) {
      return { ...spreadOf((await find(id)).incident, orchestrator.fleet), asOf: clock.now() };
    },

    async incidentCrashes(id, { cursor, limit }) {
      await find(id);
      const crashes = await store.crashesOf(id, cursorOf(cursor), limit + 1);
      const items = crashes.slice(0, limit).map((crash) => viewCrash(crash, orchestrator.fleet.get(crash.device)));
      return { items, next: crashes.length > limit ? (items.at(-1)?.device ?? null) : null, asOf: clock.now() };
    },

    async declareIncident({ title, content, evidence }, by) {
      const at = clock.now();
      const id = newId("inc", at, random(10));
      await orchestrator.exclusively(async () => {
        if (!orchestrator.leads) {
          // Whoever leads takes it from there.
          await store.addIncident({ id, title, ...content, evidence, declaredAt: at, declaredBy: by });
          return;
        }
        const open = incidents.all().find(({ incident }) => incident.state === "open" && isOf(incident, content));
        if (open !== undefined)
          throw new Refused(
            "conflict",
            `Incident ${open.incident.id} is open about this version: "${open.incident.title}". Nothing was stored; go on there.`,
          );
        const label = orchestrator.fleet.content.find(content.source, content.sha256)?.label ?? null;
        const versions = [{ ...content, label, verdict: "declared" as const }];
        const opened = {
          kind: "opened",
          at,
          by: person(by),
          cause: "declared",
          title,
          versions,
          because: evidence,
        } as const;
        await keeper.write([{ incident: id, events: [opened] }]);
      });
      return view(id);
    },

    async closeIncident(id, { because }, by) {
      await change(id, (incident) => {
        mustBe(incident, "open", "closed");
        return [...lastEvidence(incident), { kind: "closed", at: clock.now(), by: person(by), because }];
      });
      return view(id);
    },

    async reopenIncident(id, { because }, by) {
      await change(id, (incident) => {
        mustBe(incident, "closed", "opened again");
        const { versions } = incident;
        const twin = incidents.all().find(({ incident: { state, id: other, versions: known } }) => {
          return state === "open" && other !== id && versions.some((version) => isOf({ versions: known }, version));
        });
        if (twin !== undefined)
          throw new Refused("wrong-state", `Incident ${twin.incident.id} is open about the same version. Go on there.`);
        return [{ kind: "reopened", at: clock.now(), by: person(by), because }];
      });
      return view(id);
    },

    async mergeIncident(id, { into, because }, by) {
      await find(id);
      await find(into);
      await orchestrator.exclusively(async () => {
        const [from, target] = [(await find(id)).incident, (await find(into)).incident];
        if (id === into) throw new Refused("invalid-request", "An incident cannot be merged into itself.");
        if (from.state === "merged") throw new Refused("wrong-state", `It is merged into ${from.mergedInto} already.`);
        mustBe(target, "open", "merged into");
        await keeper.write(mergeEvents(target, from, { at: clock.now(), by: person(by), because }));
      });
      return view(into);
    },
  };

  /** As it stands when it is closed, so that later it can be seen that it is more. */
  function lastEvidence({ versions, certainty }: Incident): readonly IncidentEvent[] {
    const { watch } = orchestrator.detection;
    if (watch === undefined) return [];
    return versions.flatMap((version): IncidentEvent[] => {
      const named = standingOf(watch, version);
      if (named === undefined) return [];
      const words = wordsOf(named, certainty);
      return [{ kind: "evidence", at: clock.now(), of: named.of, counts: countsOf(named), words }];
    });
  }
}

function mustBe({ state, mergedInto }: Incident, wanted: Incident["state"], verb: string): void {
  if (state === wanted) return;
  if (mergedInto === null && verb === state)
    throw new Refused("wrong-state", `The incident is ${state} already. Nothing was changed.`);
  const where = mergedInto === null ? "" : ` into ${mergedInto}, where all goes on`;
  throw new Refused("wrong-state", `The incident is ${state}${where}, so it cannot be ${verb}. Nothing was changed.`);
}
