/** What a device says while it carries out an order, and the receipt it signs at the end. */
import { z } from "zod";
import { BootId } from "./boot.ts";
import { Sha256 } from "./canonical.ts";
import { DeviceId, OrderId, PlanId } from "./ids.ts";
import { text } from "./names.ts";
import { Step } from "./playbook.ts";
import { DurationMs, Instant } from "./time.ts";
import { WindowsPath } from "./windows-path.ts";

/** Why an agent will not begin an order. The rule is stable; `because` is for people. */
export const RefusalRule = z.enum([
  "statement-signature",
  "order-signature",
  "schema",
  "wrong-plan",
  "wrong-device",
  "not-in-wave",
  "not-yet-valid",
  "expired",
  "not-before",
  "older-generation",
  "trust-version",
  "replayed",
  "step-not-allowed",
  "path-not-allowed",
  "attempts-exhausted",
  /** Taken back before it began here: nothing was done. */
  "withdrawn",
  "journal-unreadable",
]);
export type RefusalRule = z.infer<typeof RefusalRule>;

/** What became of a step. `not-applicable`: it had nothing to do here, and nothing was done. */
export const StepOutcome = z.enum(["done", "not-applicable", "failed", "undone", "undo-failed", "not-begun"]);
export type StepOutcome = z.infer<typeof StepOutcome>;

/** What went wrong with a step, in words a program can switch on. */
export const StepFault = z.enum([
  "disk-full",
  "file-locked",
  "file-changed",
  "permission-denied",
  "too-many-matches",
  "not-found",
  "path-escapes",
  "verify-failed",
  "timed-out",
  "restarts-exhausted",
  "unexpected",
]);
export type StepFault = z.infer<typeof StepFault>;

export const StepProgress = z.strictObject({
  orderId: OrderId,
  step: z.int().min(0).max(19),
  event: z.enum(["started", "done", "not-applicable", "failed", "undo-started", "undone", "undo-failed"]),
  fault: StepFault.optional(),
  because: text(1_000).optional(),
});
export type StepProgress = z.infer<typeof StepProgress>;

export const OrderOutcome = z.enum(["succeeded", "failed", "not-applicable", "stopped"]);
export type OrderOutcome = z.infer<typeof OrderOutcome>;

export const FileEffect = z.strictObject({
  path: WindowsPath,
  sha256: Sha256,
  sizeBytes: z.int().min(0),
  effect: z.enum(["quarantined", "restored"]),
});
export type FileEffect = z.infer<typeof FileEffect>;

/** The device's own account of an order, signed with its key. `durationMs` is measured by the device. */
export const Receipt = z.strictObject({
  schema: z.literal("ringback.receipt/1"),
  orderId: OrderId,
  planId: PlanId,
  deviceId: DeviceId,
  outcome: OrderOutcome,
  steps: z
    .array(
      z.strictObject({
        kind: z.enum(Step.options.map((option) => option.shape.kind.value)),
        outcome: StepOutcome,
        fault: StepFault.optional(),
        because: text(1_000).optional(),
        files: z.array(FileEffect).max(20),
      }),
    )
    .min(1)
    .max(20),
  bootId: BootId,
  durationMs: DurationMs,
  finishedAt: Instant,
});
export type Receipt = z.infer<typeof Receipt>;
