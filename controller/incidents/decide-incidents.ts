/**
 * What becomes of incidents when detection has found something, and when time has passed. Pure: findings and incidents in,
 * events out; whoever calls stores them and carries out what follows.
 *
 * Invariant: a version has one open incident. What is found again goes on there, and what was closed opens again.
 */
import type { IncidentId } from "../../protocol/ids.ts";
import { type IncidentEvent, type IncidentVersion, type VersionRef, VERSIONS_MAX } from "../../protocol/incident.ts";
import { type Instant, later } from "../../protocol/time.ts";
import { countsOf, hasChangedMuch, type NamedStanding, verdictWords, wordsOf } from "./evidence.ts";
import { evolveIncident, foldIncident, type Incident, isOf, keyOf } from "./incident.ts";
import { BY_DETECTION } from "./responses.ts";

/** What detection found, with names. */
export type NamedFinding =
  | { readonly kind: "suspect"; readonly standing: NamedStanding; readonly because: string }
  | {
      readonly kind: "convicted";
      readonly standings: readonly NamedStanding[];
      readonly certainty: "act" | "propose";
      readonly because: string;
    }
  | { readonly kind: "confirmed"; readonly standing: NamedStanding; readonly because: string }
  | {
      readonly kind: "mass-silence";
      readonly silent: number;
      readonly expected: number;
      readonly because: string;
      readonly sites: number;
    }
  | { readonly kind: "mass-silence-over" };

export interface IncidentFacts {
  readonly now: Instant;
  /** A new id, each time. */
  readonly newId: () => IncidentId;
  /** As a version is judged now; undefined where detection does not know it. */
  readonly standingOf: (of: VersionRef) => NamedStanding | undefined;
  /** Devices that run it now, or did when last heard. */
  readonly devicesWith: (of: VersionRef) => number;
  /** How many ran it when this controller first looked at it in a closed incident. */
  readonly devicesAtClosing: (incident: Incident, of: VersionRef) => number;
}
export interface IncidentChange {
  readonly incident: IncidentId;
  readonly events: readonly IncidentEvent[];
}

/** Counts that move are written down at most so often. */
const EVIDENCE_EVERY_MS = 60_000;
/** Machines that fell silent, and what is convicted within this time, are one incident. */
const SAME_MS = 2 * 3_600_000;

/** Collects events, with every incident as it stands after them. */
class Draft {
  readonly incidents: Map<IncidentId, Incident>;
  readonly changes = new Map<IncidentId, IncidentEvent[]>();

  constructor(incidents: Iterable<Incident>) {
    this.incidents = new Map([...incidents].map((incident) => [incident.id, incident]));
  }

  open(id: IncidentId, ...events: readonly IncidentEvent[]): void {
    this.incidents.set(id, foldIncident(id, events));
    this.changes.set(id, [...events]);
  }
  append(id: IncidentId, ...events: readonly IncidentEvent[]): void {
    const before = this.incidents.get(id);
    if (before === undefined) throw new Error(`there is no incident ${id}`);
    this.incidents.set(id, events.reduce(evolveIncident, before));
    this.changes.set(id, [...(this.changes.get(id) ?? []), ...events]);
  }
  /** Oldest first. */
  all(): readonly Incident[] {
    return [...this.incidents.values()].sort((a, b) => a.openedAt - b.openedAt || (a.id < b.id ? -1 : 1));
  }
}

export function decideIncidents(
  findings: readonly NamedFinding[],
  incidents: Iterable<Incident>,
  facts: IncidentFacts,
): readonly IncidentChange[] {
  const draft = new Draft(incidents);
  for (const finding of findings) takeFinding(draft, finding, facts);
  for (const incident of draft.all()) {
    if (incident.state === "merged") continue;
    if (incident.state === "closed") seeAgain(draft, incident, facts);
    else refresh(draft, incident, facts);
  }
  mergeTwins(draft, facts.now);
  return [...draft.changes].map(([incident, events]) => ({ incident, events }));
}

