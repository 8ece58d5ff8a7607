import { afterEach, describe, expect, test } from "vitest";
import type { RolloutId } from "../../protocol/ids.ts";
import { ControllerHarness } from "../support/controller-harness.ts";
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

const status = async ({ administration }: ControllerHarness, ...ids: RolloutId[]) =>
  Promise.all(ids.map(async (id) => (await administration.rolloutDevices(id, { limit: 1 })).items[0]?.status));

describe("three orders for one device", () => {
  test("only the next one is offered when the first has ended", async () => {
    const controller = await aController();
    const first = await controller.bring(1);
    const ids = [await controller.start(), await controller.start(), await controller.start()].map(({ id }) => id);
    expect(await status(controller, ...ids)).toEqual(["offered", "queued", "queued"]);
    await controller.carryOut(first);
    expect(await status(controller, ...ids)).toEqual(["succeeded", "offered", "queued"]);
    await controller.carryOut(first);
    expect(await status(controller, ...ids)).toEqual(["succeeded", "succeeded", "offered"]);
  });

  test("what a device says of an order that nobody knows moves nothing up", async () => {
    const controller = await aController();
    const first = await controller.bring(1);
    const ids = [await controller.start(), await controller.start()].map(({ id }) => id);
    const { order } = present(await controller.pull(first));
    const old = { ...order, orderId: order.orderId.replace(/.$/, (last) => (last === "0" ? "1" : "0")) as never };
    await controller.say(first, controller.ended(first, old, "succeeded"));
    expect(await status(controller, ...ids)).toEqual(["offered", "queued"]);
  });

  test("when the first is taken back, the next is offered and the device is told", async () => {
    const controller = await aController();
    const first = await controller.bring(1);
    const ids = [await controller.start(), await controller.start()].map(({ id }) => id);
    controller.nudged.length = 0;
    await controller.administration.act(present(ids[0]), "pause", "anna", "not now");
    expect(await status(controller, ...ids)).toEqual(["waiting", "offered"]);
    expect(controller.nudged).toContain(first);
    expect((await controller.pull(first))?.order.rolloutId).toBe(ids[1]);
  });
});
