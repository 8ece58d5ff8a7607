/** AT-24: twice at once. Whatever is clicked, sent again or started twice, a plan is carried out once. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { ADA, ADAS_OTHER_KEY, aBelief, aPlan, APPROVERS, BEN } from "../support/attack.ts";
import { aContentMachine } from "../support/content-machine.ts";
import { ControllerHarness } from "../support/controller-harness.ts";
import { anInMemoryAgent } from "../support/in-memory-agent.ts";
import { aPlanRequest } from "../support/plan-builders.ts";
import { DEVICE } from "../support/signed-order.ts";
import { approvedPlan, publish, signed } from "../support/two-approvers.ts";

let controller: ControllerHarness;
beforeEach(async () => {
  controller = await ControllerHarness.open();
  await controller.bring(1);
  await publish(controller);
});
afterEach(() => controller.stop());

const ROUNDS = process.env["RINGBACK_TEST_FULL"] === "1" ? 50 : 5;
test(`AT-24 two approvals in one millisecond and each clicked four times, ${ROUNDS} rounds: one approved plan, one rollout`, async () => {
  for (let round = 0; round < ROUNDS; round++) {
    const { id } = await controller.administration.makePlan(aPlanRequest({ title: `Round ${round}` }), "anna");
    const clicks = await Promise.all([ADA, BEN].map((signer) => signed(controller, id, signer)));
    await Promise.all([...clicks, ...clicks, ...clicks, ...clicks].map(({ send }) => send()));
    const row = await controller.store.plan(id);
    expect(row?.approvals).toHaveLength(2);
    expect(row?.envelope?.signatures).toHaveLength(2);
    const starts = await Promise.allSettled(
      Array.from({ length: 6 }, () => controller.administration.startRollout(id, "anna")),
    );
    expect(starts.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  }
  expect((await controller.store.rollouts()).length).toBe(ROUNDS);
});

test("AT-24 one person who clicks twice, also with another key, is one person", async () => {
  const { id } = await controller.administration.makePlan(aPlanRequest(), "anna");
  const clicks = await Promise.all([ADA, ADAS_OTHER_KEY].map((signer) => signed(controller, id, signer)));
  await Promise.all([...clicks, ...clicks, ...clicks, ...clicks].map(({ send }) => send()));
  await expect(controller.administration.startRollout(id, "anna")).rejects.toThrow(/not approved/);
});

test("AT-24 a retry after the answer was lost, and after power went between two writes, approves", async () => {
  const id = await approvedPlan(controller, {}, [ADA]);
  const { approval, send } = await signed(controller, id, BEN);
  const at = controller.clock.now();
  // Kept, and nothing after it.
  const row = { keyId: approval.keyId, person: "ben", sig: approval.sig, at, by: "anna" };
  await controller.store.addApproval(id, approval.statementDigest, row);
  expect(await controller.administration.plan(id)).toMatchObject({ approval: "waiting" });
  await send();
  expect(await controller.administration.plan(id)).toMatchObject({ approval: "approved" });
  const { id: rollout } = await controller.administration.startRollout(id, "anna");
  await send(); // once more, after the start
  expect(await controller.store.rollouts()).toEqual([expect.objectContaining({ id: rollout })]);
});

test("AT-24 a start and an edit at once: one of them, whole", async () => {
  const id = await approvedPlan(controller);
  const answers = await Promise.allSettled([
    controller.administration.editPlan(id, aPlanRequest({ title: "Another" }), "anna"),
    controller.administration.startRollout(id, "anna"),
  ]);
  const row = await controller.store.plan(id);
  expect(answers.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  expect(row?.rollout === null).toBe(row?.envelope === null);
});

test("AT-24 an order that comes many times at once is carried out once on the device", async () => {
  const machine = aContentMachine();
  const order = aPlan({ steps: [...aPlan().statement.steps, { kind: "reboot", noticeMs: 0 }] }).orderFor(DEVICE);
  const { send, heard, errors } = await anInMemoryAgent(machine, [order, order, order], {}, { belief: aBelief() });
  for (let i = 0; i < 5; i++) {
    send({ type: "nudge" });
    await machine.advance(500);
  }
  await machine.advance(5_000);
  expect(machine.restartsAsked).toHaveLength(1);
  expect(heard.filter(({ body }) => body.kind === "order-accepted")).toHaveLength(1);
  expect(errors).toEqual([]);
  expect(APPROVERS.threshold).toBe(2);
});
