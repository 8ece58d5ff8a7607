import { afterEach, describe, expect, test } from "vitest";
import { openSqliteStoreInThread } from "../../controller/storage/sqlite.ts";
import type { RolloutId } from "../../protocol/ids.ts";
import { ControllerHarness } from "../support/controller-harness.ts";
import { aKey } from "../support/keys.ts";
import { aGate, aPlaybook, aStrategy } from "../support/plan-builders.ts";

const open: ControllerHarness[] = [];
async function aController(...args: Parameters<typeof ControllerHarness.open>): Promise<ControllerHarness> {
  const harness = await ControllerHarness.open(...args);
  open.push(harness);
  return harness;
}
afterEach(async () => {
  for (const harness of open.splice(0)) await harness.stop();
});

const statuses = async (controller: ControllerHarness, id: RolloutId): Promise<string[]> =>
  (await controller.administration.rolloutDevices(id, { limit: 100 })).items
    .map(({ name, status }) => `${name} ${status}`)
    .sort();

describe("a rollout", () => {
  test("takes the canary first, and the rest when the canary has proved itself", async () => {
    const controller = await aController();
    const [first, second, third] = [await controller.bring(1), await controller.bring(2), await controller.bring(3)];
    const { id } = await controller.start();
    expect(await controller.pull(second)).toBeUndefined();
    expect(await controller.pull(third)).toBeUndefined();

    await controller.carryOut(first);
    expect((await controller.administration.rollout(id)).waves.map(({ state }) => state)).toEqual(["passed", "open"]);
    await controller.carryOut(second);
    await controller.carryOut(third);
    expect(await statuses(controller, id)).toEqual(["pc-1 succeeded", "pc-2 succeeded", "pc-3 succeeded"]);
    expect((await controller.administration.rollout(id)).phase).toBe("completed");
  });

  test("halts on a canary that fails; nobody else is given an order", async () => {
    const controller = await aController();
    const [first, second] = [await controller.bring(1), await controller.bring(2)];
    const { id } = await controller.start();
    await controller.carryOut(first, "failed");
    expect(await controller.administration.rollout(id)).toMatchObject({ phase: "halted" });
    expect(await controller.pull(second)).toBeUndefined();
  });

  test("waits at a gate while the canary is silent, and pauses at the deadline", async () => {
    const controller = await aController();
    const first = await controller.bring(1);
    const second = await controller.bring(2);
    const { id } = await controller.start({
      strategy: aStrategy({
        waves: [
          { name: "canary", take: { count: 1 }, gate: aGate({ failureShareMax: 1 }) },
          { name: "rest", take: { rest: true }, gate: aGate() },
        ],
      }),
    });
    const order = await controller.pull(first);
    if (order === undefined) throw new Error("the canary has no order");
    await controller.say(first, { kind: "order-accepted", orderId: order.orderId });
    await controller.say(first, { kind: "dropped" });
    await controller.wait(600_001);
    expect(await statuses(controller, id)).toEqual(["pc-1 silent", "pc-2 waiting"]);
    await controller.wait(3_600_000);
    const { phase, waves } = await controller.administration.rollout(id);
    expect({ phase, canary: waves[0]?.decision.verdict }).toEqual({ phase: "paused", canary: "wait" });
    expect(await controller.pull(second)).toBeUndefined();
  });

  test("offers a device its order at the moment it shows up, and counts it as unreached until then", async () => {
    const controller = await aController();
    await controller.bring(1);
    const late = await controller.register(2);
    const { id } = await controller.start({
      strategy: aStrategy({ waves: [{ name: "all", take: { rest: true }, gate: aGate() }] }),
    });
    expect((await controller.administration.rollout(id)).counts).toMatchObject({ unreached: 1 });
    const listed = async (status: "waiting" | "unreached") =>
      (await controller.administration.rolloutDevices(id, { limit: 10, status })).items.map(({ device }) => device);
    expect(await listed("waiting")).toEqual([]);
    expect(await listed("unreached")).toEqual([late]);
    expect(await controller.pull(late)).toBeUndefined();
    await controller.say(late, { kind: "connected" });
    expect(await controller.pull(late)).toBeDefined();
    expect(controller.nudged).toContain(late);
  });

  test("counts a receipt that is not signed by the device as a failure, whatever it says", async () => {
    const controller = await aController();
    const first = await controller.bring(1);
    const { id } = await controller.start();
    const order = await controller.pull(first);
    if (order === undefined) throw new Error("the canary has no order");
    await controller.say(first, controller.ended(first, order.order, "succeeded", aKey("somebody else")));
    expect(await statuses(controller, id)).toEqual(["pc-1 failed"]);
  });

  test("lets an order wait behind another one of the device, as queued, and offers it when that has ended", async () => {
    const controller = await aController();
    const first = await controller.bring(1);
    await controller.start();
    const second = await controller.start();
    expect(await statuses(controller, second.id)).toEqual(["pc-1 queued"]);
    await controller.carryOut(first);
    expect(await statuses(controller, second.id)).toEqual(["pc-1 offered"]);
  });
});

