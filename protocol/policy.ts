/**
 * What may be done on devices at all, as policy holders signed it: which sources, where, by which steps, how much.
 * No order widens it; a device's own settings narrow it further.
 */
import { z } from "zod";
import { Sha256 } from "./canonical.ts";
import { ContentSourceId } from "./content.ts";
import { Slug, text } from "./names.ts";
import { Step } from "./playbook.ts";
import { RegistryKey } from "./registry.ts";
import { DurationMs, Instant } from "./time.ts";
import { WindowsPath } from "./windows-path.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** One person may hold a source for no longer than this, whatever a policy says. */
export const HOLD_ALONE_MS_MAX = 4 * HOUR_MS;
/** After one such hold a source is free for so long. */
export const HOLD_ALONE_EVERY_MS = DAY_MS;

export const StepKinds = z.enum(Step.options.map((option) => option.shape.kind.value));

export const SourceRule = z.strictObject({
  /** `*`: every source that no other rule names. */
  source: ContentSourceId.or(z.literal("*")),
  /** Folders in which steps may touch files. */
  roots: z.array(WindowsPath).max(50),
  steps: z.array(StepKinds).max(50),
  /** May one person hold it for some hours? Protection stops updating meanwhile. */
  holdable: z.boolean(),
  /** Since minor 3: keys of the registry at and under which steps may set values. Left out: none. */
  registryKeys: z.array(RegistryKey).max(50).optional(),
});
export type SourceRule = z.infer<typeof SourceRule>;

/** A narrow, expiring permission, signed in advance, that the guardian may use when nobody can be asked. */
export const StandingOrder = z.strictObject({
  id: Slug,
  title: text(120),
  source: ContentSourceId,
  /** Only for contents that are named here. */
  sha256: z.array(Sha256).min(1).max(20),
  steps: z.array(Step).min(1).max(20),
  validUntil: Instant,
  usesMax: z.int().min(1).max(10),
});

export const PolicyLimits = z.strictObject({
  filesPerOrderMax: z.int().min(1).max(400),
  /** Between the orders that restart a device or change how a service starts. */
  disruptionGapMs: DurationMs.max(30 * DAY_MS),
  validityMsMax: DurationMs.min(60_000).max(30 * DAY_MS),
  /** Plans for more devices than this need a signature by a key file among their approvals. Null: none does. */
  keyFileAboveDevices: z.int().min(0).nullable(),
  /** People who must approve what brings quarantined contents back, if more than for other plans. */
  restoreThreshold: z.int().min(1).max(16).nullable(),
});

export const Policy = z
  .strictObject({
    schema: z.literal("ringback.policy/1"),
    version: z.int().min(1),
    issuedAt: Instant,
    sources: z.array(SourceRule).max(500),
    limits: PolicyLimits,
    standingOrders: z.array(StandingOrder).max(100),
  })
  .refine(({ sources }) => new Set(sources.map(({ source }) => source)).size === sources.length, {
    path: ["sources"],
    message: "names a source twice",
  });
export type Policy = z.infer<typeof Policy>;

export const ruleFor = ({ sources }: Policy, source: ContentSourceId): SourceRule | undefined =>
  sources.find((rule) => rule.source === source) ?? sources.find((rule) => rule.source === "*");
