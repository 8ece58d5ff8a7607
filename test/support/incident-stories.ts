/**
 * Incidents as people meet them, for whatever shows them: one that the numbers convicted, one of unknown cause, one that
 * a person declared and closed; with their timelines, their sites, and what detection says meanwhile.
 *
 * Each builder defaults everything that a test is not about. Times lie shortly before `now`, so that ages read well.
 */
import type { z } from "zod";
import type { DetectionView, IncidentSpread, IncidentView } from "../../protocol/api-incidents.ts";
import { digestOf } from "../../protocol/canonical.ts";
import { ContentSourceId } from "../../protocol/content.ts";
import { type IncidentId, newId } from "../../protocol/ids.ts";
import type { EvidenceCounts, IncidentEvent, SiteSpread } from "../../protocol/incident.ts";
import { Role, Site, Slug } from "../../protocol/names.ts";
import { type Instant, later } from "../../protocol/time.ts";
import type { FakeAdministration } from "./fake-administration.ts";

const MINUTE = 60_000;
const SOURCE = ContentSourceId.parse("acme.channel-291");
const BAD = { source: SOURCE, sha256: digestOf("291-32"), label: "291-32" } as const;
const ENGINE = { kind: "engine", rule: "conviction" } as const;

const incidentId = (now: Instant, number: number): IncidentId => newId("inc", now, new Uint8Array(10).fill(number));

const someCounts = (over: Partial<EvidenceCounts> = {}): EvidenceCounts => ({
  affected: 31,
  affectedExposed: 31,
  well: 9_969,
  wellExposed: 40,
  signals: [
    { signal: "bugcheck", exposed: 29, others: 0 },
    { signal: "restart", exposed: 2, others: 0 },
    { signal: "silence", exposed: 0, others: 0 },
  ],
  sites: 12,
  coverage: 1,
  e: 4.1e9,
  threshold: 22_000,
  dumpsFor: 29,
  dumpsElsewhere: 0,
  ...over,
});

export function aConviction(now: Instant, over: Partial<IncidentView> = {}): IncidentView {
  return {
    id: incidentId(now, 1),
    title: "Crashes after acme.channel-291 291-32",
    state: "open",
    cause: "conviction",
    sentence: "31 of 31 crashed machines run 291-32; of 9,969 others 40 run it.",
    content: BAD,
    versions: [{ ...BAD, verdict: "convicted" }],
    evidence: {
      sentence: "31 of 31 crashed machines run 291-32; of 9,969 others 40 run it.",
      for: [
        "29 bugchecks on machines that run it, none on the others since it appeared.",
        "29 crash dumps point at acme.sys, none at anything else.",
        "12 sites, so no fault of one place.",
      ],
      against: ["40 machines run it and are well so far; 36 of them took it less than 10 minutes ago."],
      unknown: ["Of 214 machines nothing was heard since it appeared.", "Why it crashes is not known here."],
    },
    counts: someCounts(),
    declaredAt: later(now, -9 * MINUTE),
    declaredBy: "the controller",
    closedAt: null,
    mergedInto: null,
    exposed: 71,
    crashed: 31,
    affected: 31,
    exposedAndWell: 40,
    notExposed: 9_715,
    unknown: 214,
    crashes: {
      sentence: "29 of 31 crashes brought a dump; all 29 point at acme.sys.",
      devices: 31,
      bugchecks: [{ code: "50", devices: 29 }],
      suspects: [{ driver: "acme.sys", devices: 29 }],
    },
    response: {
      mode: "act",
      because: "The rule for acme.channel-291 says “act”, and more than a tenth of the exposed crashed.",
      rolloutsHalted: [],
      mayHalt: true,
      haltWould: [
        "Halt 1 rollout of ours that still brings 291-32 to machines.",
        "Ask Acme Cloud to pause acme.channel-291.",
        "Hold acme.channel-291 on all devices for 4 hours, as far as one person may.",
      ],
      plan: null,
    },
    ...over,
  };
}

