/** Webhooks and connectors, as people manage them. What is sent, and when, is decided behind the ports. */
import type { NotifyDesk } from "../ports/incident-desks.ts";
import type { Webhooks } from "../ports/notices.ts";
import { Refused } from "../ports/refused.ts";
import type { VendorConnectors } from "../ports/vendors.ts";
import type { Desk } from "./desk.ts";

export interface NotifyParts {
  readonly webhooks: Webhooks | null;
  readonly vendors: Pick<VendorConnectors, "list">;
}

export function notifyDesk({ orchestrator }: Desk, { webhooks, vendors }: NotifyParts): NotifyDesk {
  const { clock } = orchestrator.deps;
  const there = (): Webhooks => {
    if (webhooks !== null) return webhooks;
    throw new Refused("unavailable", "This controller sends no webhooks. Nothing was changed.");
  };
  return {
    async connectors() {
      return { items: [...vendors.list()], asOf: clock.now() };
    },
    async webhooks() {
      return { items: webhooks === null ? [] : [...(await webhooks.list())], asOf: clock.now() };
    },
    makeWebhook: async (request, by) => there().make(request, by),
    deleteWebhook: async (name) => there().remove(name),
    rotateWebhook: async (name) => there().rotate(name),
    switchWebhook: async (name, isOn, by) => there().switch(name, isOn, by),
    testWebhook: async (name) => there().test(name),
  };
}
