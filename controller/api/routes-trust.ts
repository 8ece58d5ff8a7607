/** Routes about whom agents believe: documents and policy, published as their holders signed them. */
import { PublishRequest, StarterSignature, StarterSignatureRequest, TrustView } from "../../protocol/api-trust.ts";
import { ok, type Route, route } from "./route.ts";

export const TRUST_ROUTES: readonly Route[] = [
  route({
    method: "get",
    path: "/trust",
    operation: "getTrust",
    summary: "Whom agents believe, the policy, and which keys the controller still holds itself",
    answers: { 200: "The newest trust document and policy, and every document before" },
    schema: TrustView,
    handle: async (_input, { administration }) => ok(await administration.trust()),
  }),
  route({
    method: "post",
    path: "/trust/documents",
    operation: "publishTrust",
    summary: "Publish the next trust document, signed by the roots before and by its own",
    body: PublishRequest,
    answers: { 200: "Agents are told of it from now on" },
    schema: TrustView,
    handle: async ({ body, by }, { administration }) => ok(await administration.publishTrust(body.envelope, by)),
  }),
  route({
    method: "post",
    path: "/trust/policies",
    operation: "publishPolicy",
    summary: "Publish a policy, signed by policy holders",
    body: PublishRequest,
    answers: { 200: "Agents are told of it from now on" },
    schema: TrustView,
    handle: async ({ body, by }, { administration }) => ok(await administration.publishPolicy(body.envelope, by)),
  }),
  route({
    method: "post",
    path: "/trust/signatures",
    operation: "signAsStarter",
    summary: "Have the controller's starter key of a role sign, to hand that role over",
    body: StarterSignatureRequest,
    answers: { 200: "The signature" },
    schema: StarterSignature,
    handle: async ({ body, by }, { administration }) => ok(await administration.signAsStarter(body, by)),
  }),
];
