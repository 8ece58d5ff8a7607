/**
 * Stopping everything, going on again, and holding a source: the few things that happen outside a plan.
 *
 * Stopping needs no signature: whoever could forge a stop could as well keep every order back. Going on needs k approvers.
 */
import { z } from "zod";
import { ContentSourceId } from "./content.ts";
import { HoldId, StopId } from "./ids.ts";
import { text } from "./names.ts";
import { Instant } from "./time.ts";

/** Takes no new step, finishes to a safe point, takes no order until k approvers let it go on. */
export const EmergencyStop = z.strictObject({ stopId: StopId, at: Instant, by: text(100), because: text(1_000) });
export type EmergencyStop = z.infer<typeof EmergencyStop>;

/** Signed by as many approvers as a plan needs. */
export const ResumeStatement = z.strictObject({
  schema: z.literal("ringback.resume/1"),
  stopId: StopId,
  issuedAt: Instant,
  validUntil: Instant,
  minimumTrustVersion: z.int().min(1),
});
export type ResumeStatement = z.infer<typeof ResumeStatement>;

/** Signed by one approver for up to 4 hours, once in 24; by k approvers for longer. The device releases it by itself. */
export const HoldStatement = z.strictObject({
  schema: z.literal("ringback.hold/1"),
  holdId: HoldId,
  source: ContentSourceId,
  issuedAt: Instant,
  until: Instant,
  minimumTrustVersion: z.int().min(1),
});
export type HoldStatement = z.infer<typeof HoldStatement>;
