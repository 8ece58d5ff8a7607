/** Routes to stop everything and let it go on, to hold a source, and to see what devices refused. */
import {
  EmergencyView,
  HoldList,
  HoldRequest,
  HoldView,
  OneHold,
  RefusalPage,
  RefusalQuery,
  StopRequest,
  WordApproveRequest,
} from "../../protocol/api-emergency.ts";
import { SignatureRequest } from "../../protocol/api-trust.ts";
import { created, ok, type Route, route } from "./route.ts";

const STOPPED = "What is stopped, and who has signed that it may go on";

export const EMERGENCY_ROUTES: readonly Route[] = [
  route({
    method: "get",
    path: "/emergency-stop",
    operation: "getEmergency",
    summary: "What is stopped, with the statement that approvers sign to let it go on",
    answers: { 200: STOPPED },
    schema: EmergencyView,
    handle: async (_input, { administration }) => ok(await administration.emergency()),
  }),
  route({
    method: "post",
    path: "/emergency-stop",
    operation: "stopEverything",
    summary: "Stop everything: one person is enough",
    description:
      "Every rollout is halted, and every agent takes no new step and finishes to a safe point. It counts also while the database is down. Asked for again while it is in force, it is the same stop.",
    body: StopRequest,
    answers: { 200: STOPPED },
    schema: EmergencyView,
    handle: async ({ body, by }, { administration }) =>
      ok(await administration.stopEverything(body.because, by, body.stopId)),
  }),
  route({
    method: "post",
    path: "/emergency-stop/renew",
    operation: "renewResume",
    summary: "Make another statement to sign, when the one before has expired; its signatures are void",
    answers: { 200: STOPPED },
    schema: EmergencyView,
    handle: async ({ by }, { administration }) => ok(await administration.renewResume(by)),
  }),
  route({
    method: "post",
    path: "/emergency-stop/approvals",
    operation: "addResumeApproval",
    summary: "Hand in an approver's signature that everything may go on",
    description: "With enough of them agents are told. Rollouts stay halted until a person resumes each.",
    body: SignatureRequest,
    answers: { 200: STOPPED },
    schema: EmergencyView,
    handle: async ({ body, by }, { administration }) => ok(await administration.addResumeApproval(body, by)),
  }),
  route({
    method: "post",
    path: "/emergency-stop/approve",
    operation: "approveResume",
    summary: "Let everything go on by the controller's starter key, as long as it counts",
    body: WordApproveRequest,
    answers: { 200: STOPPED },
    schema: EmergencyView,
    handle: async ({ body, by }, { administration }) =>
      ok(await administration.approveResume(body.statementDigest, by)),
  }),
  route({
    method: "get",
    path: "/holds",
    operation: "listHolds",
    summary: "Holds of content sources, newest first",
    answers: { 200: "Up to 200" },
    schema: HoldList,
    handle: async (_input, { administration }) => ok(await administration.holds()),
  }),
  route({
    method: "post",
    path: "/holds",
    operation: "makeHold",
    summary: "Ask for a hold of a source; nothing is held before it is approved",
    body: HoldRequest,
    repeatable: true,
    answers: { 201: "The statement to sign" },
    schema: HoldView,
    handle: async ({ body, by }, { administration }) => {
      const hold = await administration.makeHold(body, by);
      return created(hold, `/holds/${hold.id}`);
    },
  }),
  route({
    method: "post",
    path: "/holds/{id}/approvals",
    operation: "addHoldApproval",
    summary: "Hand in an approver's signature under a hold",
    params: OneHold,
    body: SignatureRequest,
    answers: { 200: "The hold; with enough signatures agents are told" },
    schema: HoldView,
    handle: async ({ params, body, by }, { administration }) =>
      ok(await administration.addHoldApproval(params.id, body, by)),
  }),
  route({
    method: "post",
    path: "/holds/{id}/approve",
    operation: "approveHold",
    summary: "Approve a hold by the controller's starter key, as long as it counts",
    params: OneHold,
    body: WordApproveRequest,
    answers: { 200: "The hold; with enough signatures agents are told" },
    schema: HoldView,
    handle: async ({ params, body, by }, { administration }) =>
      ok(await administration.approveHold(params.id, body.statementDigest, by)),
  }),
  route({
    method: "post",
    path: "/holds/{id}/release",
    operation: "releaseHold",
    summary: "Give a source back before its time; this needs no signature",
    params: OneHold,
    answers: { 200: "The hold, released" },
    schema: HoldView,
    handle: async ({ params, by }, { administration }) => ok(await administration.releaseHold(params.id, by)),
  }),
  route({
    method: "get",
    path: "/refusals",
    operation: "listRefusals",
    summary: "What devices would not do or believe, newest first: rule, device, and what to do about it",
    query: RefusalQuery,
    answers: { 200: "A page" },
    schema: RefusalPage,
    handle: async ({ query }, { administration }) => ok(await administration.refusals(query)),
  }),
];
