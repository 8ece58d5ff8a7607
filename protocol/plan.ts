/**
 * Plans, the statement that approvers sign, and the orders that carry it to a device.
 *
 * The statement says everything that matters in clear; orders only point to it. What is not in a signed statement
 * cannot be ordered.
 */
import { z } from "zod";
import { digestOf, Sha256 } from "./canonical.ts";
import { ContentSourceId } from "./content.ts";
import { Envelope } from "./dsse.ts";
import { DeviceId, IncidentId, OrderId, PlanId, RolloutId } from "./ids.ts";
import { MerkleProof } from "./merkle.ts";
import { Site, text } from "./names.ts";
import { Playbook, Step } from "./playbook.ts";
import { Strategy } from "./strategy.ts";
import { Instant } from "./time.ts";

/** A playbook bound to devices and a strategy. Frozen when made: its digest stands in the statement. */
export const Plan = z.strictObject({
  id: PlanId,
  title: text(200),
  createdAt: Instant,
  playbook: Playbook,
  strategy: Strategy,
  incident: IncidentId.nullable(),
  /** The plan that this one undoes. */
  undoes: PlanId.nullable(),
  /** The plan whose late devices this one takes. Plans of before have no such field. */
  supplements: PlanId.nullable().optional(),
  /** The frozen device set, wave by wave, in the order of the strategy's waves. */
  waves: z
    .array(z.strictObject({ name: text(60), devices: z.array(DeviceId) }))
    .min(1)
    .max(50),
});
export type Plan = z.infer<typeof Plan>;

/**
 * What approvers sign. `restore` brings contents back that an approved plan had put away: sealed under a payload type of
 * its own, so that an approval of the one kind is none of the other.
 */
export const PlanStatement = z.strictObject({
  schema: z.literal("ringback.plan-statement/2"),
  kind: z.enum(["rollback", "restore"]),
  planId: PlanId,
  planDigest: Sha256,
  title: text(200),
  steps: z.array(Step).min(1).max(20),
  source: ContentSourceId,
  /** See `TrustDocument.eras`. */
  era: z.int().min(1),
  /** A device refuses a plan of an older generation of the same source and era, and of the same one by another text. */
  generation: z.int().min(1),
  undoes: PlanId.nullable(),
  /** The plan whose late devices this one takes. */
  supplements: PlanId.nullable(),
  deviceCount: z.int().min(1),
  sites: z.array(Site).min(1).max(2_000),
  waves: z
    .array(z.strictObject({ name: text(60), notBefore: Instant, size: z.int().min(0), root: Sha256 }))
    .min(1)
    .max(50),
  validFrom: Instant,
  validUntil: Instant,
  minimumTrustVersion: z.int().min(1),
  minimumPolicyVersion: z.int().min(1),
});
export type PlanStatement = z.infer<typeof PlanStatement>;

/** Steps that bring something back make a plan a restoring one. */
export const kindOf = (steps: readonly Step[]): PlanStatement["kind"] =>
  steps.some(({ kind }) => kind === "restore-file" || kind === "restore-from-quarantine") ? "restore" : "rollback";

export const stepsDigest = (steps: readonly Step[]): Sha256 => digestOf(steps);

/** The signed instruction for one device in one wave. Signed by the online key, which proves freshness, not authority. */
export const WaveOrder = z.strictObject({
  schema: z.literal("ringback.wave-order/2"),
  orderId: OrderId,
  rolloutId: RolloutId,
  planId: PlanId,
  statementDigest: Sha256,
  wave: z.int().min(0),
  deviceId: DeviceId,
  proof: MerkleProof,
  /** That the gate of the wave before has passed, and when; null for the first wave. */
  gate: z.strictObject({ wave: z.int().min(0), passedAt: Instant }).nullable(),
  issuedAt: Instant,
});
export type WaveOrder = z.infer<typeof WaveOrder>;

/** What lies in a device's mailbox. A withdrawn order must not begin; one that has begun takes no new step. */
export const Order = z.strictObject({
  orderId: OrderId,
  withdrawn: z.boolean(),
  order: Envelope,
  statement: Envelope,
});
export type Order = z.infer<typeof Order>;
