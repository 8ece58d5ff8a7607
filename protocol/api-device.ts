/**
 * What the API tells of one device: its boots, every report as it came, and its orders with what became of them.
 *
 * Order in time is always that in which the controller received things. A device's own clock is shown, never sorted by.
 */
import { z } from "zod";
import { page, PageQuery } from "./api.ts";
import { BootEnd, BootHealthy, BootId, BootReport, CrashDump, LoggedBoot } from "./boot.ts";
import { Sha256 } from "./canonical.ts";
import { ContentChange } from "./content.ts";
import { Envelope } from "./dsse.ts";
import { ReportBody } from "./frames.ts";
import { DeviceId, EpochId, OrderId, PlanId, RolloutId } from "./ids.ts";
import { text } from "./names.ts";
import { Step } from "./playbook.ts";
import { OrderOutcome, Receipt, RefusalRule, StepFault, StepOutcome, StepProgress } from "./progress.ts";
import { Instant } from "./time.ts";

export const OneDevice = z.strictObject({ id: DeviceId });

// ---- boots ---------------------------------------------------------------------------------------------------------

/**
 * How a boot ended and who says so.
 *
 * `event-log`: the log, read at a later boot, names this very boot. `next-boot`: the boot after it says how the one
 * before had ended, by what it found in the log and in crash dumps. `leaving`: the device announced it, and nothing was
 * heard since. `toldBy` is the boot whose report says it; `endedAt` is the device's clock; `crashDumps` are those that
 * the report names for this end.
 */
export const BootEnding = z.discriminatedUnion("by", [
  z.strictObject({
    by: z.literal("event-log"),
    end: BootEnd,
    endedAt: Instant.nullable(),
    toldBy: BootId,
    receivedAt: Instant,
    crashDumps: z.array(CrashDump),
  }),
  z.strictObject({
    by: z.literal("next-boot"),
    end: BootEnd,
    endedAt: Instant.nullable(),
    toldBy: BootId,
    receivedAt: Instant,
    crashDumps: z.array(CrashDump),
  }),
  z.strictObject({ by: z.literal("leaving"), reason: z.enum(["shutdown", "restart"]), receivedAt: Instant }),
]);
export type BootEnding = z.infer<typeof BootEnding>;

/**
 * When a boot was, on the controller's clock as near as can be told: by the device's clock where that can be right
 * (`device-clock`), otherwise by when its report was received. `endedAt` is null where nothing says when it ended.
 */
const BootTimes = z.strictObject({
  startedAt: Instant,
  endedAt: Instant.nullable(),
  basis: z.enum(["device-clock", "receive-time"]),
});

/** A boot that its agent reported. `boot` is the report as it was received first. */
export const ReportedBoot = z.strictObject({
  kind: z.literal("reported"),
  /** Names the boot among those of its device; it stays the same. */
  key: z.string(),
  times: BootTimes,
  boot: BootReport,
  receivedAt: Instant,
  /** The last report of this boot. */
  heardUntil: Instant,
  /** The declared services ran and the time had passed; null if that was not said, so far or ever. */
  good: z.strictObject({ receivedAt: Instant, healthy: BootHealthy }).nullable(),
  /** The newest, at most 50, oldest first; `changesLeftOut` counts the others. */
  changes: z.array(z.strictObject({ receivedAt: Instant, entry: ContentChange })),
  changesLeftOut: z.int().min(0),
  /** Null while it runs, and as long as nobody has said how it ended. */
  ending: BootEnding.nullable(),
});
export type ReportedBoot = z.infer<typeof ReportedBoot>;

/**
 * A boot that only the event log knows which a later boot sent. `agentRan` is `no`, or `not-known` where the device's
 * clock was set in between, so that it may be a reported boot under another start.
 */
export const LoggedBootView = z.strictObject({
  kind: z.literal("logged"),
  key: z.string(),
  times: BootTimes,
  logged: LoggedBoot,
  agentRan: z.enum(["no", "not-known"]),
  ending: BootEnding,
});
export type LoggedBootView = z.infer<typeof LoggedBootView>;

export const BootView = z.discriminatedUnion("kind", [ReportedBoot, LoggedBootView]);
export type BootView = z.infer<typeof BootView>;
export const BootQuery = PageQuery.extend({ limit: z.coerce.number().int().min(1).max(200).default(50) });
export const BootPage = page(BootView);

