/** What the API tells of incidents and of detection, and takes for them. */
import { z } from "zod";
import { Sha256 } from "./canonical.ts";
import { ContentSourceId } from "./content.ts";
import { IncidentId, PlanId, RolloutId } from "./ids.ts";
import {
  EvidenceCounts,
  EvidenceWords,
  IncidentEvent,
  IncidentState,
  IncidentVersion,
  ResponseMode,
  SiteSpread,
} from "./incident.ts";
import { Slug, text } from "./names.ts";
import { Instant } from "./time.ts";

/** A person declares a content version faulty. */
export const IncidentRequest = z.strictObject({
  title: text(200),
  content: z.strictObject({ source: ContentSourceId, sha256: Sha256 }),
  evidence: text(2_000),
});

export const IncidentView = z.strictObject({
  id: IncidentId,
  title: text(200),
  state: IncidentState,
  cause: z.enum(["conviction", "mass-silence", "declared"]),
  /** How it stands, in one sentence. */
  sentence: z.string(),
  /** The version that it is about, the leader of a set; null while the cause is not known. */
  content: z.strictObject({ source: ContentSourceId, sha256: Sha256, label: z.string().nullable() }).nullable(),
  versions: z.array(IncidentVersion),
  evidence: EvidenceWords,
  /** Null for what a person declared and nothing has convicted. */
  counts: EvidenceCounts.nullable(),
  declaredAt: Instant,
  declaredBy: text(100),
  closedAt: Instant.nullable(),
  mergedInto: IncidentId.nullable(),
  /** Devices that run a version of it or ran it when last heard. */
  exposed: z.int(),
  /** Of these, devices whose boot before this one ended in a bugcheck and which have not had a good boot since. */
  crashed: z.int(),
  /** Crashed, or silent and exposed when last heard; while the cause is unknown: silent. */
  affected: z.int(),
  exposedAndWell: z.int(),
  notExposed: z.int(),
  unknown: z.int(),
  /**
   * What the crashes say that are kept as evidence with the incident, one a device: how often each bugcheck came, and
   * each driver that crash dumps point at.
   */
  crashes: z.strictObject({
    sentence: z.string(),
    devices: z.int(),
    bugchecks: z.array(z.strictObject({ code: z.string(), devices: z.int() })),
    suspects: z.array(z.strictObject({ driver: z.string(), devices: z.int() })),
  }),
  response: z.strictObject({
    mode: ResponseMode,
    /** Why that much and no more. */
    because: z.string(),
    rolloutsHalted: z.array(RolloutId),
    /** Does one of our rollouts still run, or does the source still move? Then Halt has something to do. */
    mayHalt: z.boolean(),
    /** What Halt would do now, in sentences. */
    haltWould: z.array(z.string()),
    plan: PlanId.nullable(),
  }),
});
export type IncidentView = z.infer<typeof IncidentView>;
export const IncidentList = z.strictObject({ items: z.array(IncidentView), asOf: Instant });
export const IncidentTimeline = z.strictObject({ items: z.array(IncidentEvent), asOf: Instant });
/** Sites with the most affected machines first; `others` are the sites that did not fit. */
export const IncidentSpread = z.strictObject({
  sites: z.array(SiteSpread),
  others: z.strictObject({ sites: z.int(), devices: z.int(), affected: z.int() }),
  asOf: Instant,
});

/** Halt: our rollouts stop, the vendor is asked to pause, the source is held as far as one person may. */
export const IncidentHaltRequest = z.strictObject({ because: text(1_000) });
export const IncidentHaltAnswer = z.strictObject({
  /** What was done, what could not be done and why, what waits for a person: one sentence each. */
  done: z.array(z.string()),
  failed: z.array(z.string()),
  waits: z.array(z.string()),
});
export const IncidentClosing = z.strictObject({ because: text(1_000) });
export const IncidentMerging = z.strictObject({ into: IncidentId, because: text(1_000) });