export function aMassSilence(now: Instant, over: Partial<IncidentView> = {}): IncidentView {
  return {
    ...aConviction(now),
    id: incidentId(now, 2),
    title: "62 machines silent at once",
    cause: "mass-silence",
    sentence: "62 machines that are always on fell silent within 40 s, at 19 sites; 0.3 would be usual.",
    content: null,
    versions: [],
    counts: null,
    evidence: {
      sentence: "62 machines fell silent within 40 s; no site, gateway or network explains it.",
      for: ["19 sites, and no more than a tenth of any of them."],
      against: [],
      unknown: ["What they ran last is not known: none has reported since."],
    },
    declaredAt: later(now, -2 * MINUTE),
    exposed: 0,
    crashed: 0,
    affected: 62,
    exposedAndWell: 0,
    notExposed: 0,
    crashes: { sentence: "No crash evidence has come in.", devices: 0, bugchecks: [], suspects: [] },
    ...over,
  };
}

export function aClosedOne(now: Instant, over: Partial<IncidentView> = {}): IncidentView {
  return {
    ...aConviction(now),
    id: incidentId(now, 3),
    title: "Printers stop after print.filters 14.2",
    state: "closed",
    cause: "declared",
    sentence: "Grace declared it faulty. It was taken back on 40 machines.",
    counts: null,
    declaredAt: later(now, -3 * 1_440 * MINUTE),
    declaredBy: "Grace",
    closedAt: later(now, -2 * 1_440 * MINUTE),
    affected: 0,
    ...over,
  };
}

/** Every kind of event that there is, in an order that can happen. */
export function aTimeline({ id, title, versions, evidence, counts }: IncidentView, now: Instant): IncidentEvent[] {
  const at = (minutesAgo: number): Instant => later(now, -minutesAgo * MINUTE);
  const by = { kind: "person", name: "Grace" } as const;
  const of = { source: BAD.source, sha256: BAD.sha256 };
  return [
    {
      kind: "opened",
      at: at(11),
      by: ENGINE,
      cause: "mass-silence",
      title,
      versions: [],
      because: "Too many fell silent.",
    },
    {
      kind: "versions-named",
      at: at(9),
      versions: versions.slice(0, 1),
      certainty: "act",
      because: "E passed 22,000.",
    },
    { kind: "evidence", at: at(9), of, counts, words: evidence },
    { kind: "rollouts-halted", at: at(9), by: ENGINE, rollouts: [], because: "None of ours was running." },
    {
      kind: "vendor",
      at: at(9),
      by: ENGINE,
      connector: Slug.parse("acme-cloud"),
      action: "pause",
      source: SOURCE,
      outcome: "failed",
      because: "It answered 503, three times.",
    },
    {
      kind: "hold",
      at: at(8),
      by: ENGINE,
      source: SOURCE,
      hold: null,
      outcome: "suggested",
      because: "A hold of all sites needs two.",
    },
    { kind: "absorbed", at: at(7), by, from: incidentId(now, 9), because: "The same crashes." },
    { kind: "seen-again", at: at(5), of, devices: 3, because: "It came with an image." },
    { kind: "silence-over", at: at(4), because: "58 of 62 are back." },
    { kind: "closed", at: at(3), by, because: "All are well." },
    { kind: "reopened", at: at(2), by, because: `They are not: ${id}` },
  ];
}

/** Log-normal in size, struck where the number is small: the first sites are the worst. */
export function aSpread(now: Instant, count: number): z.infer<typeof IncidentSpread> {
  const sites = Array.from({ length: count }, (_none, index): SiteSpread => {
    const devices = 8 + ((index * 37) % 90);
    const affected = index < count / 8 ? Math.max(1, Math.round((devices * (1 - (8 * index) / count)) / 2)) : 0;
    const exposedAndWell = index < count / 4 ? Math.min(devices - affected, 3) : 0;
    const unknown = index % 11 === 5 ? devices - affected - exposedAndWell : 0;
    return {
      site: Site.parse(index === 0 ? "Northgate Hospital" : `Surgery ${index + 1}`),
      devices,
      affected,
      exposedAndWell,
      notExposed: devices - affected - exposedAndWell - unknown,
      unknown,
    };
  });
  sites.sort((a, b) => b.affected - a.affected);
  return { sites, others: { sites: 0, devices: 0, affected: 0 }, asOf: now };
}

