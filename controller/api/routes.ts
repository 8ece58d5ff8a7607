/** All routes of the API, in the order in which the reference shows them. */
import { NoticeList, NoticeQuery, SessionView, SetupAnswer, SetupRequest, SignInRequest } from "../../protocol/api.ts";
import { Refused } from "../ports/refused.ts";
import { done, ok, type Route, route, type Services } from "./route.ts";
import { DEVICE_ROUTES } from "./routes-device.ts";
import { ENROLMENT_ROUTES } from "./routes-enrolment.ts";
import { EMERGENCY_ROUTES } from "./routes-emergency.ts";
import { FLEET_ROUTES } from "./routes-fleet.ts";
import { INCIDENT_ROUTES } from "./routes-incidents.ts";
import { NOTIFY_ROUTES } from "./routes-notify.ts";
import { PROPOSAL_ROUTES } from "./routes-proposals.ts";
import { ROLLOUT_ROUTES } from "./routes-rollout.ts";
import { TRUST_ROUTES } from "./routes-trust.ts";

const sessionOf = async (name: string, { administration, version, approvalOrigin }: Services) => ({
  name,
  starterKeys: (await administration.trust()).starterRoles.length > 0,
  version,
  approvalOrigin: approvalOrigin(),
});

const SESSION_ROUTES: readonly Route[] = [
  route({
    method: "post",
    path: "/setup",
    operation: "setUp",
    summary: "Redeem the one-time set-up code that the controller printed at its first start",
    description:
      "Works once; from then on this path does not exist, unless someone at the controller's machine asks it for a new link.",
    access: "public",
    guarded: true,
    isThere: ({ access }) => access.takesSetup(),
    body: SetupRequest,
    answers: { 200: "A token, shown this once. The browser is signed in by cookie besides." },
    schema: SetupAnswer,
    handle: async ({ body: { code, name } }, { access }) => {
      const redeemed = await access.setUp(code, name);
      if (redeemed === undefined) {
        throw new Refused(
          "not-allowed",
          "This set-up code is not good, or not any more: a code works once and for 24 hours. Start the controller with --setup-link to have it print a new one.",
        );
      }
      return { ...ok({ token: redeemed.token, name }), session: redeemed.token };
    },
  }),
  route({
    method: "get",
    path: "/session",
    operation: "getSession",
    summary: "Who is signed in, and whether the controller's starter keys are still in use",
    answers: { 200: "The session" },
    schema: SessionView,
    handle: async ({ by }, services) => ok(await sessionOf(by, services)),
  }),
  route({
    method: "post",
    path: "/session",
    operation: "signIn",
    summary: "Sign a browser in with a token",
    access: "public",
    guarded: true,
    body: SignInRequest,
    answers: { 200: "Signed in by cookie" },
    schema: SessionView,
    handle: async ({ body: { token } }, services) => {
      const name = await services.access.owner(token);
      if (name === undefined)
        throw new Refused("not-signed-in", "This token is not known here. Check it for a missing character.");
      return { ...ok(await sessionOf(name, services)), session: token };
    },
  }),
  route({
    method: "delete",
    path: "/session",
    operation: "signOut",
    summary: "Sign this browser out",
    answers: { 204: "The cookie is gone" },
    schema: null,
    handle: async () => ({ ...done(), session: null }),
  }),
];

const LIVE_ROUTES: readonly Route[] = [
  {
    kind: "stream",
    method: "get",
    path: "/events",
    operation: "streamNotices",
    summary: "Notices of changes as server-sent events",
    description:
      "Each event is named `notice`; its data says which topic and key changed, not how: ask for it again. Send Last-Event-ID to go on where a stream broke off; a `reset` notice means that some were missed.",
  },
  route({
    method: "get",
    path: "/notices",
    operation: "listNotices",
    summary: "The same notices for callers that a proxy keeps from streaming",
    query: NoticeQuery,
    answers: { 200: "Notices after `after`; ask again with `last`" },
    schema: NoticeList,
    handle: async ({ query }, { administration }) => {
      const { items, last } = administration.noticesAfter(query.after);
      return ok({ items: [...items], last });
    },
  }),
];

export const ROUTES: readonly Route[] = [
  ...SESSION_ROUTES,
  ...FLEET_ROUTES,
  ...INCIDENT_ROUTES,
  ...PROPOSAL_ROUTES,
  ...NOTIFY_ROUTES,
  ...ENROLMENT_ROUTES,
  ...DEVICE_ROUTES,
  ...ROLLOUT_ROUTES,
  ...TRUST_ROUTES,
  ...EMERGENCY_ROUTES,
  ...LIVE_ROUTES,
];