function takeFinding(draft: Draft, finding: NamedFinding, facts: IncidentFacts): void {
  const { now } = facts;
  switch (finding.kind) {
    case "convicted":
      convict(draft, finding, facts);
      return;
    case "confirmed": {
      const incident = draft.all().find((each) => each.state !== "merged" && isOf(each, finding.standing.of));
      if (incident === undefined) return;
      const versions = [versionOf(finding.standing, "convicted")];
      if (isSaid(incident, versions, "act")) return;
      draft.append(
        incident.id,
        { kind: "versions-named", at: now, versions, certainty: "act", because: verdictWords(finding.standing) },
        evidenceOf(finding.standing, "act", now),
      );
      return;
    }
    case "suspect": {
      // By itself it is shown, no more; where machines are silent it is the first name for what killed them.
      const silent = draft.all().find(({ state, silentSince }) => state === "open" && silentSince !== null);
      if (silent === undefined || isOf(silent, finding.standing.of)) return;
      const versions = [versionOf(finding.standing, "suspect")];
      const because = said(
        `It is under suspicion, no more: ${finding.because}. ${wordsOf(finding.standing, null).sentence}`,
      );
      draft.append(
        silent.id,
        { kind: "versions-named", at: now, versions, certainty: "propose", because },
        evidenceOf(finding.standing, null, now),
      );
      return;
    }
    case "mass-silence":
      fallSilent(draft, finding, facts);
      return;
    case "mass-silence-over":
      for (const { id, state, silentSince } of draft.all()) {
        if (state !== "open" || silentSince === null) continue;
        draft.append(id, {
          kind: "silence-over",
          at: now,
          because: "No more machines fall silent together; those that did are back, or an hour has passed.",
        });
      }
      return;
  }
}

function convict(
  draft: Draft,
  finding: Extract<NamedFinding, { kind: "convicted" }>,
  { now, newId }: IncidentFacts,
): void {
  const { certainty } = finding;
  const standings = finding.standings.slice(0, VERSIONS_MAX);
  const [leader] = standings;
  if (leader === undefined) return;
  const versions = standings.map((standing) => versionOf(standing, "convicted"));
  const because = verdictWords(leader, standings.length - 1);
  const named: IncidentEvent = { kind: "versions-named", at: now, versions, certainty, because };
  const evidence = standings.map((standing) => evidenceOf(standing, certainty, now));
  const all = draft.all();
  const isIt = (incident: Incident): boolean => standings.some(({ of }) => isOf(incident, of));
  const open =
    all.find((incident) => incident.state === "open" && isIt(incident)) ??
    all.find(({ state, cause, versions: known, openedAt }) => {
      // The silence of unknown cause gets its name: it stays the same incident.
      const isUnnamed = known.every(({ verdict }) => verdict === "suspect");
      return state === "open" && cause === "mass-silence" && isUnnamed && now - openedAt <= SAME_MS;
    });
  if (open !== undefined) {
    if (!isSaid(open, versions, certainty)) draft.append(open.id, named, ...evidence);
    return;
  }
  const closed = all.findLast((incident) => incident.state === "closed" && isIt(incident));
  if (closed !== undefined) {
    const again = `${leader.label} is convicted again.`;
    draft.append(closed.id, { kind: "reopened", at: now, by: BY_DETECTION, because: again }, named, ...evidence);
    return;
  }
  const title = `${leader.label} (${leader.of.source}) is faulty`.slice(0, 200);
  const opened: IncidentEvent = {
    kind: "opened",
    at: now,
    by: BY_DETECTION,
    cause: "conviction",
    title,
    versions,
    because,
  };
  draft.open(newId(), opened, named, ...evidence);
}

/** A finding may come twice: after a failure, or a kill, nobody knows how far it was acted on. */
const isSaid = (
  { versions: known, certainty: sure }: Incident,
  versions: readonly IncidentVersion[],
  certainty: "act" | "propose",
): boolean =>
  (sure === "act" || sure === certainty) &&
  versions.every((version) => known.some((each) => keyOf(each) === keyOf(version) && each.verdict === "convicted"));

function fallSilent(
  draft: Draft,
  { silent, expected, because, sites }: Extract<NamedFinding, { kind: "mass-silence" }>,
  { now, newId }: IncidentFacts,
): void {
  const words = {
    sentence: `${silent} machines fell silent together; about ${Math.max(0, Math.round(expected))} would be usual.`,
    for: [`They stand at ${sites === 1 ? "1 site" : `${sites} sites`}, so it is no single power cut or line.`],
    against: [],
    unknown: [
      "Why, and on which content: machines that are silent cannot say. The first that is heard again names it.",
    ],
  };
  const evidence: IncidentEvent = { kind: "evidence", at: now, of: null, counts: null, words };
  const open = draft.all().findLast(({ state, cause, openedAt, silentSince }) => {
    return state === "open" && (silentSince !== null || (cause !== "declared" && now - openedAt <= SAME_MS));
  });
  if (open !== undefined) {
    const isTold = open.silentSince !== null && open.evidence.get("")?.words.sentence === words.sentence;
    if (!isTold) draft.append(open.id, evidence);
    return;
  }
  draft.open(
    newId(),
    {
      kind: "opened",
      at: now,
      by: BY_DETECTION,
      cause: "mass-silence",
      title: "Many machines fell silent at once; the cause is not known",
      versions: [],
      because: said(because),
    },
    evidence,
  );
}

