/** Routes about who is told elsewhere: webhooks, and the ways to vendors. */
import { z } from "zod";
import {
  ConnectorList,
  WebhookChange,
  WebhookList,
  WebhookMade,
  WebhookRequest,
  WebhookView,
} from "../../protocol/api-incidents.ts";
import { Slug } from "../../protocol/names.ts";
import { created, done, ok, type Route, route } from "./route.ts";

const OneWebhook = z.strictObject({ name: Slug });

export const NOTIFY_ROUTES: readonly Route[] = [
  route({
    method: "get",
    path: "/connectors",
    operation: "listConnectors",
    summary: "Ways to the vendors of content, as the controller's --connectors file sets them up",
    answers: { 200: "Each with what it could do, or what is missing. No credential is ever in it." },
    schema: ConnectorList,
    handle: async (_input, { administration }) => ok(await administration.connectors()),
  }),
  route({
    method: "get",
    path: "/webhooks",
    operation: "listWebhooks",
    summary: "Who is told of incidents, with the last 20 deliveries to each",
    answers: { 200: "The webhooks, without their secrets" },
    schema: WebhookList,
    handle: async (_input, { administration }) => ok(await administration.webhooks()),
  }),
  route({
    method: "post",
    path: "/webhooks",
    operation: "makeWebhook",
    summary: "Have every incident told to an address, as Standard Webhooks 1.0.0",
    body: WebhookRequest,
    answers: { 201: "The secret, shown this once, and the public key that verifies v1a signatures" },
    schema: WebhookMade,
    handle: async ({ body, by }, { administration }) =>
      created(await administration.makeWebhook(body, by), `/webhooks/${body.name}`),
  }),
  route({
    method: "put",
    path: "/webhooks/{name}",
    operation: "switchWebhook",
    summary: "Switch a webhook off, or on again after its receiver has answered 410",
    params: OneWebhook,
    body: WebhookChange,
    answers: { 200: "The webhook" },
    schema: WebhookView,
    handle: async ({ params, body, by }, { administration }) =>
      ok(await administration.switchWebhook(params.name, body.isOn, by)),
  }),
  route({
    method: "delete",
    path: "/webhooks/{name}",
    operation: "deleteWebhook",
    summary: "Delete a webhook, with everything that waits for it",
    params: OneWebhook,
    answers: { 204: "It is gone" },
    schema: null,
    handle: async ({ params }, { administration }) => {
      await administration.deleteWebhook(params.name);
      return done();
    },
  }),
  route({
    method: "post",
    path: "/webhooks/{name}/rotate",
    operation: "rotateWebhook",
    summary: "Give a webhook another secret; for a day messages are signed with both",
    params: OneWebhook,
    answers: { 200: "The new secret, shown this once" },
    schema: WebhookMade,
    handle: async ({ params }, { administration }) => ok(await administration.rotateWebhook(params.name)),
  }),
  route({
    method: "post",
    path: "/webhooks/{name}/test",
    operation: "testWebhook",
    summary: "Send a test now, and answer what came of it",
    params: OneWebhook,
    answers: { 200: "The webhook, its newest delivery first" },
    schema: WebhookView,
    handle: async ({ params }, { administration }) => ok(await administration.testWebhook(params.name)),
  }),
];
