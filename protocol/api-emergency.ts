/** What the API tells of emergency stops, holds and refusals, and takes for them. */
import { z } from "zod";
import { ApprovalView, page, PageQuery } from "./api.ts";
import { Sha256 } from "./canonical.ts";
import { ContentSourceId } from "./content.ts";
import { Envelope } from "./dsse.ts";
import { EmergencyStop, HoldStatement, ResumeStatement } from "./emergency.ts";
import { DeviceId, HoldId, OrderId, StopId } from "./ids.ts";
import { text } from "./names.ts";
import { RefusalRule, TrustRefusalRule } from "./progress.ts";
import { Instant } from "./time.ts";

/** What approvers sign, its payload digest, and who has signed it. `approvalsNeeded` are people. */
const Word = {
  statementDigest: Sha256,
  /** The very bytes that are signed, with their type. */
  signed: Envelope.pick({ payloadType: true, payload: true }),
  approvals: z.array(ApprovalView),
  approvalsNeeded: z.int().min(1),
  /** With enough signatures: what agents are told. */
  envelope: Envelope.nullable(),
};

/** `stored`: false while the database does not take it; then it lies in a file of the controller and counts all the same. */
export const StopView = z.strictObject({
  stop: EmergencyStop,
  stored: z.boolean(),
  word: z.strictObject({ statement: ResumeStatement, ...Word }).nullable(),
  resumedAt: Instant.nullable(),
  resumedBy: z.string().nullable(),
});
export type StopView = z.infer<typeof StopView>;
export const EmergencyView = z.strictObject({
  /** Nobody has ended these. */
  inForce: z.array(StopView),
  /** Newest first. */
  ended: z.array(StopView),
  sentence: z.string(),
  asOf: Instant,
});
export type EmergencyView = z.infer<typeof EmergencyView>;
export const StopRequest = z.strictObject({
  because: EmergencyStop.shape.because,
  /** Of a stop that devices name and this controller does not know: known here, it can be ended. */
  stopId: StopId.optional(),
});
/** The digest that was read, so that nobody approves what they did not see. */
export const WordApproveRequest = z.strictObject({ statementDigest: Sha256 });

/** `over`: its time has passed, and devices have released it by themselves. */
export const HoldStanding = z.enum(["waiting", "in-force", "released", "over"]);
export const HoldView = z.strictObject({
  id: HoldId,
  statement: HoldStatement,
  standing: HoldStanding,
  because: z.string(),
  madeAt: Instant,
  madeBy: z.string(),
  ...Word,
  releasedAt: Instant.nullable(),
  releasedBy: z.string().nullable(),
});
export type HoldView = z.infer<typeof HoldView>;
export const HoldList = z.strictObject({ items: z.array(HoldView), asOf: Instant });
export const OneHold = z.strictObject({ id: HoldId });
export const HoldRequest = z.strictObject({
  source: ContentSourceId,
  /** Up to 4 by one approver, as the policy says; more by as many as a plan needs. */
  hours: z.number().min(0.1).max(720),
  because: text(1_000),
});

export const RefusalView = z.strictObject({
  device: DeviceId,
  /** Null for a device that is gone. */
  name: z.string().nullable(),
  at: Instant,
  what: z.enum(["order", "trust", "policy", "resume", "hold"]),
  order: OrderId.nullable(),
  rule: RefusalRule.or(TrustRefusalRule),
  because: z.string(),
  /** What to do next. */
  advice: z.string(),
});
export type RefusalView = z.infer<typeof RefusalView>;
export const RefusalQuery = PageQuery.extend({ limit: z.coerce.number().int().min(1).max(200).default(50) });
export const RefusalPage = page(RefusalView);
