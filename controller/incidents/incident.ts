/** What an incident is: the fold of its events. Pure; folding the same events gives the same incident. */
import { assertNever } from "../../protocol/exhaustive.ts";
import type { IncidentId, PlanId, RolloutId } from "../../protocol/ids.ts";
import type {
  EvidenceCounts,
  EvidenceWords,
  IncidentEvent,
  IncidentState,
  IncidentVersion,
  VersionRef,
} from "../../protocol/incident.ts";
import type { Actor } from "../../protocol/rollout.ts";
import type { Instant } from "../../protocol/time.ts";

type EventOf<Kind extends IncidentEvent["kind"]> = Extract<IncidentEvent, { kind: Kind }>;

interface Evidence {
  readonly at: Instant;
  readonly counts: EvidenceCounts | null;
  readonly words: EvidenceWords;
}

export interface Incident {
  readonly id: IncidentId;
  readonly title: string;
  readonly cause: EventOf<"opened">["cause"];
  readonly state: IncidentState;
  readonly openedAt: Instant;
  readonly openedBy: Actor;
  readonly because: string;
  /** The leader of a set first. */
  readonly versions: readonly IncidentVersion[];
  /** May the controller act by itself on them? Null while nothing is convicted. */
  readonly certainty: "act" | "propose" | null;
  /** When that was said last; rollouts of later are somebody's answer to it. */
  readonly namedAt: Instant | null;
  /** The newest of each version, by `keyOf`; under "" what is not about a version. */
  readonly evidence: ReadonlyMap<string, Evidence>;
  readonly rolloutsHalted: ReadonlySet<RolloutId>;
  readonly holds: readonly EventOf<"hold">[];
  readonly vendor: readonly EventOf<"vendor">[];
  readonly plan: PlanId | null;
  /** Since when machines are silent together; null: they were not, or are back. */
  readonly silentSince: Instant | null;
  /** Seen on so many devices when that was said last, by `keyOf`. */
  readonly seenAgain: ReadonlyMap<string, number>;
  readonly absorbed: readonly IncidentId[];
  readonly closedAt: Instant | null;
  readonly mergedInto: IncidentId | null;
  /** How many events it is made of. */
  readonly version: number;
}

export const keyOf = ({ source, sha256 }: VersionRef): string => `${source} ${sha256}`;
export const isOf = ({ versions }: Pick<Incident, "versions">, of: VersionRef): boolean =>
  versions.some((version) => keyOf(version) === keyOf(of));

/** @throws Error if they don't begin with `opened` */
export function foldIncident(id: IncidentId, events: readonly IncidentEvent[]): Incident {
  const [first, ...rest] = events;
  if (first?.kind !== "opened") throw new Error(`the events of incident ${id} do not begin with its opening`);
  return rest.reduce(evolveIncident, begin(id, first));
}

function begin(id: IncidentId, { at, by, cause, title, versions, because }: EventOf<"opened">): Incident {
  const isNamed = versions.some(({ verdict }) => verdict !== "suspect");
  return {
    id,
    title,
    cause,
    state: "open",
    openedAt: at,
    openedBy: by,
    because,
    versions,
    certainty: null,
    namedAt: isNamed ? at : null,
    evidence: new Map(),
    rolloutsHalted: new Set(),
    holds: [],
    vendor: [],
    plan: null,
    silentSince: cause === "mass-silence" ? at : null,
    seenAgain: new Map(),
    absorbed: [],
    closedAt: null,
    mergedInto: null,
    version: 1,
  };
}

export function evolveIncident(before: Incident, event: IncidentEvent): Incident {
  const incident = { ...before, version: before.version + 1 };
  switch (event.kind) {
    case "opened":
      return incident; // a second opening says nothing that the first did not
    case "versions-named": {
      const versions = merged(event.versions, incident.versions);
      return {
        ...incident,
        title: titled(incident, versions[0]),
        versions,
        certainty: event.versions.some(({ verdict }) => verdict === "convicted") ? event.certainty : incident.certainty,
        namedAt: event.at,
      };
    }
    case "evidence": {
      const { at, counts, words } = event;
      const key = event.of === null ? "" : keyOf(event.of);
      // What is about no version is about machines that fell silent, also where an incident was open already.
      const silentSince = event.of === null ? (incident.silentSince ?? at) : incident.silentSince;
      return { ...incident, silentSince, evidence: new Map(incident.evidence).set(key, { at, counts, words }) };
    }
    case "rollouts-halted":
      return { ...incident, rolloutsHalted: new Set([...incident.rolloutsHalted, ...event.rollouts]) };
    case "hold":
      return { ...incident, holds: [...incident.holds, event] };
    case "vendor":
      return { ...incident, vendor: [...incident.vendor, event] };
    case "plan-made":
      return { ...incident, plan: event.plan };
    case "seen-again":
      return { ...incident, seenAgain: new Map(incident.seenAgain).set(keyOf(event.of), event.devices) };
    case "silence-over":
      return { ...incident, silentSince: null };
    case "merged":
      return { ...incident, state: "merged", mergedInto: event.into, closedAt: event.at };
    case "absorbed":
      return { ...incident, absorbed: [...incident.absorbed, event.from] };
    case "closed":
      return { ...incident, state: "closed", closedAt: event.at };
    case "reopened":
      return { ...incident, state: "open", closedAt: null };
    default:
      return assertNever(event);
  }
}

/** Machines that fell silent of an unknown cause: once that is known, the incident is called by it. */
function titled({ cause, title }: Incident, leader: IncidentVersion | undefined): string {
  if (cause !== "mass-silence" || leader === undefined || leader.verdict === "suspect") return title;
  return `${leader.label ?? "A version"} (${leader.source}) is faulty: many machines fell silent`.slice(0, 200);
}

/** What is named anew says how it stands now; it does not go back from convicted to suspect. */
function merged(news: readonly IncidentVersion[], known: readonly IncidentVersion[]): readonly IncidentVersion[] {
  const firmer = news.map((version) => {
    const before = known.find((each) => keyOf(each) === keyOf(version));
    return before !== undefined && version.verdict === "suspect" ? before : version;
  });
  const others = known.filter((version) => !news.some((each) => keyOf(each) === keyOf(version)));
  const all = [...firmer, ...others];
  const rank = ({ verdict }: IncidentVersion): number => (verdict === "suspect" ? 1 : 0);
  return all.toSorted((a, b) => rank(a) - rank(b));
}
