/** What people are told of the receipts of steps: which are proved, and whether one is missing. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { PAYLOAD_TYPES, payloadDigest, seal } from "../../protocol/dsse.ts";
import type { DeviceId } from "../../protocol/ids.ts";
import type { WaveOrder } from "../../protocol/plan.ts";
import { StepReceipt } from "../../protocol/progress.ts";
import { ControllerHarness } from "../support/controller-harness.ts";
import { aBoot } from "../support/fleet-builders.ts";
import { aKey } from "../support/keys.ts";

let harness: ControllerHarness;
let id: DeviceId;
let order: WaveOrder;
beforeEach(async () => {
  harness = await ControllerHarness.open();
  id = await harness.bring(1);
  await harness.start();
  await harness.wait(0);
  const pulled = await harness.pull(id);
  if (pulled === undefined) throw new Error("no order was offered");
  ({ order } = pulled);
});
afterEach(() => harness.stop());

const aReceipt = (over: Partial<StepReceipt> = {}, key = aKey("device 1")) =>
  seal(
    PAYLOAD_TYPES.stepReceipt,
    StepReceipt.parse({
      schema: "ringback.step-receipt/1",
      orderId: order.orderId,
      planId: order.planId,
      deviceId: id,
      step: 0,
      kind: "quarantine-file",
      event: "done",
      files: [],
      bootId: aBoot().bootId,
      at: harness.clock.now(),
      previous: null,
      ...over,
    }),
    [key],
  );
const say = (step: number, receipt: ReturnType<typeof aReceipt>) =>
  harness.say(id, { kind: "step-progress", progress: { orderId: order.orderId, step, event: "done", receipt } });
const shown = async () => {
  const [view] = (await harness.administration.deviceOrders(id, { limit: 10 })).items;
  if (view === undefined) throw new Error("the order is not shown");
  return { first: view.steps[0]?.journal[0]?.receipt, chain: view.stepReceipts };
};

describe("the receipt of a step", () => {
  test("that this device signed for this order and step is verified, and the chain is whole", async () => {
    const first = aReceipt();
    await say(0, first);
    await say(1, aReceipt({ step: 1, kind: "reboot", previous: payloadDigest(first) }));
    expect(await shown()).toEqual({
      first: { kind: "verified", digest: payloadDigest(first), previous: null },
      chain: { kind: "whole" },
    });
  });

  test("that is left out is missed by the one after it", async () => {
    await say(1, aReceipt({ step: 1, kind: "reboot", previous: payloadDigest(aReceipt()) }));
    const { chain } = await shown();
    expect(chain.kind === "broken" ? chain.because : chain.kind).toContain("not here");
  });

  test.each([
    ["of another key", () => aReceipt({}, aKey("device 2")), "not signed by this device's key"],
    ["of another step", () => aReceipt({ step: 3 }), 'says "done" of step 4'],
    ["of another event", () => aReceipt({ event: "failed" }), 'says "failed" of step 1'],
    ["of another device", () => aReceipt({ deviceId: "dev_01m81j18g0nz4v67cz7wv4bbjp" as DeviceId }), "another device"],
  ])("%s proves nothing, and the rollout says so", async (_what, receipt, because) => {
    await say(0, receipt());
    const { first, chain } = await shown();
    expect(first?.kind === "unproven" ? first.because : first?.kind).toContain(because);
    expect(chain.kind).toBe("broken");
    const [rollout] = (await harness.administration.rollouts()).items;
    if (rollout === undefined) throw new Error("no rollout");
    const devices = await harness.administration.rolloutDevices(rollout.id, { limit: 10 });
    expect(devices.items[0]?.detail).toContain("its receipt proves nothing");
  });

  test("is not missed where the agent makes none", async () => {
    await harness.say(id, { kind: "step-progress", progress: { orderId: order.orderId, step: 0, event: "done" } });
    expect(await shown()).toEqual({ first: null, chain: { kind: "none" } });
  });
});
