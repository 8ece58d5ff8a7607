import { afterEach, describe, expect, test } from "vitest";
import type { Site } from "../../protocol/names.ts";
import { newId } from "../../protocol/ids.ts";
import { Playbook } from "../../protocol/playbook.ts";
import { PlanView } from "../../protocol/api.ts";
import { ControllerHarness } from "../support/controller-harness.ts";
import { aVersion, device } from "../support/fleet-builders.ts";
import { aKey } from "../support/keys.ts";
import { aGate, aPlaybook, aPlanRequest, aStrategy } from "../support/plan-builders.ts";

const open: ControllerHarness[] = [];
async function aController(): Promise<ControllerHarness> {
  const harness = await ControllerHarness.open();
  open.push(harness);
  return harness;
}
afterEach(async () => {
  for (const harness of open.splice(0)) await harness.stop();
});

async function sites({ store, orchestrator, clock }: ControllerHarness, count: number, nameOf: (i: number) => string) {
  const { publicKey } = aKey("crowd");
  for (let i = 0; i < count; i += 1) {
    const place = { site: nameOf(i) as Site, role: "workstation" as never };
    await store.registerDevice(
      orchestrator.deps.stream,
      { id: device(1 + i), publicKey, name: `pc-${i}`, ...place },
      clock.now(),
    );
  }
  await orchestrator.catchUp();
}
const quarantine = (...versions: readonly number[]) => ({
  kind: "quarantine-file" as const,
  files: "C:\\Windows\\System32\\drivers\\Acme\\C-00000007-*.sys",
  where: { sha256: versions.map((n) => aVersion(n % 10).sha256.replace(/^../, String(10 + n)) as never) },
  filesMax: 20,
});

describe("a plan that no agent could take is refused when it is made, not when somebody approved it", () => {
  test.each([
    ["more than 2,000 sites", 2_001, (i: number) => `Ward ${i}`],
    ["site names that do not fit into a statement", 1_200, (i: number) => `${i} ${"院".repeat(90)}`],
  ])("%s", async (_what, count, nameOf) => {
    const controller = await aController();
    await sites(controller, count, nameOf);
    const made = controller.administration.makePlan(aPlanRequest(), "anna");
    await expect(made).rejects.toMatchObject({ code: "too-large", errors: [{ path: "devices" }] });
    expect((await controller.administration.plans()).items).toEqual([]);
  });

  test("a first wave without devices, behind which nothing would ever open", async () => {
    const controller = await aController();
    await controller.bring(1);
    const waves = [
      { name: "canary", take: { selector: { sites: ["Nowhere"] } }, gate: aGate() },
      { name: "rest", take: { rest: true as const }, gate: aGate() },
    ];
    await expect(controller.start({ strategy: aStrategy({ waves }) })).rejects.toMatchObject({
      errors: [{ path: "strategy.waves.0.take" }],
    });
  });
});

