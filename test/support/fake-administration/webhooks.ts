/** Stands for the notify desk. Faithful in names that are taken or unknown; nothing is ever sent. */
import type { WebhookView } from "../../../protocol/api-incidents.ts";
import type { NotifyDesk } from "../../../controller/ports/incident-desks.ts";
import { Refused } from "../../../controller/ports/refused.ts";
import { present } from "../present.ts";
import type { FakeRecord } from "./record.ts";

export function webhooksPart(record: FakeRecord): NotifyDesk {
  const webhooks = new Map<string, WebhookView>();
  async function rotateWebhook(name: string): ReturnType<NotifyDesk["rotateWebhook"]> {
    return { name, secret: "whsec_AAAA", publicKey: "whpk_AAAA" };
  }

  return {
    async connectors() {
      return { items: [], asOf: record.now() };
    },

    async webhooks() {
      return { items: [...webhooks.values()], asOf: record.now() };
    },

    async makeWebhook({ name, url }) {
      if (webhooks.has(name)) throw new Refused("conflict", `There is a webhook "${name}" already.`);
      webhooks.set(name, { name, url, state: "not-tried", because: "Nothing was sent yet.", deliveries: [] });
      return rotateWebhook(name);
    },

    async deleteWebhook(name) {
      present(webhooks.get(name), `webhook ${name}`);
      webhooks.delete(name);
    },
    rotateWebhook,
    async switchWebhook(name, isOn) {
      const state: WebhookView["state"] = isOn ? "not-tried" : "disabled";
      const view = { ...present(webhooks.get(name), `webhook ${name}`), state };
      webhooks.set(name, view);
      return view;
    },

    async testWebhook(name) {
      return present(webhooks.get(name), `webhook ${name}`);
    },
  };
}
