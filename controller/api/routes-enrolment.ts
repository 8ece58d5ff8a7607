/** Routes about enrolment: tokens, who is let in, and what agents pin. */
import { z } from "zod";
import { DeviceView } from "../../protocol/api.ts";
import { StandingBody, TokenList, TokenMade, TokenRequest, TrustPins } from "../../protocol/enrolment.ts";
import { Sha256 } from "../../protocol/canonical.ts";
import { DeviceId, TokenId } from "../../protocol/ids.ts";
import { created, done, ok, type Route, route } from "./route.ts";

const standingRoute = (verb: "accept" | "revoke", standing: "accepted" | "revoked", summary: string): Route =>
  route({
    method: "post",
    path: `/devices/{id}/${verb}`,
    operation: `${verb}Device`,
    summary,
    params: z.strictObject({ id: DeviceId }),
    body: StandingBody,
    answers: { 200: "The device as it stands now" },
    schema: DeviceView,
    handle: async ({ params, body, by }, { administration }) =>
      ok(await administration.setStanding(params.id, standing, by, body.because)),
  });

export const ENROLMENT_ROUTES: readonly Route[] = [
  standingRoute("accept", "accepted", "Let a device in: it counts, and plans may be made for it"),
  standingRoute("revoke", "revoked", "Shut a device out: it is refused at login and counts nowhere"),
  route({
    method: "get",
    path: "/enrolment-tokens",
    operation: "listEnrolmentTokens",
    summary: "Enrolment tokens, newest first, without the tokens themselves",
    answers: { 200: "The newest thousand" },
    schema: TokenList,
    handle: async (_input, { administration }) => ok(await administration.enrolmentTokens()),
  }),
  route({
    method: "post",
    path: "/enrolment-tokens",
    operation: "makeEnrolmentToken",
    summary: "Make a token with which devices of one group enrol",
    description: "The token is in this answer and nowhere else: the controller keeps its SHA-256 only.",
    body: TokenRequest,
    answers: { 201: "The token, shown this once" },
    schema: TokenMade,
    handle: async ({ body, by }, { administration }) => {
      const made = await administration.makeEnrolmentToken(body, by);
      return created(made, `/enrolment-tokens/${made.view.id}`);
    },
  }),
  route({
    method: "delete",
    path: "/enrolment-tokens/{id}",
    operation: "revokeEnrolmentToken",
    summary: "Revoke a token: no device enrols with it any more",
    params: z.strictObject({ id: TokenId }),
    answers: { 204: "It is revoked" },
    schema: null,
    handle: async ({ params, by }, { administration }) => {
      await administration.revokeEnrolmentToken(params.id, by);
      return done();
    },
  }),
  route({
    method: "get",
    path: "/trust/pins",
    operation: "getTrustPins",
    summary: "What agents pin when they are installed",
    answers: { 200: "SHA-256 of the certificate that agents believe" },
    schema: TrustPins,
    handle: async (_input, { caSha256 }) => ok({ caSha256: caSha256 === null ? null : Sha256.parse(caSha256) }),
  }),
];
