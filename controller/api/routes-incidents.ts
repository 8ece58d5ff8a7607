/** Routes about incidents, about detection, and about what the controller may do by itself. */
import { z } from "zod";
import { IncidentCrashPage, PageQuery } from "../../protocol/api.ts";
import {
  DetectionView,
  IncidentClosing,
  IncidentHaltAnswer,
  IncidentHaltRequest,
  IncidentList,
  IncidentMerging,
  IncidentRequest,
  IncidentSpread,
  IncidentTimeline,
  IncidentView,
  ResponseRules,
  ResponseRulesView,
} from "../../protocol/api-incidents.ts";
import { IncidentId } from "../../protocol/ids.ts";
import { created, ok, type Route, route } from "./route.ts";

const OneIncident = z.strictObject({ id: IncidentId });

export const INCIDENT_ROUTES: readonly Route[] = [
  route({
    method: "get",
    path: "/incidents",
    operation: "listIncidents",
    summary: "Incidents, newest first: opened by detection or declared by people",
    answers: { 200: "All incidents" },
    schema: IncidentList,
    handle: async (_input, { administration }) => ok(await administration.incidents()),
  }),
  route({
    method: "post",
    path: "/incidents",
    operation: "declareIncident",
    summary: "Declare a content version faulty",
    description: "Declaring changes nothing on any device.",
    body: IncidentRequest,
    answers: { 201: "The incident" },
    schema: IncidentView,
    repeatable: true,
    handle: async ({ body, by }, { administration }) => {
      const incident = await administration.declareIncident(body, by);
      return created(incident, `/incidents/${incident.id}`);
    },
  }),
  route({
    method: "get",
    path: "/incidents/{id}",
    operation: "getIncident",
    summary: "One incident",
    params: OneIncident,
    answers: { 200: "The incident" },
    schema: IncidentView,
    handle: async ({ params }, { administration }) => ok(await administration.incident(params.id)),
  }),
  route({
    method: "get",
    path: "/incidents/{id}/crashes",
    operation: "listIncidentCrashes",
    summary: "The crash evidence that is kept with an incident, one report a device, a page at a time",
    params: OneIncident,
    query: PageQuery,
    answers: { 200: "One page; `next` is the cursor of the one after it, null on the last" },
    schema: IncidentCrashPage,
    handle: async ({ params, query }, { administration }) => ok(await administration.incidentCrashes(params.id, query)),
  }),
  route({
    method: "get",
    path: "/incidents/{id}/timeline",
    operation: "getIncidentTimeline",
    summary: "What happened in an incident, oldest first, and who or which rule did it",
    params: OneIncident,
    answers: { 200: "All its events" },
    schema: IncidentTimeline,
    handle: async ({ params }, { administration }) => ok(await administration.incidentTimeline(params.id)),
  }),
  route({
    method: "get",
    path: "/incidents/{id}/spread",
    operation: "getIncidentSpread",
    summary: "How an incident lies over the sites: affected, exposed and well, not exposed, unknown",
    params: OneIncident,
    answers: { 200: "The sites with the most affected machines first; the rest is summed up" },
    schema: IncidentSpread,
    handle: async ({ params }, { administration }) => ok(await administration.incidentSpread(params.id)),
  }),
  route({
    method: "post",
    path: "/incidents/{id}/halt",
    operation: "haltIncident",
    summary: "Stop what one person may stop: our rollouts, the vendor, the source",
    description:
      "Rollouts that concern the incident are halted, the vendor is asked to pause, and the source is held for some hours, as far as the policy lets one person do it. What could not be done, and what waits for approvers, is in the answer. Asked for again, it does what is left.",
    params: OneIncident,
    body: IncidentHaltRequest,
    answers: { 200: "What was done, what failed and why, and what waits for a person" },
    schema: IncidentHaltAnswer,
    handle: async ({ params, body, by }, { administration }) =>
      ok(await administration.haltIncident(params.id, body, by)),
  }),
  route({
    method: "post",
    path: "/incidents/{id}/close",
    operation: "closeIncident",
    summary: "Close an incident; its versions are watched on, and it opens again if one turns up",
    params: OneIncident,
    body: IncidentClosing,
    answers: { 200: "The incident" },
    schema: IncidentView,
    handle: async ({ params, body, by }, { administration }) =>
      ok(await administration.closeIncident(params.id, body, by)),
  }),
  route({
    method: "post",
    path: "/incidents/{id}/reopen",
    operation: "reopenIncident",
    summary: "Open a closed incident again",
    params: OneIncident,
    body: IncidentClosing,
    answers: { 200: "The incident" },
    schema: IncidentView,
    handle: async ({ params, body, by }, { administration }) =>
      ok(await administration.reopenIncident(params.id, body, by)),
  }),
  route({
    method: "post",
    path: "/incidents/{id}/merge",
    operation: "mergeIncident",
    summary: "Say that an incident is the same as another one, where all goes on",
    params: OneIncident,
    body: IncidentMerging,
    answers: { 200: "The incident in which all goes on" },
    schema: IncidentView,
    handle: async ({ params, body, by }, { administration }) =>
      ok(await administration.mergeIncident(params.id, body, by)),
  }),
  route({
    method: "get",
    path: "/detection",
    operation: "getDetection",
    summary: "What detection sees: versions under test with their crash rates, what it has learnt, what it can promise",
    answers: { 200: "As of now; a controller that only watches shows what the leading one stored last" },
    schema: DetectionView,
    handle: async (_input, { administration }) => ok(await administration.detection()),
  }),
  route({
    method: "get",
    path: "/detection/responses",
    operation: "getResponseRules",
    summary: "What the controller may do by itself about each content source",
    answers: { 200: "The rules; a source without one goes by `*`" },
    schema: ResponseRulesView,
    handle: async (_input, { administration }) => ok(await administration.responseRules()),
  }),
  route({
    method: "put",
    path: "/detection/responses",
    operation: "putResponseRules",
    summary: "Set what the controller may do by itself: notify, propose or act, by content source",
    description: "Replaces all rules. Without a rule for `*`, other sources are at `propose`.",
    body: ResponseRules,
    answers: { 200: "The rules as they are now" },
    schema: ResponseRulesView,
    handle: async ({ body, by }, { administration }) => ok(await administration.putResponseRules(body, by)),
  }),
];
