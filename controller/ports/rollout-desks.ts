/** What people may ask about what is done: plans, rollouts, and the evidence of both. */
import type { z } from "zod";
import type { SignatureRequest } from "../../protocol/api-trust.ts";
import type {
  PlanList,
  PlanRequest,
  PlanView,
  RolloutAction,
  RolloutDevicePage,
  RolloutDeviceQuery,
  RolloutList,
  RolloutView,
} from "../../protocol/api.ts";
import type { Sha256 } from "../../protocol/canonical.ts";
import type { EvidenceBundle } from "../../protocol/evidence-bundle.ts";
import type { PlanId, RolloutId } from "../../protocol/ids.ts";

export interface PlanDesk {
  plans(): Promise<z.infer<typeof PlanList>>;
  plan(id: PlanId): Promise<PlanView>;
  makePlan(request: z.output<typeof PlanRequest>, by: string): Promise<PlanView>;
  /** A new plan that undoes what the rollout's plan did; it needs its own approval. */
  makeUndoPlan(rollout: RolloutId, by: string): Promise<PlanView>;
  /** Approves with the controller's own starter key, as long as it counts. */
  approvePlan(id: PlanId, digest: Sha256, by: string): Promise<PlanView>;
  /** Another text of a plan that was not started. Its approvals are void. */
  editPlan(id: PlanId, request: z.output<typeof PlanRequest>, by: string): Promise<PlanView>;
  /** Takes an approver's signature under the statement. */
  addApproval(id: PlanId, approval: z.infer<typeof SignatureRequest>, by: string): Promise<PlanView>;
}

export interface RolloutDesk {
  startRollout(plan: PlanId, by: string): Promise<RolloutView>;
  rollouts(): Promise<z.infer<typeof RolloutList>>;
  rollout(id: RolloutId): Promise<RolloutView>;
  rolloutDevices(id: RolloutId, query: z.output<typeof RolloutDeviceQuery>): Promise<z.infer<typeof RolloutDevicePage>>;
  act(id: RolloutId, action: RolloutAction, by: string, because: string): Promise<RolloutView>;
}

export interface EvidenceDesk {
  /** Everything about a rollout that others signed, and what the controller says of it, sealed by its online key. */
  rolloutEvidence(id: RolloutId, by: string): Promise<EvidenceBundle>;
}