describe("people", () => {
  test("a device that lost its order before it was withdrawn counts as stopped, and is offered a new one on resuming", async () => {
    const controller = await aController();
    const first = await controller.bring(1);
    const { id } = await controller.start();
    const lost = await controller.pull(first); // handed out; the frame never arrived
    if (lost === undefined) throw new Error("no order");
    await controller.administration.act(id, "halt", "anna", "looks wrong");
    await controller.say(first, {
      kind: "order-refused",
      orderId: lost.orderId,
      rule: "withdrawn",
      because: "it was withdrawn before it began",
    });
    expect(await statuses(controller, id)).toEqual(["pc-1 stopped"]);
    await controller.administration.act(id, "resume", "anna", "it was right after all");
    expect((await controller.pull(first))?.orderId).not.toBe(lost.orderId);
  });

  test("halting tells a device that has begun to stop, and takes back offers that were not taken", async () => {
    const controller = await aController();
    const [first, second] = [await controller.bring(1), await controller.bring(2)];
    const { id } = await controller.start({
      strategy: aStrategy({ waves: [{ name: "all", take: { rest: true }, gate: aGate() }] }),
    });
    const running = await controller.pull(first);
    if (running === undefined) throw new Error("no order");
    await controller.say(first, { kind: "order-accepted", orderId: running.orderId });
    await controller.administration.act(id, "halt", "anna", "looks wrong");
    expect(controller.stopped).toEqual([running.orderId]);
    expect(await controller.withdrawn(first)).toEqual([running.orderId]);
    expect(await controller.pull(second)).toBeUndefined();

    await controller.say(first, controller.ended(first, running.order, "stopped"));
    expect(await statuses(controller, id)).toEqual(["pc-1 stopped", "pc-2 waiting"]);
    await controller.administration.act(id, "resume", "anna", "it was right after all");
    expect((await controller.pull(first))?.orderId).not.toBe(running.orderId);
    expect(await controller.pull(second)).toBeDefined();
  });

  test.each([
    [
      "an undo of a rollout that runs",
      async (controller: ControllerHarness, id: RolloutId) => controller.administration.makeUndoPlan(id, "anna"),
      "wrong-state",
    ],
    [
      "resuming what runs",
      async (controller: ControllerHarness, id: RolloutId) =>
        controller.administration.act(id, "resume", "anna", "why not"),
      "wrong-state",
    ],
  ])("refuses %s and changes nothing", async (_what, attempt, code) => {
    const controller = await aController();
    await controller.bring(1);
    const { id } = await controller.start();
    const before = await controller.administration.rollout(id);
    await expect(attempt(controller, id)).rejects.toMatchObject({ code });
    expect(await controller.administration.rollout(id)).toEqual(before);
  });

  test("undoing makes a plan of its own that restores what was taken, and needs an approval", async () => {
    const controller = await aController();
    const first = await controller.bring(1);
    const { id } = await controller.start();
    await controller.carryOut(first);
    const undo = await controller.administration.makeUndoPlan(id, "anna");
    expect(undo).toMatchObject({
      undoes: expect.any(String) as string,
      approvedAt: null,
      playbook: { steps: [{ kind: "restore-file" }, { kind: "reboot" }, { kind: "await-healthy" }] },
    });
    await expect(controller.administration.startRollout(undo.id, "anna")).rejects.toMatchObject({
      code: "wrong-state",
    });
  });

  test("a plan with a wrong zone, group or wave is refused with the path of the fault, and nothing is stored", async () => {
    const controller = await aController();
    await controller.bring(1);
    await controller.bring(2);
    const window = { zone: "Europe/Atlantis", days: ["mon" as const], from: "22:00", to: "06:00" };
    const canaryOnly = [{ name: "canary", take: { count: 1 }, gate: aGate() }];
    const refused: [Parameters<ControllerHarness["start"]>[0], string][] = [
      [{ strategy: aStrategy({ windows: [window] }) }, "strategy.windows.0.zone"],
      [{ devices: { groups: ["nobody"] } }, "devices.groups"],
      [{ strategy: aStrategy({ waves: canaryOnly }) }, "strategy.waves"],
      [{ devices: { sites: ["Nowhere"] } }, "devices"],
    ];
    for (const [over, path] of refused) {
      await expect(controller.start(over)).rejects.toMatchObject({ errors: [expect.objectContaining({ path })] });
    }
    expect((await controller.administration.plans()).items).toEqual([]);
  });

  test("approving needs the digest that was read, works once, and a plan starts once", async () => {
    const controller = await aController();
    await controller.bring(1);
    const plan = await controller.start().then(({ plan: planId }) => controller.administration.plan(planId));
    await expect(controller.administration.approvePlan(plan.id, plan.digest, "bert")).rejects.toMatchObject({
      code: "wrong-state",
    });
    await expect(controller.administration.startRollout(plan.id, "bert")).rejects.toMatchObject({
      code: "wrong-state",
    });
  });
});