// ---- detection -----------------------------------------------------------------------------------------------------

export const VersionStandingView = z.strictObject({
  source: ContentSourceId,
  sha256: Sha256,
  label: z.string().nullable(),
  firstSeenAt: Instant,
  status: z.enum(["watched", "suspect", "convicted", "retired"]),
  counts: EvidenceCounts,
  /** Affected machines of 1,000 that run it and of 1,000 others since it appeared, with 95 % Wilson intervals. */
  rate: z.strictObject({ perThousand: z.number(), low: z.number(), high: z.number() }).nullable(),
  others: z.strictObject({ perThousand: z.number(), low: z.number(), high: z.number() }).nullable(),
  because: z.string(),
});
const LearntView = z.strictObject({
  name: Slug,
  value: z.number(),
  unit: text(60),
  isDefault: z.boolean(),
  because: z.string(),
});
export const DetectionView = z.strictObject({
  /** What detection can and cannot promise on this fleet, in a sentence. */
  sentence: z.string(),
  /** False under about 100 machines: the gates of rollouts protect; nobody is convicted by numbers. */
  canConvict: z.boolean(),
  devices: z.int(),
  massSilence: z.boolean(),
  versions: z.array(VersionStandingView),
  learnt: z.array(LearntView),
  classes: z.array(z.strictObject({ class: z.enum(["server", "always-on", "office", "mobile"]), devices: z.int() })),
  asOf: Instant,
});
export type DetectionView = z.infer<typeof DetectionView>;

/** `*`: every source that has no line of its own. */
export const ResponseRule = z.strictObject({ source: ContentSourceId.or(z.literal("*")), mode: ResponseMode });
export const ResponseRules = z
  .strictObject({ rules: z.array(ResponseRule).max(500) })
  .refine(({ rules }) => new Set(rules.map(({ source }) => source)).size === rules.length, {
    path: ["rules"],
    message: "names a source twice",
  });
export type ResponseRules = z.infer<typeof ResponseRules>;
export const ResponseRulesView = z.strictObject({
  rules: z.array(ResponseRule),
  changedAt: Instant.nullable(),
  changedBy: z.string().nullable(),
  asOf: Instant,
});

// ---- webhooks and vendors ------------------------------------------------------------------------------------------

/** Plain http is for drills, to this very machine. */
const HttpsUrl = z.url({ protocol: /^https?$/ }).max(2_000);
export const WebhookRequest = z.strictObject({ name: Slug, url: HttpsUrl });
/** `secret` is shown this once (`whsec_...`, Standard Webhooks); `publicKey` verifies `v1a` signatures. */
export const WebhookMade = z.strictObject({ name: Slug, secret: z.string(), publicKey: z.string() });
export const WebhookDelivery = z.strictObject({
  id: z.string(),
  type: z.string(),
  at: Instant,
  attempts: z.int(),
  state: z.enum(["waiting", "delivered", "given-up"]),
  /** What the receiver answered last, or why it could not be reached. */
  answer: z.string().nullable(),
  nextAt: Instant.nullable(),
});
export const WebhookView = z.strictObject({
  name: Slug,
  url: z.string(),
  /** `disabled`: the receiver answered 410, or a person switched it off. */
  state: z.enum(["working", "failing", "disabled", "not-tried"]),
  because: z.string(),
  deliveries: z.array(WebhookDelivery),
});
export type WebhookView = z.infer<typeof WebhookView>;
export const WebhookChange = z.strictObject({ isOn: z.boolean() });
export const WebhookList = z.strictObject({ items: z.array(WebhookView), asOf: Instant });
export const ConnectorView = z.strictObject({
  name: Slug,
  title: text(120),
  sources: z.array(z.string()),
  state: z.enum(["ready", "not-set-up", "failing"]),
  /** What it could do at the vendor, and what is missing. */
  because: z.string(),
});
export const ConnectorList = z.strictObject({ items: z.array(ConnectorView), asOf: Instant });
