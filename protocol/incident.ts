/**
 * Incidents: what is faulty or not yet known to be, with the evidence, and what was done about it. An incident is the fold
 * of its events; they are what is stored.
 */
import { z } from "zod";
import { Sha256 } from "./canonical.ts";
import { ContentSourceId } from "./content.ts";
import { HoldId, IncidentId, PlanId, RolloutId } from "./ids.ts";
import { Site, Slug, text } from "./names.ts";
import { Actor } from "./rollout.ts";
import { Instant } from "./time.ts";

export const VersionRef = z.strictObject({ source: ContentSourceId, sha256: Sha256 });
export type VersionRef = z.infer<typeof VersionRef>;

/**
 * What the controller may do by itself about a source, up to this: `notify` tells people; `propose` also prepares holds,
 * vendor calls and the plan for one click; `act` also halts our rollouts and pauses the vendor at once when a conviction
 * is certain enough. Devices are never changed by it: that takes approvers.
 */
export const ResponseMode = z.enum(["notify", "propose", "act"]);
export type ResponseMode = z.infer<typeof ResponseMode>;

/** Counts behind a verdict, as they were when it fell. */
export const EvidenceCounts = z.strictObject({
  /** Machines with a crash, an unexpected restart or a silence since the version appeared. */
  affected: z.int().min(0),
  /** Of these, those that ran it. */
  affectedExposed: z.int().min(0),
  /** Machines without any, and how many of them run it. */
  well: z.int().min(0),
  wellExposed: z.int().min(0),
  /** By signal: of machines that ran it, and of others. */
  signals: z.array(
    z.strictObject({ signal: z.enum(["bugcheck", "restart", "silence"]), exposed: z.int(), others: z.int() }),
  ),
  /** Sites with affected machines that ran it. */
  sites: z.int().min(0),
  /** Of the events beyond what is usual, the share that ran it; null: too few to say. */
  coverage: z.number().min(0).max(1).nullable(),
  /** E, and what convicts: 1 / (alpha x share). */
  e: z.number().min(0),
  threshold: z.number().min(0),
  /** Crash dumps that point at this product, and at others. */
  dumpsFor: z.int().min(0),
  dumpsElsewhere: z.int().min(0),
});
export type EvidenceCounts = z.infer<typeof EvidenceCounts>;

/** Evidence in sentences: the one that says it all, what speaks for it, what against it, and what is not known. */
export const EvidenceWords = z.strictObject({
  sentence: text(2_000),
  for: z.array(text(500)).max(20),
  against: z.array(text(500)).max(20),
  unknown: z.array(text(500)).max(20),
});
export type EvidenceWords = z.infer<typeof EvidenceWords>;

export const IncidentVersion = z.strictObject({
  ...VersionRef.shape,
  label: text(120).nullable(),
  /** `declared`: by a person. Two that travel together are convicted as a set. */
  verdict: z.enum(["suspect", "convicted", "declared"]),
});
export type IncidentVersion = z.infer<typeof IncidentVersion>;

/** One release may bring many files, and all of them at once. */
export const VERSIONS_MAX = 200;

/** `suggested`: prepared, and waits for a person. `failed`: tried, and tried again as far as that makes sense. */
const ActionOutcome = z.enum(["done", "suggested", "failed"]);

export const IncidentEvent = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("opened"),
    at: Instant,
    by: Actor,
    cause: z.enum(["conviction", "mass-silence", "declared"]),
    title: text(200),
    versions: z.array(IncidentVersion).max(VERSIONS_MAX),
    because: text(2_000),
  }),
  /** Verdicts on versions, new or firmer. `certainty`: may the controller act by itself on it? */
  z.strictObject({
    kind: z.literal("versions-named"),
    at: Instant,
    versions: z.array(IncidentVersion).min(1).max(VERSIONS_MAX),
    certainty: z.enum(["act", "propose"]),
    because: text(2_000),
  }),
  z.strictObject({
    kind: z.literal("evidence"),
    at: Instant,
    of: VersionRef.nullable(),
    counts: EvidenceCounts.nullable(),
    words: EvidenceWords,
  }),
  z.strictObject({
    kind: z.literal("rollouts-halted"),
    at: Instant,
    by: Actor,
    rollouts: z.array(RolloutId).max(1_000),
    because: text(1_000),
  }),
  z.strictObject({
    kind: z.literal("hold"),
    at: Instant,
    by: Actor,
    source: ContentSourceId,
    hold: HoldId.nullable(),
    outcome: ActionOutcome,
    because: text(1_000),
  }),
  z.strictObject({
    kind: z.literal("vendor"),
    at: Instant,
    by: Actor,
    connector: Slug,
    action: z.enum(["pause", "revert", "pin", "resume"]),
    source: ContentSourceId,
    outcome: ActionOutcome,
    because: text(1_000),
  }),
  z.strictObject({ kind: z.literal("plan-made"), at: Instant, by: Actor, plan: PlanId, because: text(1_000) }),
  /** A convicted version turned up on devices where it was not, `devices` of them by now. */
  z.strictObject({
    kind: z.literal("seen-again"),
    at: Instant,
    of: VersionRef,
    devices: z.int().min(1),
    because: text(1_000),
  }),
  /** Machines that were silent are back. */
  z.strictObject({ kind: z.literal("silence-over"), at: Instant, because: text(1_000) }),
  /** It is the same as another one, where all goes on. */
  z.strictObject({ kind: z.literal("merged"), at: Instant, by: Actor, into: IncidentId, because: text(1_000) }),
  z.strictObject({ kind: z.literal("absorbed"), at: Instant, by: Actor, from: IncidentId, because: text(1_000) }),
  z.strictObject({ kind: z.literal("closed"), at: Instant, by: Actor, because: text(1_000) }),
  z.strictObject({ kind: z.literal("reopened"), at: Instant, by: Actor, because: text(1_000) }),
]);
export type IncidentEvent = z.infer<typeof IncidentEvent>;

export const IncidentState = z.enum(["open", "closed", "merged"]);
export type IncidentState = z.infer<typeof IncidentState>;

/** How a site stands to an incident. A machine that is affected is counted there alone. */
export const SiteSpread = z.strictObject({
  site: Site,
  devices: z.int(),
  affected: z.int(),
  exposedAndWell: z.int(),
  notExposed: z.int(),
  /** Not heard, so nothing is known. */
  unknown: z.int(),
});
export type SiteSpread = z.infer<typeof SiteSpread>;
