import { afterEach, describe, expect, test } from "vitest";
import { type DeviceId, newId, type RolloutId } from "../../protocol/ids.ts";
import { ControllerHarness } from "../support/controller-harness.ts";
import { aBoot, aVersion, device } from "../support/fleet-builders.ts";
import { aGate, aStrategy } from "../support/plan-builders.ts";
import { present } from "../support/present.ts";

const open: ControllerHarness[] = [];
async function aController(): Promise<ControllerHarness> {
  const harness = await ControllerHarness.open();
  open.push(harness);
  return harness;
}
afterEach(async () => {
  for (const harness of open.splice(0)) await harness.stop();
});

const onePerSite = (over: Parameters<typeof aStrategy>[0] = {}) =>
  aStrategy({
    waves: [{ name: "all", take: { rest: true }, gate: aGate({ sampleMin: { share: 1 } }) }],
    budgets: { inFlightMax: 100, downMaxPerSite: { count: 1 } },
    ...over,
  });
const statusOf = async ({ administration }: ControllerHarness, id: RolloutId, wanted: DeviceId) =>
  (await administration.rolloutDevices(id, { limit: 100 })).items.find((item) => item.device === wanted)?.status;

describe("budgets", () => {
  test("a machine that is switched off on purpose takes no place, also if it was starting before", async () => {
    const controller = await aController();
    await controller.bring(1);
    const off = await controller.register(2);
    await controller.say(off, { kind: "connected" });
    await controller.say(off, { kind: "boot-began", boot: aBoot({ content: [aVersion(2)] }) });
    const { id } = await controller.start({ strategy: onePerSite(), devices: { devices: [device(1)] } });
    expect(await statusOf(controller, id, device(1))).toBe("waiting");
    await controller.say(off, { kind: "leaving", reason: "shutdown" });
    await controller.say(off, { kind: "dropped" });
    expect(await statusOf(controller, id, device(1))).toBe("offered");
  });

  test("a device that is moved in mid-rollout is counted where it stands now", async () => {
    const controller = await aController();
    const [first, second] = [await controller.bring(1, { site: "A" }), await controller.bring(2, { site: "A" })];
    const { id } = await controller.start({ strategy: onePerSite() });
    expect(await statusOf(controller, id, first)).toBe("offered");
    expect(await statusOf(controller, id, second)).toBe("waiting");
    await controller.register(2, { site: "B" });
    await controller.orchestrator.catchUp();
    expect(await statusOf(controller, id, second)).toBe("offered");
  });
});

test("a device that fell silent stays silent after a restart, until it is heard again", async () => {
  const controller = await aController();
  const first = await controller.bring(1);
  // An older rollout, which nothing concerns any more, has read less of the feed than the one that counts.
  const idle = await controller.start();
  await controller.administration.act(idle.id, "abort", "anna", "not this one");
  const { id } = await controller.start({ strategy: aStrategy({ waves: onePerSite().waves }) });
  const { orderId } = present(await controller.pull(first));
  await controller.say(first, { kind: "order-accepted", orderId });
  await controller.say(first, { kind: "boot-began", boot: aBoot({ bootId: "boot-2" as never }) });
  await controller.say(first, { kind: "dropped" });
  await controller.wait(600_001);
  expect(await statusOf(controller, id, first)).toBe("silent");
  await controller.restart();
  expect(await statusOf(controller, id, first)).toBe("silent");
  await controller.say(first, { kind: "connected" });
  expect(await statusOf(controller, id, first)).toBe("running");
});

test("who was stopped and is resumed is listed as waiting, as the counts say", async () => {
  const controller = await aController();
  const first = await controller.bring(1);
  const { id } = await controller.start();
  const { order, orderId } = present(await controller.pull(first));
  await controller.say(first, { kind: "order-accepted", orderId });
  await controller.administration.act(id, "halt", "anna", "looks wrong");
  await controller.say(first, controller.ended(first, order, "stopped"));
  await controller.say(first, { kind: "dropped" });
  await controller.administration.act(id, "resume", "anna", "it was right");
  const { counts } = await controller.administration.rollout(id);
  const { items } = await controller.administration.rolloutDevices(id, { limit: 10, status: "unreached" });
  expect({ counted: counts.unreached, listed: items.length }).toEqual({ counted: 1, listed: 1 });
});

test("what the record says of a device reaches the gateway, whichever controller wrote it there", async () => {
  const controller = await aController();
  const first = await controller.bring(1);
  const elsewhere = newId("stream", controller.clock.now(), new Uint8Array(10));
  await controller.store.setStanding(elsewhere, first, "revoked", "stolen", controller.clock.now());
  await controller.orchestrator.catchUp();
  expect(controller.standings).toEqual([{ device: first, standing: "revoked" }]);
});