/** What is written down follows what is counted, in steps that a person would notice. */
function refresh(draft: Draft, incident: Incident, { now, standingOf, devicesWith }: IncidentFacts): void {
  for (const version of incident.versions) {
    const last = incident.evidence.get(keyOf(version));
    const standing = standingOf(version);
    const devices = devicesWith(version);
    const before = last?.counts ?? null;
    if (
      before !== null &&
      before.affectedExposed + before.wellExposed === 0 &&
      devices > 0 &&
      version.verdict !== "suspect"
    ) {
      if ((incident.seenAgain.get(keyOf(version)) ?? 0) < devices)
        draft.append(incident.id, seen(version, devices, now));
    }
    if (standing === undefined) continue;
    if (!isDue(incident, version, now)) continue;
    if (hasChangedMuch(before, countsOf(standing)))
      draft.append(incident.id, evidenceOf(standing, incident.certainty, now));
  }
}

function isDue({ evidence }: Incident, version: VersionRef, now: Instant): boolean {
  const last = evidence.get(keyOf(version));
  return last === undefined || now >= later(last.at, EVIDENCE_EVERY_MS);
}

/** A version of a closed incident has come to devices where it was not: the incident is not over. */
function seeAgain(
  draft: Draft,
  incident: Incident,
  { now, standingOf, devicesWith, devicesAtClosing }: IncidentFacts,
): void {
  for (const version of incident.versions) {
    if (version.verdict === "suspect") continue;
    const devices = devicesWith(version);
    const before = devicesAtClosing(incident, version);
    const standing = standingOf(version);
    // Machines are mended after the closing, too: what is left then is as many as there may be.
    if (devices < before && standing !== undefined && isDue(incident, version, now))
      draft.append(incident.id, evidenceOf(standing, incident.certainty, now));
    if (devices <= before) continue;
    const because = `${version.label ?? "The faulty version"} runs on ${devices} devices, more than when the incident was closed.`;
    draft.append(incident.id, seen(version, devices, now), { kind: "reopened", at: now, by: BY_DETECTION, because });
    return;
  }
}

/** Two open incidents that name one version are one: the older goes on. */
function mergeTwins(draft: Draft, now: Instant): void {
  const open = draft.all().filter(({ state }) => state === "open");
  for (const [i, older] of open.entries()) {
    for (const younger of open.slice(i + 1)) {
      if (draft.incidents.get(younger.id)?.state !== "open" || draft.incidents.get(older.id)?.state !== "open")
        continue;
      if (!younger.versions.some((version) => isOf(older, version))) continue;
      const because = "Both name the same version.";
      for (const event of mergeEvents(older, younger, { at: now, by: BY_DETECTION, because })) {
        draft.append(event.incident, ...event.events);
      }
    }
  }
}

/**
 * What is known of the one goes on in the other; that is written first, so that a power cut in between loses no verdict:
 * two open incidents that name one version are merged at the next look.
 */
export function mergeEvents(
  into: Incident,
  from: Incident,
  by: Pick<Extract<IncidentEvent, { kind: "merged" }>, "at" | "by" | "because">,
): readonly IncidentChange[] {
  const news = from.versions.filter((version) => !isOf(into, version)).slice(0, VERSIONS_MAX);
  const certainty = from.certainty ?? "propose";
  const named: IncidentEvent[] =
    news.length === 0
      ? []
      : [{ kind: "versions-named", at: by.at, versions: [...news], certainty, because: by.because }];
  const plan: IncidentEvent[] =
    from.plan === null || into.plan !== null ? [] : [{ kind: "plan-made", ...by, plan: from.plan }];
  return [
    { incident: into.id, events: [{ kind: "absorbed", ...by, from: from.id }, ...named, ...plan] },
    { incident: from.id, events: [{ kind: "merged", ...by, into: into.id }] },
  ];
}

const seen = ({ source, sha256, label }: IncidentVersion, devices: number, at: Instant): IncidentEvent => ({
  kind: "seen-again",
  at,
  of: { source, sha256 },
  devices,
  because: `${label ?? "The faulty version"} has turned up again, on ${devices === 1 ? "1 device" : `${devices} devices`} by now.`,
});

const versionOf = ({ of, label }: NamedStanding, verdict: IncidentVersion["verdict"]): IncidentVersion => ({
  ...of,
  label: label === "" ? null : label.slice(0, 120),
  verdict,
});

const evidenceOf = (standing: NamedStanding, certainty: Incident["certainty"], at: Instant): IncidentEvent => ({
  kind: "evidence",
  at,
  of: standing.of,
  counts: countsOf(standing),
  words: wordsOf(standing, certainty),
});

/** Events hold 2,000 characters and at least one. */
const said = (because: string): string => (because === "" ? "The numbers say so." : because.slice(0, 2_000));
