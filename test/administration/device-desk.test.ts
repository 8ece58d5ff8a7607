/** What people are told of one device, over a real store and a real orchestrator. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { DeviceId } from "../../protocol/ids.ts";
import type { StepProgress } from "../../protocol/progress.ts";
import { Refused } from "../../controller/ports/refused.ts";
import { ControllerHarness } from "../support/controller-harness.ts";
import { aVersion, device } from "../support/fleet-builders.ts";
import { aKey } from "../support/keys.ts";

let harness: ControllerHarness;
let id: DeviceId;
beforeEach(async () => {
  harness = await ControllerHarness.open();
  id = await harness.bring(1);
});
afterEach(() => harness.stop());

const orders = async () => (await harness.administration.deviceOrders(id, { limit: 10 })).items;
const only = async () => {
  const [order, ...others] = await orders();
  if (order === undefined || others.length > 0) throw new Error("expected one order");
  return order;
};
async function ordered() {
  await harness.start();
  await harness.wait(0);
  const pulled = await harness.pull(id);
  if (pulled === undefined) throw new Error("no order was offered");
  return pulled;
}
const progress = (orderId: StepProgress["orderId"], step: number, rest: Omit<StepProgress, "orderId" | "step">) =>
  harness.say(id, { kind: "step-progress", progress: { orderId, step, ...rest } });

describe("orders", () => {
  test("none were given; the device must be known", async () => {
    expect(await orders()).toEqual([]);
    await expect(harness.administration.deviceOrders(device(99), { limit: 10 })).rejects.toThrow(Refused);
  });

  test("an order is followed from the mailbox to its receipt", async () => {
    const rollout = await harness.start();
    await harness.wait(0);
    expect(await only()).toMatchObject({
      standing: "waiting",
      handedAt: null,
      rollout: rollout.id,
      title: "Take 7-2 back",
    });
    const pulled = await harness.pull(id);
    if (pulled === undefined) throw new Error("no order");
    const { orderId } = pulled;
    expect(await only()).toMatchObject({
      id: orderId,
      standing: "handed",
      acceptedAt: null,
      wave: 0,
      waveName: "canary",
    });
    await harness.say(id, { kind: "order-accepted", orderId });
    await progress(orderId, 0, { event: "started" });
    await progress(orderId, 0, { event: "done" });
    await progress(orderId, 1, { event: "started" });
    const running = await only();
    expect(running.standing).toBe("running");
    expect(running.steps.map(({ step, outcome, journal }) => [step.kind, outcome, journal.length])).toEqual([
      ["quarantine-file", "done", 2],
      ["reboot", "started", 1],
      ["await-healthy", null, 0],
    ]);
    await harness.say(id, harness.ended(id, pulled.order, "succeeded"));
    const ended = await only();
    expect(ended).toMatchObject({ standing: "succeeded", receipt: { check: { kind: "verified" } } });
    expect(ended.endedAt).toBe(harness.clock.now());
    expect(ended.steps[0]?.outcome).toBe("done"); // by the receipt
  });

  test("a receipt signed by another key proves nothing, and what it claims is kept apart", async () => {
    const { orderId, order } = await ordered();
    await harness.say(id, { kind: "order-accepted", orderId });
    await harness.say(id, harness.ended(id, order, "succeeded", aKey("somebody else")));
    const shown = await only();
    expect(shown.standing).toBe("unproven");
    expect(shown.receipt?.check).toMatchObject({
      kind: "unproven",
      because: "it is not signed by this device's key",
      claimed: { outcome: "succeeded" },
    });
    expect(shown.steps.map(({ outcome }) => outcome)).toEqual([null, null, null]); // a claim decides nothing
  });

  test("a receipt of another device, or for another order, proves nothing either", async () => {
    const { orderId, order } = await ordered();
    const foreign = harness.ended(
      id,
      { ...order, orderId: order.orderId.replace(/.$/, "0") as typeof orderId },
      "succeeded",
    );
    if (foreign.kind !== "order-ended") throw new Error("not an end");
    await harness.say(id, { ...foreign, orderId });
    expect((await only()).receipt?.check).toMatchObject({
      because: expect.stringContaining("for another order") as string,
    });
  });

  test("a refusal tells the rule and why; a withdrawal is no refusal", async () => {
    const { orderId } = await ordered();
    await harness.say(id, { kind: "order-refused", orderId, rule: "expired", because: "the approval has ended" });
    expect(await only()).toMatchObject({
      standing: "refused",
      refusal: { rule: "expired", because: "the approval has ended" },
      receipt: null,
    });
  });

  test("what failed stays the reason while it is put back", async () => {
    const { orderId } = await ordered();
    await progress(orderId, 0, { event: "started" });
    await progress(orderId, 0, { event: "failed", fault: "file-locked", because: "open in AcmeSensor" });
    await progress(orderId, 0, { event: "undo-started" });
    expect((await only()).steps[0]).toMatchObject({
      outcome: "undoing",
      fault: "file-locked",
      because: "open in AcmeSensor",
    });
  });

  test("an order that was taken back before anybody had it", async () => {
    const { id: rollout } = await harness.start();
    await harness.wait(0);
    await harness.administration.act(rollout, "halt", "anna", "the wrong file");
    await harness.wait(0);
    expect(await only()).toMatchObject({ standing: "recalled", handedAt: null });
  });

  test("they are paged, newest first, each with its own journal", async () => {
    const ids: string[] = [];
    for (let n = 0; n < 5; n++) {
      await harness.start({ devices: { devices: [id] } });
      await harness.wait(60_000);
      ids.unshift(await harness.carryOut(id));
      await harness.wait(60_000);
    }
    const first = await harness.administration.deviceOrders(id, { limit: 2 });
    const second = await harness.administration.deviceOrders(id, { limit: 2, cursor: first.next ?? "" });
    const third = await harness.administration.deviceOrders(id, { limit: 2, cursor: second.next ?? "" });
    const all = [first, second, third].flatMap(({ items }) => items);
    expect(all.map((order) => order.id)).toEqual(ids);
    expect(all.every(({ standing }) => standing === "succeeded")).toBe(true);
    expect(third.next).toBeNull();
    await expect(harness.administration.deviceOrders(id, { limit: 2, cursor: "0" })).rejects.toThrow(Refused);
  });
});

describe("reports", () => {
  test("every report comes as it was received, newest first, a page at a time", async () => {
    for (let n = 0; n < 7; n++)
      await harness.say(id, {
        kind: "content-changed",
        entry: { change: "appeared", noticedAt: harness.clock.now(), version: aVersion(n) },
      });
    const seen: number[] = [];
    let cursor: string | undefined;
    do {
      const page = await harness.administration.deviceReports(id, {
        limit: 4,
        ...(cursor === undefined ? {} : { cursor }),
      });
      seen.push(...page.items.map(({ sequence }) => sequence));
      cursor = page.next ?? undefined;
    } while (cursor !== undefined);
    expect(seen).toEqual([9, 8, 7, 6, 5, 4, 3, 2, 1]);
  });

  test("of one kind only; what is not there is an empty last page", async () => {
    const page = await harness.administration.deviceReports(id, { limit: 5, kind: "boot-began" });
    expect(page).toMatchObject({ items: [{ sequence: 1, body: { kind: "boot-began" } }], next: null });
    expect(await harness.administration.deviceReports(id, { limit: 5, kind: "leaving" })).toMatchObject({
      items: [],
      next: null,
    });
  });

  test("a cursor of somebody's making is refused; one of another device's epoch finds nothing", async () => {
    await expect(harness.administration.deviceReports(id, { limit: 5, cursor: "1" })).rejects.toThrow(Refused);
    const other = `${device(2).replace("dev_", "epoch_")}.5`;
    expect(await harness.administration.deviceReports(id, { limit: 5, cursor: other })).toMatchObject({
      items: [],
      next: null,
    });
  });
});

describe("boots", () => {
  test("stand with what became of them", async () => {
    await harness.say(id, { kind: "leaving", reason: "shutdown" });
    const { items, next } = await harness.administration.deviceBoots(id, { limit: 50 });
    expect(items).toMatchObject([{ kind: "reported", key: "boot-1", ending: { by: "leaving", reason: "shutdown" } }]);
    expect(next).toBeNull();
  });

  test("a device that never reported has none, and one that nobody registered is not found", async () => {
    const silent = await harness.register(2);
    expect((await harness.administration.deviceBoots(silent, { limit: 50 })).items).toEqual([]);
    await expect(harness.administration.deviceBoots(device(99), { limit: 50 })).rejects.toThrow("There is no device");
  });
});
