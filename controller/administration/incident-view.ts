/** An incident as people see it: its events, held against the fleet of now. Pure. */
import type { IncidentSpread, IncidentView } from "../../protocol/api-incidents.ts";
import type { EvidenceWords, SiteSpread } from "../../protocol/incident.ts";
import type { Site } from "../../protocol/names.ts";
import type { z } from "zod";
import { hasCrashed } from "../fleet/condition.ts";
import type { Fleet, FleetDevice } from "../fleet/fleet.ts";
import { type Incident, keyOf } from "../incidents/incident.ts";
import { utc } from "../rollout/words.ts";
import type { CrashSummary } from "../orchestrator/crash-book.ts";
import { crashSentence } from "./crash-words.ts";

/** More sites than this are summed up. */
const SITES_MAX = 200;
/** Asked for its counts alone. */
const COUNTS_ONLY = { sort: "id", descending: false, from: null, limit: 1 } as const;

type Counts = Pick<
  IncidentView,
  "exposed" | "crashed" | "affected" | "exposedAndWell" | "notExposed" | "unknown" | "content"
>;

export function viewIncident(
  incident: Incident,
  fleet: Fleet,
  kept: CrashSummary,
  response: IncidentView["response"],
): IncidentView {
  const { id, title, state, cause, versions, openedAt, openedBy, closedAt, mergedInto, evidence } = incident;
  const [leader] = versions;
  const newest = evidence.get(leader === undefined ? "" : keyOf(leader)) ?? evidence.get("");
  const words = newest?.words ?? { sentence: incident.because, for: [], against: [], unknown: [] };
  return {
    id,
    title,
    state,
    cause,
    sentence: sentenceOf(incident, words),
    ...countsOf(incident, fleet),
    // Once one is known to be faulty, those that were only thought of are not named beside it any more.
    versions: versions.filter(({ verdict }) => verdict !== "suspect" || leader?.verdict === "suspect"),
    evidence: words,
    counts: newest?.counts ?? null,
    declaredAt: openedAt,
    declaredBy: openedBy.kind === "person" ? openedBy.name : "Ringback's detection",
    closedAt,
    mergedInto,
    crashes: {
      sentence: crashSentence(kept),
      devices: kept.devices,
      bugchecks: [...kept.bugchecks],
      suspects: [...kept.suspects],
    },
    response,
  };
}

function sentenceOf(incident: Incident, { sentence }: EvidenceWords): string {
  const { state, closedAt, mergedInto, rolloutsHalted, openedBy, cause, versions } = incident;
  if (state === "merged") return `It is the same as ${mergedInto ?? "another one"}, where all goes on.`;
  const halted = rolloutsHalted.size;
  const parts = [
    ...(state === "closed" ? [`Closed at ${utc(closedAt ?? incident.openedAt)}.`] : []),
    ...(cause === "declared" && openedBy.kind === "person" ? [`${openedBy.name} declared it faulty.`] : [sentence]),
    ...(cause === "mass-silence" && versions.length === 0 ? ["The cause is not known yet."] : []),
    ...(halted > 0
      ? [`${halted === 1 ? "1 rollout of ours was" : `${halted} rollouts of ours were`} halted for it.`]
      : []),
  ];
  return parts.join(" ");
}

function countsOf(incident: Incident, fleet: Fleet): Counts {
  const counted = fleet.counted;
  const allUnknown = fleet.conditions.of("unknown");
  const [leader] = incident.versions;
  if (leader === undefined) {
    const { conditions } = fleet.page({ connected: false, standing: "accepted" }, COUNTS_ONLY);
    // Whoever is not there and said no goodbye.
    const gone = conditions.healthy + conditions.starting + conditions["boot-loop"] + conditions.silent;
    const affected = Math.min(gone, counted);
    const notExposed = Math.max(0, counted - affected - allUnknown);
    return { content: null, exposed: 0, crashed: 0, affected, exposedAndWell: 0, notExposed, unknown: allUnknown };
  }
  const { source, sha256 } = leader;
  const use = fleet.content.find(source, sha256);
  const exposed = use?.devices ?? 0;
  const crashed = use?.crashed ?? 0;
  const content = { source, sha256, label: use?.label ?? leader.label };
  const where = { source, sha256, standing: "accepted", crashed: false } as const;
  const { conditions } = fleet.page(where, COUNTS_ONLY);
  const lost = incident.silentSince === null ? 0 : goneIn(fleet, where);
  const affected = Math.min(exposed, crashed + Math.max(conditions.silent, lost));
  const unknownExposed = Math.min(conditions.unknown, exposed - affected);
  const unknown = Math.max(allUnknown, unknownExposed);
  const exposedAndWell = exposed - affected - unknownExposed;
  const notExposed = Math.max(0, counted - affected - exposedAndWell - unknown);
  return { content, exposed, crashed, affected, exposedAndWell, notExposed, unknown };
}

function goneIn(fleet: Fleet, where: Parameters<Fleet["page"]>[0]): number {
  const { conditions } = fleet.page({ ...where, connected: false }, COUNTS_ONLY);
  return conditions.healthy + conditions.starting + conditions["boot-loop"] + conditions.silent;
}

type Spread = Omit<z.infer<typeof IncidentSpread>, "asOf">;
type Tally = { -readonly [K in Exclude<keyof SiteSpread, "site">]: number };

/** One walk over the fleet. */
export function spreadOf(incident: Incident, fleet: Fleet): Spread {
  const keys = new Set(incident.versions.map(keyOf));
  const bySite = new Map<Site, Tally>();
  for (const device of fleet.all()) {
    if (!device.counts) continue;
    const { site } = device.row;
    let tally = bySite.get(site);
    if (tally === undefined) {
      tally = { devices: 0, affected: 0, exposedAndWell: 0, notExposed: 0, unknown: 0 };
      bySite.set(site, tally);
    }
    tally.devices++;
    tally[standsAs(device, keys, incident.silentSince !== null)]++;
  }
  const sites = [...bySite].map(([site, tally]) => ({ site, ...tally }));
  sites.sort((a, b) => b.affected - a.affected || b.exposedAndWell - a.exposedAndWell || (a.site < b.site ? -1 : 1));
  const rest = sites.slice(SITES_MAX);
  const sum = (of: (site: SiteSpread) => number): number => rest.reduce((total, site) => total + of(site), 0);
  const others = {
    sites: rest.length,
    devices: sum(({ devices }) => devices),
    affected: sum(({ affected }) => affected),
  };
  return { sites: sites.slice(0, SITES_MAX), others };
}

function standsAs(
  { state, condition, connected }: FleetDevice,
  keys: ReadonlySet<string>,
  isSilence: boolean,
): "affected" | "exposedAndWell" | "notExposed" | "unknown" {
  const isGone = !connected && condition !== "away" && condition !== "unknown";
  if (keys.size === 0) return isGone ? "affected" : condition === "unknown" ? "unknown" : "notExposed";
  const isExposed = (state?.content ?? []).some((version) => keys.has(keyOf(version)));
  if (isExposed && (hasCrashed(state) || condition === "silent" || (isSilence && isGone))) return "affected";
  if (condition === "unknown") return "unknown";
  return isExposed ? "exposedAndWell" : "notExposed";
}