describe("a controller that is killed", () => {
  test("goes on where it was: no device is offered twice, none is forgotten", async () => {
    const controller = await aController();
    const devices = [await controller.bring(1), await controller.bring(2), await controller.bring(3)];
    const { id } = await controller.start();
    const [canary] = devices;
    if (canary === undefined) throw new Error("no canary");
    const before = await controller.pull(canary);
    await controller.restart();
    for (const each of devices) await controller.say(each, { kind: "connected" });
    expect((await controller.pull(canary))?.orderId).toBe(before?.orderId);
    await controller.carryOut(canary);
    await controller.restart();
    for (const each of devices) await controller.say(each, { kind: "connected" });
    for (const each of devices.slice(1)) await controller.carryOut(each);
    expect(await statuses(controller, id)).toEqual(["pc-1 succeeded", "pc-2 succeeded", "pc-3 succeeded"]);
  });

  test("reads what was stored while nobody led", async () => {
    const controller = await aController();
    const first = await controller.bring(1);
    const { id } = await controller.start();
    const order = await controller.pull(first);
    if (order === undefined) throw new Error("no order");
    await controller.orchestrator.stop();
    await controller.store.ingest(
      controller.orchestrator.deps.stream,
      [
        {
          deviceId: first,
          epoch: first.replace("dev_", "epoch_") as never,
          sequence: 900,
          digest: "a".repeat(64) as never,
          receivedAt: controller.clock.now(),
          body: controller.ended(first, order.order, "succeeded"),
        },
      ],
      [],
    );
    await controller.restart();
    expect(await statuses(controller, id)).toEqual(["pc-1 succeeded"]);
  });

  test("a second controller on the same store watches, and takes over when the first is gone", async () => {
    const first = await aController();
    const devices = [await first.bring(1), await first.bring(2)];
    const { id } = await first.start();
    const second = await ControllerHarness.open(
      { stream: devices[0]?.replace("dev_", "stream_") as never, clock: first.clock, isLive: () => false },
      first.store,
    );
    await expect(second.administration.act(id, "abort", "bert", "mine")).rejects.toMatchObject({ code: "unavailable" });
    await first.orchestrator.stop();
    first.clock.advance(5_000);
    await second.orchestrator.catchUp();
    await second.administration.act(id, "abort", "bert", "mine");
    expect((await second.administration.rollout(id)).phase).toBe("aborted");
    await second.orchestrator.stop();
  });

  test("a store that fails once costs a round, not a decision", async () => {
    const store = openSqliteStoreInThread(":memory:");
    let failures = 0;
    const shaky = new Proxy(store, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name);
        if (typeof value !== "function") return value;
        if (name !== "appendRollout" || failures === 0) return value.bind(target) as unknown;
        return async () => {
          failures -= 1;
          throw new Error("disk full");
        };
      },
    });
    const controller = await aController({}, shaky);
    const [first, second] = [await controller.bring(1), await controller.bring(2)];
    const { id } = await controller.start();
    const order = await controller.pull(first);
    if (order === undefined) throw new Error("no order");
    failures = 1;
    await expect(controller.say(first, controller.ended(first, order.order, "succeeded"))).rejects.toThrow("disk full");
    await controller.wait(1_000);
    expect(await statuses(controller, id)).toContain("pc-1 succeeded");
    expect(await controller.pull(second)).toBeDefined();
  });
});

test("a playbook that only the devices could undo is not undone behind their back", async () => {
  const controller = await aController();
  const first = await controller.bring(1);
  const playbook = aPlaybook({ steps: [{ kind: "set-service-start", service: "Acme", start: "disabled" }] });
  const { id } = await controller.start({ playbook });
  await controller.carryOut(first);
  await expect(controller.administration.makeUndoPlan(id, "anna")).rejects.toMatchObject({ code: "wrong-state" });
});