function someVersions(now: Instant): DetectionView["versions"] {
  return [
    {
      ...BAD,
      firstSeenAt: later(now, -12 * MINUTE),
      status: "convicted",
      counts: someCounts(),
      rate: { perThousand: 437, low: 328, high: 553 },
      others: { perThousand: 0.1, low: 0.02, high: 0.57 },
      because: "E is past the threshold, at 12 sites, and it covers all of the excess.",
    },
    {
      source: ContentSourceId.parse("acme.engine"),
      sha256: digestOf("7.11.2"),
      label: "7.11.2",
      firstSeenAt: later(now, -300 * MINUTE),
      status: "watched",
      counts: someCounts({ affected: 31, affectedExposed: 9, wellExposed: 3_100, e: 0.4, threshold: 48_000 }),
      rate: { perThousand: 2.9, low: 1.5, high: 5.5 },
      others: { perThousand: 3.2, low: 2.1, high: 4.9 },
      because: "Those that run it fare as the others do.",
    },
  ];
}

export const aDetection = (now: Instant): FakeAdministration["detected"] => ({
  sentence: "10,000 machines at 200 sites: a fault of one machine in two hundred is found within hours.",
  canConvict: true,
  massSilence: false,
  versions: someVersions(now),
  learnt: [
    {
      name: Slug.parse("bugcheck-rate"),
      value: 0.0021,
      unit: "a machine and day",
      isDefault: false,
      because: "30 days of 10,000 machines.",
    },
    {
      name: Slug.parse("unclean-share"),
      value: 0.004,
      unit: "of all goodbyes",
      isDefault: true,
      because: "Too few goodbyes so far.",
    },
  ],
  classes: [
    { class: "server", devices: 400 },
    { class: "always-on", devices: 2_100 },
    { class: "office", devices: 5_500 },
    { class: "mobile", devices: 2_000 },
  ],
});

/** @param request what making the plan would send; null while something is missing */
export const aProposal = (
  request: FakeAdministration["proposed"]["request"],
  over: Partial<FakeAdministration["proposed"]> = {},
): FakeAdministration["proposed"] => ({
  playbook: {
    name: Slug.parse("quarantine-channel-file"),
    title: "Put a bad channel file away",
    summary: "Moves the file into quarantine, restarts, and waits for a good boot.",
    adapted: ["Only the file of 291-32: its SHA-256 stands in the step."],
  },
  because: "The source is a channel of content that crashes machines at boot.",
  alternatives: [{ name: Slug.parse("hold-only"), title: "Hold the source", because: "It cures no machine." }],
  request,
  missing: [],
  targets: 71,
  excluded: [
    { because: "Clinical devices are never restarted unasked.", devices: 4, examples: ["INF-12", "INF-13"] },
    { because: "Not heard since the version appeared.", devices: 214, examples: ["HAR-WS-01"] },
  ],
  waves: [
    { name: "canary", devices: 3, because: "3 machines that crashed, of 3 sites." },
    { name: "rest", devices: 68, because: "Everyone else." },
  ],
  rules: ["Domain controllers one at a time."],
  warnings: ["9 machines have BitLocker and may ask for a key."],
  whatIf: [
    {
      strategy: "As proposed",
      curve: [
        { minutes: 0, recovered: 0 },
        { minutes: 60, recovered: 0.5 },
        { minutes: 600, recovered: 0.9 },
        { minutes: 2_000, recovered: 0.99 },
      ],
      half: 60,
      ninety: 600,
      ninetyNine: 2_000,
      because: "Two waves.",
    },
    {
      strategy: "By hand",
      curve: [
        { minutes: 0, recovered: 0 },
        { minutes: 3_000, recovered: 0.5 },
      ],
      half: 3_000,
      ninety: null,
      ninetyNine: null,
      because: "4 technicians, 20 minutes a machine.",
    },
  ],
  ...over,
});

export const someAnswers = (): FakeAdministration["dryRunAnswers"] => [
  {
    device: newId("dev", 0 as Instant, new Uint8Array(10).fill(1)),
    name: "NOR-WS-01",
    role: Role.parse("workstation"),
    state: "answered",
    steps: [{ step: 0, would: "change", because: "1 file matches." }],
    because: "It looked, and changed nothing.",
  },
  {
    device: newId("dev", 0 as Instant, new Uint8Array(10).fill(2)),
    name: "NOR-WS-02",
    role: Role.parse("workstation"),
    state: "answered",
    steps: [{ step: 0, would: "fail", because: "2 files match, and 1 may." }],
    because: "It looked, and changed nothing.",
  },
];
