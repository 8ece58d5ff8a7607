/** Plans with the approvals of the statement that they have now. */
import type { Sha256 } from "../../protocol/canonical.ts";
import type { ContentSourceId } from "../../protocol/content.ts";
import type { Envelope } from "../../protocol/dsse.ts";
import type { PlanId, RolloutId } from "../../protocol/ids.ts";
import type { Plan } from "../../protocol/plan.ts";
import type { Instant } from "../../protocol/time.ts";
import type { Approval, Enough, Unsigned } from "./signing.ts";

export interface PlanRow {
  readonly plan: Plan;
  readonly digest: Sha256;
  readonly createdBy: string;
  readonly generation: number | null;
  /** What approvers sign; null in plans of before approvers had keys of their own. */
  readonly statement: Unsigned | null;
  /** In the order in which they came; of this very statement. */
  readonly approvals: readonly Approval[];
  /** The statement with its approvals, once there were enough. */
  readonly envelope: Envelope | null;
  readonly approvedAt: Instant | null;
  readonly approvedBy: string | null;
  readonly rollout: RolloutId | null;
}

export interface PlanStore {
  addPlan(row: PlanRow): Promise<void>;
  /**
   * Another text of a plan that was not started: its approvals are void, in the same transaction. False if it was
   * started.
   */
  replacePlan(row: Pick<PlanRow, "plan" | "digest" | "generation" | "statement">): Promise<boolean>;
  /** `changed`: the statement is another one by now, so this signature counts for nothing and was not kept. */
  addApproval(plan: PlanId, statement: Sha256, approval: Approval): Promise<"added" | "had" | "changed">;
  plan(id: PlanId): Promise<PlanRow | undefined>;
  /** Newest first. */
  plans(limit: number): Promise<readonly PlanRow[]>;
  /** The next generation of a source in an era: one more than the last one given there; never given twice. */
  nextGeneration(source: ContentSourceId, era: number): Promise<number>;
  /** Keeps the envelope with enough approvals. False if the statement is another one by now, or it was started. */
  approvePlan(id: PlanId, approval: Enough): Promise<boolean>;
}
