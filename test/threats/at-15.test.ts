/** AT-15: roots take an approver away. What he approved is void at once: what waits, what is under way, and on devices. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { admit } from "../../agent/core/admission.ts";
import {
  PEOPLES_TRUST,
  ADA,
  ADAS_OTHER_KEY,
  aPlan,
  BEN,
  CLEO,
  factsNow,
  POLICY,
  RITA,
  ROLF,
  aBelief,
} from "../support/attack.ts";
import { aContentMachine } from "../support/content-machine.ts";
import { ControllerHarness } from "../support/controller-harness.ts";
import { anInMemoryAgent } from "../support/in-memory-agent.ts";
import { DEVICE } from "../support/signed-order.ts";
import { aHolder, sealTrust } from "../support/trust.ts";
import { approvedPlan, publish, publishPolicy, signed } from "../support/two-approvers.ts";

const WITHOUT_BEN = { threshold: 2, holders: [aHolder("ada", ADA, ADAS_OTHER_KEY), aHolder("cleo", CLEO)] };
/** Ben has another key: the one he had may be in anybody's hands. */
const BEN_ANEW = { threshold: 2, holders: [aHolder("ada", ADA), aHolder("ben", CLEO)] };
const THREE = { threshold: 3, holders: [aHolder("ada", ADA), aHolder("ben", BEN), aHolder("cleo", CLEO)] };
const VOIDING = [{ approvers: WITHOUT_BEN }, { approvers: BEN_ANEW }, { approvers: THREE }];

let controller: ControllerHarness;
beforeEach(async () => {
  controller = await ControllerHarness.open();
  for (const n of [1, 2, 3]) await controller.bring(n);
  await publish(controller);
});
afterEach(() => controller.stop());

test.each(VOIDING)("AT-15 on a device: $approvers", ({ approvers }) => {
  const belief = { trust: { ...PEOPLES_TRUST, version: 3, approvers }, policy: POLICY };
  expect(admit(aPlan().orderFor(DEVICE), factsNow({ belief }))).toMatchObject({
    kind: "refused",
    rule: "under-signed",
  });
});

test("AT-15 a device that hears of it over its connection refuses what came before", async () => {
  const machine = aContentMachine();
  const before = machine.state;
  const { controller: line, heard, send } = await anInMemoryAgent(machine, [], {}, { belief: aBelief() });
  await machine.advance(1_000);
  send({ type: "trust", documents: [sealTrust({ ...PEOPLES_TRUST, version: 3, approvers: WITHOUT_BEN }, RITA, ROLF)] });
  await machine.advance(1_000);
  line.mailbox = [aPlan().orderFor(DEVICE)];
  send({ type: "nudge" });
  await machine.advance(5_000);
  expect(heard.map(({ body }) => body)).toContainEqual(
    expect.objectContaining({ kind: "trust-changed", trustVersion: 3 }),
  );
  expect(heard.map(({ body }) => body)).toContainEqual(
    expect.objectContaining({ kind: "order-refused", rule: "under-signed" }),
  );
  expect(machine.state).toEqual(before);
});

test("AT-15 a plan that was approved does not start", async () => {
  const id = await approvedPlan(controller);
  await publish(controller, { approvers: WITHOUT_BEN });
  await expect(controller.administration.startRollout(id, "anna")).rejects.toThrow(/void/);
  expect(await controller.administration.plan(id)).toMatchObject({ approval: "void" });
  await (await signed(controller, id, CLEO)).send();
  expect(await controller.administration.startRollout(id, "anna")).toMatchObject({ phase: "running" });
});

test.each(VOIDING)(
  "AT-15 a rollout under way pauses, says why, and is not resumed: $approvers",
  async ({ approvers }) => {
    const { id } = await controller.administration.startRollout(await approvedPlan(controller), "anna");
    expect(controller.nudged).toHaveLength(1);
    await publish(controller, { approvers });
    const view = await controller.administration.rollout(id);
    expect(view.phase).toBe("paused");
    const paused = view.events.at(-1);
    expect(paused).toMatchObject({ kind: "paused", by: { kind: "engine", rule: "approvals-void" } });
    expect(JSON.stringify(paused)).toMatch(/void[^]*Abort this rollout, make a plan/);
    await expect(controller.administration.act(id, "resume", "anna", "go on")).rejects.toThrow(/void/);
    for (const device of (await controller.store.rolloutDevicesAfter(id, null, 10)).map((row) => row.device))
      expect(await controller.pull(device)).toBeUndefined();
  },
);

test("AT-15 a higher threshold in the policy voids as well; a document that changes nothing does not", async () => {
  const { id } = await controller.administration.startRollout(await approvedPlan(controller), "anna");
  await publish(controller, {});
  await publishPolicy(controller, { version: 2, limits: { ...controller.trust.policy.limits, restoreThreshold: 3 } });
  await controller.orchestrator.catchUp();
  expect(await controller.administration.rollout(id)).toMatchObject({ phase: "running" });
});

test("AT-15 a controller that was down when it happened pauses at its start", async () => {
  const { id } = await controller.administration.startRollout(await approvedPlan(controller), "anna");
  const { document } = controller.trust;
  const { ROOT } = await import("../support/trust.ts");
  const next = sealTrust({ ...document, version: document.version + 1, approvers: WITHOUT_BEN }, ROOT);
  await controller.store.addTrustDocument(document.version + 1, next, controller.clock.now());
  await controller.restart();
  await controller.orchestrator.catchUp();
  expect(await controller.administration.rollout(id)).toMatchObject({ phase: "paused" });
});

test("AT-15 late devices of a rollout that has completed get no order", async () => {
  const late = await controller.register(4);
  const { id } = await controller.administration.startRollout(await approvedPlan(controller), "anna");
  for (let i = 0; i < 3; i++)
    for (const row of await controller.store.rolloutDevicesAfter(id, null, 10))
      if ((await controller.pull(row.device)) !== undefined) await controller.carryOut(row.device);
  await controller.wait(3_700_000);
  const { phase } = await controller.administration.rollout(id);
  await publish(controller, { approvers: WITHOUT_BEN });
  await controller.say(late, { kind: "connected" });
  expect(phase).toBe("completed");
  expect(await controller.pull(late)).toBeUndefined();
});
