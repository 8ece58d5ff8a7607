/** Webhooks, and what waits to be sent to them. */
import { describe, expect, test } from "vitest";
import type { WebhookDeliveryRow, WebhookRow } from "../../controller/store/webhooks.ts";
import { later } from "../../protocol/time.ts";
import { NOON } from "../support/fleet-builders.ts";
import { countOf, type Given } from "./given.ts";

const aWebhook = (over: Partial<WebhookRow> = {}): WebhookRow => ({
  name: "pager",
  id: "wh_1",
  url: "https://hooks.example/x",
  generation: 1,
  rotatedAt: NOON,
  disabledBecause: null,
  madeAt: NOON,
  madeBy: "Ada",
  ...over,
});
const aDelivery = (id: string, over: Partial<WebhookDeliveryRow> = {}): WebhookDeliveryRow => ({
  webhook: "wh_1",
  id,
  type: "incident.opened",
  at: NOON,
  body: "{}",
  attempts: 0,
  state: "waiting",
  answer: null,
  nextAt: NOON,
  ...over,
});

export const webhooksContract = (given: Given): void => {
  describe("webhooks", () => {
    test("a name is taken once, over two stores; what is changed is read again", async () => {
      const rows = Array.from({ length: 6 }, (_, i) => aWebhook({ id: `wh_${i}` }));
      const answers = await Promise.all(rows.map((row, i) => given.alternate(i).addWebhook(row)));
      expect(countOf(answers, true)).toBe(1);
      const [kept] = await given.other.webhooks();
      const change = { generation: 2, rotatedAt: later(NOON, 5), disabledBecause: "It answered 410." };
      expect(await given.one.changeWebhook(kept?.id ?? "", change)).toBe(true);
      expect(await given.other.webhooks()).toEqual([{ ...kept, ...change }]);
      expect(await given.one.changeWebhook("wh_none", change)).toBe(false);
    });

    test("a message is kept once, and one that was sent meanwhile stays sent", async () => {
      await given.one.addWebhook(aWebhook());
      await given.one.addDeliveries([aDelivery("a")], later(NOON, -1));
      const sent = {
        ...aDelivery("a"),
        attempts: 1,
        state: "delivered",
        answer: "It answered 200.",
        nextAt: null,
      } as const;
      await given.other.recordDelivery(sent);
      await given.other.addDeliveries([aDelivery("a"), aDelivery("b")], later(NOON, -1));
      expect(await given.one.deliveriesOf("wh_1", 10)).toEqual([aDelivery("b"), sent]);
    });

    test("those that wait are due in their order, and what is over is forgotten in time", async () => {
      await given.one.addWebhook(aWebhook());
      const rows = [aDelivery("a", { nextAt: later(NOON, 2) }), aDelivery("b", { nextAt: later(NOON, 1) })];
      const over = aDelivery("old", { at: later(NOON, -9), state: "given-up", nextAt: null });
      await given.one.addDeliveries([...rows, aDelivery("c", { nextAt: later(NOON, 9) }), over], later(NOON, -10));
      expect((await given.other.deliveriesDue("wh_1", later(NOON, 2), 10)).map(({ id }) => id)).toEqual(["b", "a"]);
      expect(await given.other.deliveriesDue("wh_1", later(NOON, 2), 1)).toHaveLength(1);
      expect(await given.other.deliveriesDue("wh_2", later(NOON, 2), 10)).toEqual([]);
      await given.one.addDeliveries([], later(NOON, -5));
      expect((await given.one.deliveriesOf("wh_1", 10)).map(({ id }) => id)).toEqual(["c", "b", "a"]);
    });

    test("deleting it takes its messages along", async () => {
      await given.one.addWebhook(aWebhook());
      await given.one.addDeliveries([aDelivery("a")], NOON);
      expect(await given.other.deleteWebhook("wh_1")).toBe(true);
      expect(await given.one.deliveriesDue("wh_1", later(NOON, 9), 10)).toEqual([]);
      expect(await given.one.deleteWebhook("wh_1")).toBe(false);
    });
  });
};