describe("undoing", () => {
  test("needs a rollout that takes nobody any more, also if it completed and waits for latecomers", async () => {
    const controller = await aController();
    const first = await controller.bring(1);
    await controller.register(2);
    const { id } = await controller.start({
      strategy: aStrategy({ waves: [{ name: "all", take: { rest: true }, gate: aGate() }] }),
    });
    await controller.carryOut(first);
    const { administration } = controller;
    expect((await administration.rollout(id)).phase).toBe("completed");
    await expect(administration.makeUndoPlan(id, "anna")).rejects.toMatchObject({ code: "wrong-state" });
    await administration.act(id, "halt", "anna", "look first");
    const undo = await administration.makeUndoPlan(id, "anna");
    await administration.approvePlan(undo.id, undo.digest, "anna");
    await administration.act(id, "resume", "anna", "go on");
    await expect(administration.startRollout(undo.id, "anna")).rejects.toMatchObject({ code: "wrong-state" });
    await administration.act(id, "abort", "anna", "it was wrong");
    expect((await administration.startRollout(undo.id, "anna")).phase).toBe("running");
  });

  test("leaves no version out: what does not fit into one playbook is refused", async () => {
    const controller = await aController();
    const first = await controller.bring(1);
    const versions = Array.from({ length: 12 }, (_, i) => i);
    const [, ...proof] = aPlaybook().steps;
    const playbook = Playbook.parse({
      ...aPlaybook(),
      steps: [quarantine(...versions), quarantine(...versions.map((n) => n + 12)), ...proof],
    });
    const { id } = await controller.start({ playbook });
    await controller.carryOut(first, "failed");
    await expect(controller.administration.makeUndoPlan(id, "anna")).rejects.toMatchObject({ code: "wrong-state" });
  });

  test("of a plan with the longest names gives a plan that everybody can read", async () => {
    const controller = await aController();
    const first = await controller.bring(1);
    const playbook = aPlaybook({ name: `${"a".repeat(57)}-bcdef`, title: `${"a".repeat(113)}🩺` });
    const { id } = await controller.start({ playbook, title: `${"a".repeat(193)}🩺` });
    await controller.carryOut(first, "failed");
    const undo = await controller.administration.makeUndoPlan(id, "anna");
    expect(PlanView.safeParse(undo).error).toBeUndefined();
  });
});

describe("devices that came after a plan was approved", () => {
  test("are taken by a plan of their own, with its own statement and approval; those it has already are left out", async () => {
    const controller = await aController();
    const first = await controller.bring(1);
    const { administration } = controller;
    const rollout = await controller.start();
    const late = await controller.bring(2);
    const plan = await administration.makePlan(aPlanRequest({ supplements: rollout.plan }), "anna");
    expect(plan).toMatchObject({ supplements: rollout.plan, approval: "waiting", statement: { deviceCount: 1 } });
    expect(plan.statement?.supplements).toBe(rollout.plan);
    await expect(administration.startRollout(plan.id, "anna")).rejects.toMatchObject({ code: "wrong-state" });
    await administration.approvePlan(plan.id, plan.digest, "anna");
    const { id } = await administration.startRollout(plan.id, "anna");
    const { items } = await administration.rolloutDevices(id, { limit: 10 });
    expect(items.map(({ device }) => device)).toEqual([late]);
    expect((await administration.rolloutDevices(rollout.id, { limit: 10 })).items.map(({ device }) => device)).toEqual([
      first,
    ]);
  });

  test("need a plan that there is", async () => {
    const controller = await aController();
    await controller.bring(1);
    const nowhere = newId("plan", controller.clock.now(), new Uint8Array(10).fill(9));
    await expect(
      controller.administration.makePlan(aPlanRequest({ supplements: nowhere }), "anna"),
    ).rejects.toMatchObject({ code: "not-found" });
  });
});

test("a plan whose approval has ended is not started: no device would take its order", async () => {
  const controller = await aController();
  await controller.bring(1);
  const { administration } = controller;
  const plan = await administration.makePlan(aPlanRequest(), "anna");
  await administration.approvePlan(plan.id, plan.digest, "anna");
  await controller.wait(86_400_000);
  await expect(administration.startRollout(plan.id, "anna")).rejects.toMatchObject({ code: "wrong-state" });
});

test("a group that another group leaves out cannot be deleted: the other would silently mean more devices", async () => {
  const controller = await aController();
  await controller.bring(1, { role: "clinical" });
  const { administration } = controller;
  await administration.putGroup({ name: "clinical" as never, selector: { roles: ["clinical" as never] } });
  await administration.putGroup({
    name: "harmless" as never,
    selector: { all: true, except: { groups: ["clinical" as never] } },
  });
  await expect(administration.deleteGroup("clinical" as never)).rejects.toMatchObject({ code: "conflict" });
  expect((await administration.groups()).items).toMatchObject([{ deviceCount: 1 }, { deviceCount: 0 }]);
  await administration.deleteGroup("harmless" as never);
  await administration.deleteGroup("clinical" as never);
});
