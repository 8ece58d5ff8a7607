/** What a device says while it carries out an order, and the receipt it signs at the end. */
import { z } from "zod";
import { BootId } from "./boot.ts";
import { Sha256 } from "./canonical.ts";
import { Envelope } from "./dsse.ts";
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
  // since minor 2
  /** Fewer people signed than must. */
  "under-signed",
  /** What brings quarantined contents back needs an approval of its own type. */
  "approval-type",
  /** No word by an online key that it is of this moment. */
  "stale",
  /** The order of a later wave without the word that the gate before it has passed. */
  "gate-not-passed",
  "generation-reused",
  "trust-expired",
  "policy-missing",
  "policy-version",
  "source-not-allowed",
  "too-many-files",
  "too-soon",
  "validity-too-long",
  "key-file-needed",
  "emergency-stop",
]);
export type RefusalRule = z.infer<typeof RefusalRule>;

/** To older peers a rule that they do not know is `schema`: `because` says the rest. */
export const isKnownBeforeMinor2 = (rule: RefusalRule): boolean =>
  RefusalRule.options.indexOf(rule) < RefusalRule.options.indexOf("under-signed");

/** Why an agent does not believe a document that is not an order. */
export const TrustRefusalRule = z.enum([
  "signature",
  "under-signed",
  "schema",
  "not-the-next-version",
  "older-version",
  "expired",
  "not-pinned",
  "trust-version",
  "unknown-stop",
  "source-not-allowed",
  "held-too-often",
  "too-long",
  "not-possible-here",
]);
export type TrustRefusalRule = z.infer<typeof TrustRefusalRule>;

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
  /** Since minor 2, of every event that ends something: a `StepReceipt` signed by the device. */
  receipt: Envelope.optional(),
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

/** The device's own account of one step, signed with its key. Each names the one before it, so that none can be left out. */
export const StepReceipt = z.strictObject({
  schema: z.literal("ringback.step-receipt/1"),
  orderId: OrderId,
  planId: PlanId,
  deviceId: DeviceId,
  step: z.int().min(0).max(19),
  kind: z.enum(Step.options.map((option) => option.shape.kind.value)),
  event: z.enum(["done", "not-applicable", "failed", "undone", "undo-failed"]),
  fault: StepFault.optional(),
  because: text(1_000).optional(),
  files: z.array(FileEffect).max(20),
  bootId: BootId,
  at: Instant,
  /** The payload digest of the receipt before it in this order; null for the first. */
  previous: Sha256.nullable(),
});
export type StepReceipt = z.infer<typeof StepReceipt>;

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
  /** Since minor 2: the payload digest of the last step's receipt, which names all before it; null if no step ended. */
  lastStepReceipt: Sha256.nullable().optional(),
});
export type Receipt = z.infer<typeof Receipt>;
