/** What detection found, and what became of it, line by line: of a drill and of a live controller in the same words. */
import type { Finding, VersionStanding } from "../../controller/detection/types.ts";
import { decideIncidents, type NamedFinding } from "../../controller/incidents/decide-incidents.ts";
import type { NamedStanding } from "../../controller/incidents/evidence.ts";
import { evolveIncident, foldIncident, type Incident } from "../../controller/incidents/incident.ts";
import type { ContentVersion } from "../../protocol/content.ts";
import { type IncidentId, newId } from "../../protocol/ids.ts";
import type { IncidentEvent } from "../../protocol/incident.ts";
import type { Instant } from "../../protocol/time.ts";

/** The first time at which a controller hears a version names it: its number with the detector. */
type Versions = readonly ContentVersion[];

function standingLine(versions: Versions, standing: VersionStanding): object {
  const { version, firstSeenAt, status, e, threshold, exposed, exposedAffected, othersAtRisk, othersAffected } =
    standing;
  const { sites, coverage, signals, dumps, because } = standing;
  const counts = { exposed, exposedAffected, othersAtRisk, othersAffected, sites, coverage, signals, dumps };
  return { version: versions[version]?.label, firstSeenAt, status, e, threshold, ...counts, because };
}

/** A finding with everything that it says. */
export function findingLine(versions: Versions, finding: Finding): string {
  const { kind, at } = finding;
  const line = (more: object): string => JSON.stringify({ at: new Date(at).toISOString(), kind, ...more });
  switch (finding.kind) {
    case "suspect":
    case "confirmed":
      return line({ of: standingLine(versions, finding.standing), because: finding.because });
    case "convicted": {
      const of = finding.standings.map((standing) => standingLine(versions, standing));
      return line({ certainty: finding.certainty, of, because: finding.because });
    }
    case "mass-silence": {
      const { silent, expected, sites, because } = finding;
      return line({ silent, expected, sites: sites.length, because });
    }
    case "mass-silence-over":
      return line({});
  }
}

/** Incidents as the controller decides them, of what a drill has found. */
export class DrillIncidents {
  readonly events: IncidentEvent[] = [];
  readonly #incidents = new Map<IncidentId, Incident>();

  hear(versions: Versions, findings: readonly Finding[], at: number): void {
    const now = at as Instant;
    const named = findings.map((finding) => nameFinding(versions, finding));
    const changes = decideIncidents(named, this.#incidents.values(), {
      now,
      newId: () => newId("inc", now, new Uint8Array(10)),
      standingOf: () => undefined,
      devicesWith: () => 0,
      devicesAtClosing: () => 0,
    });
    for (const { incident: id, events } of changes) {
      const before = this.#incidents.get(id);
      this.#incidents.set(id, before === undefined ? foldIncident(id, events) : events.reduce(evolveIncident, before));
      this.events.push(...events);
    }
  }
}

function nameFinding(versions: Versions, finding: Finding): NamedFinding {
  const named = (standing: VersionStanding): NamedStanding => {
    const version = versions[standing.version];
    if (version === undefined) throw new Error(`nobody has named version ${standing.version}`);
    return { of: { source: version.source, sha256: version.sha256 }, label: version.label, standing };
  };
  switch (finding.kind) {
    case "suspect":
    case "confirmed":
      return { ...finding, standing: named(finding.standing) };
    case "convicted":
      return { ...finding, standings: finding.standings.map(named) };
    case "mass-silence":
      return { ...finding, sites: finding.sites.length };
    case "mass-silence-over":
      return finding;
  }
}

/**
 * The events of incidents that follow from findings alone. What is written down later because counts moved, and what was
 * done about it, is left out: a drill has no rules and looks at other moments.
 */
export function incidentLines(events: readonly IncidentEvent[]): readonly string[] {
  const found = new Set(events.flatMap(({ kind, at }) => (kind === "opened" || kind === "versions-named" ? [at] : [])));
  return events.flatMap((event) => {
    const isFound =
      event.kind === "opened" ||
      event.kind === "versions-named" ||
      event.kind === "silence-over" ||
      (event.kind === "evidence" && (event.of === null || found.has(event.at)));
    return isFound ? [JSON.stringify({ ...event, at: new Date(event.at).toISOString() })] : [];
  });
}
