/** Routes about plans, their approval, and the rollouts that carry them out. */
import { z } from "zod";
import {
  ApprovalRequest,
  PlanList,
  PlanRequest,
  PlanView,
  RolloutAction,
  RolloutActionBody,
  RolloutDevicePage,
  RolloutDeviceQuery,
  RolloutList,
  RolloutRequest,
  RolloutView,
} from "../../protocol/api.ts";
import { SignatureRequest } from "../../protocol/api-trust.ts";
import { EvidenceBundle } from "../../protocol/evidence-bundle.ts";
import { PlanId, RolloutId } from "../../protocol/ids.ts";
import { evidenceText } from "./evidence-text.ts";
import { created, ok, type Route, route } from "./route.ts";

const OnePlan = z.strictObject({ id: PlanId });
const OneRollout = z.strictObject({ id: RolloutId });

const ACTIONS: Readonly<Record<RolloutAction, string>> = {
  pause: "Take no new device; those that have begun finish",
  resume: "Go on, accepting the failures so far; the open wave gets a new deadline",
  halt: "Stop everywhere: no new step, orders withdrawn; devices stay at a safe point",
  abort: "Give the rollout up for good",
};

const actionRoutes = RolloutAction.options.map((action) =>
  route({
    method: "post",
    path: `/rollouts/{id}/${action}`,
    operation: `${action}Rollout`,
    summary: ACTIONS[action],
    params: OneRollout,
    body: RolloutActionBody,
    answers: { 200: "The rollout as it is now" },
    schema: RolloutView,
    handle: async ({ params, body, by }, { administration }) =>
      ok(await administration.act(params.id, action, by, body.because)),
  }),
);

export const ROLLOUT_ROUTES: readonly Route[] = [
  route({
    method: "get",
    path: "/plans",
    operation: "listPlans",
    summary: "Plans, newest first",
    answers: { 200: "The plans" },
    schema: PlanList,
    handle: async (_input, { administration }) => ok(await administration.plans()),
  }),
  route({
    method: "post",
    path: "/plans",
    operation: "makePlan",
    summary: "Bind a playbook to devices and a strategy",
    description: "The device set is frozen in the plan. Nothing happens on any device before approval and start.",
    body: PlanRequest,
    answers: { 201: "The plan, not approved yet" },
    schema: PlanView,
    repeatable: true,
    handle: async ({ body, by }, { administration }) => {
      const plan = await administration.makePlan(body, by);
      return created(plan, `/plans/${plan.id}`);
    },
  }),
  route({
    method: "get",
    path: "/plans/{id}",
    operation: "getPlan",
    summary: "One plan, with what its approver signs or signed",
    params: OnePlan,
    answers: { 200: "The plan" },
    schema: PlanView,
    handle: async ({ params }, { administration }) => ok(await administration.plan(params.id)),
  }),
  route({
    method: "put",
    path: "/plans/{id}",
    operation: "editPlan",
    summary: "Change a plan that was not started",
    description: "What approvers have signed is another text then: their approvals are void.",
    params: OnePlan,
    body: PlanRequest,
    answers: { 200: "The plan, to be approved anew" },
    schema: PlanView,
    handle: async ({ params, body, by }, { administration }) => ok(await administration.editPlan(params.id, body, by)),
  }),
  route({
    method: "post",
    path: "/plans/{id}/approvals",
    operation: "addApproval",
    summary: "Hand in an approver's signature under the plan's statement",
    description: "Made by a passkey or by `ringback approve`. Handing in the same one again changes nothing.",
    params: OnePlan,
    body: SignatureRequest,
    answers: { 200: "The plan with its approvals" },
    schema: PlanView,
    handle: async ({ params, body, by }, { administration }) =>
      ok(await administration.addApproval(params.id, body, by)),
  }),
  route({
    method: "post",
    path: "/plans/{id}/approve",
    operation: "approvePlan",
    summary: "Approve a plan with the controller's starter key, by the digest that was read",
    params: OnePlan,
    body: ApprovalRequest,
    answers: { 200: "The plan with its signed statement" },
    schema: PlanView,
    handle: async ({ params, body, by }, { administration }) =>
      ok(await administration.approvePlan(params.id, body.digest, by)),
  }),
  route({
    method: "get",
    path: "/rollouts",
    operation: "listRollouts",
    summary: "All rollouts",
    answers: { 200: "The rollouts" },
    schema: RolloutList,
    handle: async (_input, { administration }) => ok(await administration.rollouts()),
  }),
  route({
    method: "post",
    path: "/rollouts",
    operation: "startRollout",
    summary: "Start the rollout of an approved plan",
    body: RolloutRequest,
    answers: { 201: "The rollout, running" },
    schema: RolloutView,
    repeatable: true,
    handle: async ({ body, by }, { administration }) => {
      const rollout = await administration.startRollout(body.plan, by);
      return created(rollout, `/rollouts/${rollout.id}`);
    },
  }),
  route({
    method: "get",
    path: "/rollouts/{id}",
    operation: "getRollout",
    summary: "One rollout: waves, gates with what they observed, and what it waits for",
    params: OneRollout,
    answers: { 200: "The rollout" },
    schema: RolloutView,
    handle: async ({ params }, { administration }) => ok(await administration.rollout(params.id)),
  }),
  route({
    method: "get",
    path: "/rollouts/{id}/devices",
    operation: "listRolloutDevices",
    summary: "What has become of each device of a rollout, a page at a time",
    params: OneRollout,
    query: RolloutDeviceQuery,
    answers: { 200: "One page; `next` is the cursor of the one after it, null on the last" },
    schema: RolloutDevicePage,
    handle: async ({ params, query }, { administration }) => ok(await administration.rolloutDevices(params.id, query)),
  }),
  route({
    method: "get",
    path: "/rollouts/{id}/evidence",
    operation: "getRolloutEvidence",
    summary: "Everything about a rollout that others signed, for somebody who trusts no controller",
    description:
      "Approvals, trust documents, policies, orders and receipts as they were signed; the rest is sealed by the controller's online key. `ringback evidence verify` checks it offline.",
    params: OneRollout,
    answers: { 200: "The bundle" },
    schema: EvidenceBundle,
    handle: async ({ params, by }, { administration }) => {
      const bundle = await administration.rolloutEvidence(params.id, by);
      return { ...ok(bundle), pieces: evidenceText(bundle) };
    },
  }),
  ...actionRoutes,
  route({
    method: "post",
    path: "/rollouts/{id}/undo",
    operation: "makeUndoPlan",
    summary: "Make a plan that undoes what the rollout did",
    description: "A new plan with its own approval: undoing may bring the faulty version back.",
    params: OneRollout,
    answers: { 201: "The new plan, not approved yet" },
    schema: PlanView,
    repeatable: true,
    handle: async ({ params, by }, { administration }) => {
      const plan = await administration.makeUndoPlan(params.id, by);
      return created(plan, `/plans/${plan.id}`);
    },
  }),
];
