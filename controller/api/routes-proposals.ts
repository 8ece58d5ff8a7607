/** Routes from an incident to a plan: the library, the proposal, the plan made of it, and asking devices beforehand. */
import { z } from "zod";
import { PlanView } from "../../protocol/api.ts";
import {
  DryRunRequest,
  DryRunView,
  Library,
  PlanProposal,
  ProposalQuery,
  ProposedPlanRequest,
} from "../../protocol/api-proposals.ts";
import { IncidentId } from "../../protocol/ids.ts";
import { created, ok, type Route, route } from "./route.ts";

const OneIncident = z.strictObject({ id: IncidentId });

export const PROPOSAL_ROUTES: readonly Route[] = [
  route({
    method: "get",
    path: "/library",
    operation: "listPlaybooks",
    summary: "The playbook library, as it is written",
    answers: { 200: "Every entry; those that can roll nothing back say why" },
    schema: Library,
    handle: async (_input, { administration }) => ok(await administration.library()),
  }),
  route({
    method: "get",
    path: "/incidents/{id}/proposal",
    operation: "getProposal",
    summary: "The plan that fits an incident: playbook, targets, exclusions, waves and budgets, each with its reason",
    description:
      "Nothing is stored by asking. `request` is what POST /plans takes; it is null while something is missing.",
    params: OneIncident,
    query: ProposalQuery,
    answers: { 200: "The proposal" },
    schema: PlanProposal,
    handle: async ({ params, query }, { administration }) =>
      ok(await administration.incidentProposal(params.id, query)),
  }),
  route({
    method: "post",
    path: "/incidents/{id}/plan",
    operation: "planIncident",
    summary: "Make the proposed plan",
    description: "It is a plan like any other: nothing happens on any device before approval and start.",
    params: OneIncident,
    body: ProposedPlanRequest,
    repeatable: true,
    answers: { 201: "The plan, not approved yet" },
    schema: PlanView,
    handle: async ({ params, body, by }, { administration }) => {
      const plan = await administration.planIncident(params.id, body, by);
      return created(plan, `/plans/${plan.id}`);
    },
  }),
  route({
    method: "post",
    path: "/incidents/{id}/dry-run",
    operation: "startDryRun",
    summary: "Ask a few connected devices what the proposed steps would do there; nothing is changed",
    description:
      "Without `devices` five targets of different sites are asked. Answers come within a minute: ask with GET.",
    params: OneIncident,
    body: DryRunRequest,
    answers: { 200: "Who was asked" },
    schema: DryRunView,
    handle: async ({ params, body }, { administration }) => ok(await administration.startDryRun(params.id, body)),
  }),
  route({
    method: "get",
    path: "/incidents/{id}/dry-run",
    operation: "getDryRun",
    summary: "What the devices have answered that were asked last",
    params: OneIncident,
    answers: { 200: "The answers so far" },
    schema: DryRunView,
    handle: async ({ params }, { administration }) => ok(await administration.dryRun(params.id)),
  }),
];