// ---- reports -------------------------------------------------------------------------------------------------------

export const ReportKind = z.enum(ReportBody.options.map((option) => option.shape.kind.value));
export type ReportKind = z.infer<typeof ReportKind>;
/** A report as it is stored; `digest` is of the bytes in which it came. */
export const StoredReport = z.strictObject({
  epoch: EpochId,
  sequence: z.int().min(1),
  digest: Sha256,
  receivedAt: Instant,
  body: ReportBody,
});
export type StoredReport = z.infer<typeof StoredReport>;
export const ReportQuery = PageQuery.extend({ kind: ReportKind.optional() });
/** A page may hold fewer than were asked for and still have a `next`: one request looks through so many reports only. */
export const ReportPage = page(StoredReport);

// ---- orders --------------------------------------------------------------------------------------------------------

/**
 * `waiting`: no agent has it. `handed`: given to the agent, which has not said yet whether it takes it. `recalled`: taken
 * back before any agent had it. `unproven`: ended with a receipt that proves nothing.
 */
export const OrderStanding = z.enum([
  "waiting",
  "handed",
  "running",
  "recalled",
  "refused",
  "unproven",
  ...OrderOutcome.options,
]);
export type OrderStanding = z.infer<typeof OrderStanding>;

/** `verified`: signed by this device's key, for this device and this order. Otherwise it proves nothing; why is said. */
export const ReceiptCheck = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("verified"), receipt: Receipt, digest: Sha256 }),
  z.strictObject({ kind: z.literal("unproven"), because: z.string(), claimed: Receipt.nullable() }),
]);
export type ReceiptCheck = z.infer<typeof ReceiptCheck>;

/**
 * Of a step's receipt. `verified`: signed by this device's key, for this order, this step and what it says of it;
 * `previous` is the digest of the receipt before it.
 */
export const StepReceiptCheck = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("verified"), digest: Sha256, previous: Sha256.nullable() }),
  z.strictObject({ kind: z.literal("unproven"), because: z.string() }),
]);
export type StepReceiptCheck = z.infer<typeof StepReceiptCheck>;

/**
 * Whether the receipts of an order's steps are all there, each naming the one before it, up to the last one that the
 * order's own receipt names. `none`: the agent makes none.
 */
export const ReceiptChain = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("whole") }),
  z.strictObject({ kind: z.literal("broken"), because: z.string() }),
  z.strictObject({ kind: z.literal("none") }),
]);
export type ReceiptChain = z.infer<typeof ReceiptChain>;

export const OrderStepView = z.strictObject({
  step: Step,
  /** By the receipt if it is verified, otherwise by the last that the device said of the step; null before that. */
  outcome: StepOutcome.or(z.enum(["started", "undoing"])).nullable(),
  fault: StepFault.nullable(),
  because: z.string().nullable(),
  /** What the device said of the step, oldest first; `receipt` is null where there is none. */
  journal: z.array(
    z.strictObject({
      event: StepProgress.shape.event,
      receivedAt: Instant,
      receipt: StepReceiptCheck.nullable(),
    }),
  ),
});
export type OrderStepView = z.infer<typeof OrderStepView>;

export const DeviceOrderView = z.strictObject({
  id: OrderId,
  plan: PlanId,
  rollout: RolloutId,
  title: text(200),
  wave: z.int().min(0),
  waveName: text(60),
  issuedAt: Instant,
  handedAt: Instant.nullable(),
  acceptedAt: Instant.nullable(),
  endedAt: Instant.nullable(),
  /** The agent was told to stop, or is told when it asks. */
  withdrawn: z.boolean(),
  standing: OrderStanding,
  refusal: z.strictObject({ rule: RefusalRule, because: z.string() }).nullable(),
  steps: z.array(OrderStepView),
  stepReceipts: ReceiptChain,
  receipt: z.strictObject({ envelope: Envelope, check: ReceiptCheck }).nullable(),
  /** The signed order itself. */
  envelope: Envelope,
});
export type DeviceOrderView = z.infer<typeof DeviceOrderView>;
export const OrderQuery = PageQuery.extend({ limit: z.coerce.number().int().min(1).max(50).default(10) });
export const OrderPage = page(DeviceOrderView);
