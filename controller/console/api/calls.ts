/**
 * What the console asks the controller to do, one function a route. What it reads goes through `hooks/use-view.ts`.
 *
 * Making a rollout or a plan carries an idempotency key: a press that is sent twice makes one.
 */
import { z } from "zod";
import {
  DeviceView,
  PlanView,
  type RolloutAction,
  RolloutView,
  SessionView,
  SetupAnswer,
} from "../../../protocol/api.ts";
import { EmergencyView } from "../../../protocol/api-emergency.ts";
import {
  IncidentHaltAnswer,
  IncidentView,
  type ResponseRules,
  ResponseRulesView,
} from "../../../protocol/api-incidents.ts";
import { DryRunView, type ProposedPlanRequest } from "../../../protocol/api-proposals.ts";
import type { SignatureRequest } from "../../../protocol/api-trust.ts";
import type { Sha256 } from "../../../protocol/canonical.ts";
import { TokenMade, type TokenRequest } from "../../../protocol/enrolment.ts";
import type { DeviceId, IncidentId, PlanId, RolloutId, TokenId } from "../../../protocol/ids.ts";
import { ask } from "./client.ts";

export const setUp = async (code: string, name: string): Promise<z.infer<typeof SetupAnswer>> =>
  await ask({ answer: SetupAnswer, path: "/setup", method: "POST", body: { code, name } });

export const signIn = async (token: string): Promise<z.infer<typeof SessionView>> =>
  await ask({ answer: SessionView, path: "/session", method: "POST", body: { token } });

export const act = async (rollout: RolloutId, action: RolloutAction, because: string): Promise<RolloutView> =>
  await ask({ answer: RolloutView, path: `/rollouts/${rollout}/${action}`, method: "POST", body: { because } });

export const makeUndoPlan = async (rollout: RolloutId, idempotencyKey: string): Promise<PlanView> =>
  await ask({ answer: PlanView, path: `/rollouts/${rollout}/undo`, method: "POST", idempotencyKey });

export const approve = async (plan: PlanId, digest: Sha256): Promise<PlanView> =>
  await ask({ answer: PlanView, path: `/plans/${plan}/approve`, method: "POST", body: { digest } });

export const addApproval = async (plan: PlanId, approval: z.infer<typeof SignatureRequest>): Promise<PlanView> =>
  await ask({ answer: PlanView, path: `/plans/${plan}/approvals`, method: "POST", body: approval });

/** Needs nobody's consent. */
export const stopEverything = async (because: string): Promise<EmergencyView> =>
  await ask({ answer: EmergencyView, path: "/emergency-stop", method: "POST", body: { because } });

export const startRollout = async (plan: PlanId, idempotencyKey: string): Promise<RolloutView> =>
  await ask({ answer: RolloutView, path: "/rollouts", method: "POST", body: { plan }, idempotencyKey });

export const setStanding = async (
  device: DeviceId,
  verdict: "accept" | "revoke",
  because: string,
): Promise<DeviceView> =>
  await ask({ answer: DeviceView, path: `/devices/${device}/${verdict}`, method: "POST", body: { because } });

/** The token is in the answer and nowhere else. */
export const makeEnrolmentToken = async (body: z.input<typeof TokenRequest>): Promise<z.infer<typeof TokenMade>> =>
  await ask({ answer: TokenMade, path: "/enrolment-tokens", method: "POST", body });

export const revokeEnrolmentToken = async (id: TokenId): Promise<void> =>
  await ask({ answer: z.undefined(), path: `/enrolment-tokens/${id}`, method: "DELETE" });

// ---- incidents -------------------------------------------------------------------------------------------------------

type HaltAnswer = z.infer<typeof IncidentHaltAnswer>;

export const haltIncident = async (id: IncidentId, because: string): Promise<HaltAnswer> =>
  await ask({ answer: IncidentHaltAnswer, path: `/incidents/${id}/halt`, method: "POST", body: { because } });

export const settleIncident = async (
  id: IncidentId,
  verdict: "close" | "reopen",
  because: string,
): Promise<IncidentView> =>
  await ask({ answer: IncidentView, path: `/incidents/${id}/${verdict}`, method: "POST", body: { because } });

export const mergeIncident = async (id: IncidentId, into: IncidentId, because: string): Promise<IncidentView> =>
  await ask({ answer: IncidentView, path: `/incidents/${id}/merge`, method: "POST", body: { into, because } });

/** What of a proposal a person chose, and found out. */
export type Chosen = z.infer<typeof ProposedPlanRequest>;

export const planIncident = async (id: IncidentId, chosen: Chosen, idempotencyKey: string): Promise<PlanView> =>
  await ask({ answer: PlanView, path: `/incidents/${id}/plan`, method: "POST", body: chosen, idempotencyKey });

/** Asks some devices what the steps would do there; nothing is changed. */
export const dryRunIncident = async (id: IncidentId, chosen: Chosen): Promise<DryRunView> =>
  await ask({ answer: DryRunView, path: `/incidents/${id}/dry-run`, method: "POST", body: chosen });

export const setResponses = async (rules: ResponseRules): Promise<z.infer<typeof ResponseRulesView>> =>
  await ask({ answer: ResponseRulesView, path: "/detection/responses", method: "PUT", body: rules });
