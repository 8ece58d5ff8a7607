/** What the API tells of the way from an incident to a plan: the library, the proposal, dry runs. */
import { z } from "zod";
import { PlanRequest } from "./api.ts";
import { DeviceId, IncidentId } from "./ids.ts";
import { LibraryParameters } from "./library.ts";
import { Role, Slug, text } from "./names.ts";
import { Instant } from "./time.ts";

/** Machines that a proposal leaves out, with the reason. `examples` are names. */
export const Exclusion = z.strictObject({ because: z.string(), devices: z.int(), examples: z.array(z.string()) });
export type Exclusion = z.infer<typeof Exclusion>;
/** One point of a curve: minutes after the start, and the share of the targets that are back. */
export const CurvePoint = z.strictObject({ minutes: z.number(), recovered: z.number() });
export const WhatIf = z.strictObject({
  strategy: z.string(),
  curve: z.array(CurvePoint),
  /** Minutes until so many of the targets are back; null: not within the plan's validity. */
  half: z.number().nullable(),
  ninety: z.number().nullable(),
  ninetyNine: z.number().nullable(),
  because: z.string(),
});
export const PlanProposal = z.strictObject({
  incident: IncidentId,
  /** Null: the library has none that fits; `because` says why and what to do. */
  playbook: z
    .strictObject({ name: Slug, title: text(120), summary: z.string(), adapted: z.array(z.string()) })
    .nullable(),
  because: z.string(),
  /** Other playbooks of the library that could be meant, with the reason they are not the first choice. */
  alternatives: z.array(z.strictObject({ name: Slug, title: text(120), because: z.string() })),
  /** What making the plan would send; null while something is missing, which `missing` names. */
  request: PlanRequest.nullable(),
  missing: z.array(z.string()),
  targets: z.int(),
  excluded: z.array(Exclusion),
  waves: z.array(z.strictObject({ name: text(60), devices: z.int(), because: z.string() })),
  /** Rules of roles and budgets, in sentences. */
  rules: z.array(z.string()),
  warnings: z.array(z.string()),
  whatIf: z.array(WhatIf),
  asOf: Instant,
});
export type PlanProposal = z.infer<typeof PlanProposal>;
/** Chooses another playbook of the library, or leaves it to the incident. */
export const ProposalQuery = z.strictObject({ playbook: Slug.optional() });
/** `parameters`: what the proposal has named as missing, and a person has found out. */
export const ProposedPlanRequest = z.strictObject({
  playbook: Slug.optional(),
  parameters: LibraryParameters.optional(),
});

/** Asks some devices what each step would do there. Nothing is changed by it. */
export const DryRunRequest = z.strictObject({
  devices: z.array(DeviceId).min(1).max(20).optional(),
  ...ProposedPlanRequest.shape,
});
export const DryRunView = z.strictObject({
  devices: z.array(
    z.strictObject({
      device: DeviceId,
      name: z.string(),
      role: Role,
      /** `asked`: no answer yet. `too-old`: this agent cannot. */
      state: z.enum(["asked", "answered", "refused", "too-old", "not-connected"]),
      steps: z.array(
        z.strictObject({ step: z.int(), would: z.enum(["change", "nothing", "fail"]), because: z.string() }),
      ),
      because: z.string(),
    }),
  ),
  sentence: z.string(),
  asOf: Instant,
});
export type DryRunView = z.infer<typeof DryRunView>;

// ---- the playbook library ------------------------------------------------------------------------------------------

export const LibraryEntry = z.strictObject({
  name: Slug,
  title: text(120),
  summary: z.string(),
  /** Patterns of sources, as `crowdstrike.*`, with commas between them. */
  source: z.string(),
  /** The incident it was written after. */
  after: z.string(),
  restarts: z.boolean(),
  /** Why nothing can be rolled back; null where its steps roll back. */
  noRollback: z.string().nullable(),
  /** The scenario that rehearses it. */
  drill: Slug,
  yaml: z.string(),
});
export const Library = z.strictObject({ items: z.array(LibraryEntry), asOf: Instant });
