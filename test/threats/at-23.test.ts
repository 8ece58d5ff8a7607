/** AT-23: a plan is changed after somebody approved it. His approval was of another text, and counts for nothing. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { admit } from "../../agent/core/admission.ts";
import { PAYLOAD_TYPES, payloadDigest, peek, seal } from "../../protocol/dsse.ts";
import { WaveOrder } from "../../protocol/plan.ts";
import { ADA, aPlan, BEN, CLEO, DAY, factsNow } from "../support/attack.ts";
import { ControllerHarness } from "../support/controller-harness.ts";
import { aPlanRequest, aPlaybook, aStrategy } from "../support/plan-builders.ts";
import { aQuarantine, DEVICE, NOON } from "../support/signed-order.ts";
import { later } from "../../protocol/time.ts";
import { ONLINE } from "../support/trust.ts";
import { approvedPlan, publish, signed } from "../support/two-approvers.ts";

let controller: ControllerHarness;
beforeEach(async () => {
  controller = await ControllerHarness.open();
  for (const n of [1, 2]) await controller.bring(n);
  await publish(controller);
});
afterEach(() => controller.stop());

const EDITS = [
  { title: "Another title" },
  { strategy: aStrategy({ validityMs: 2 * 86_400_000 }) },
  { playbook: aPlaybook({ steps: [{ kind: "reboot", noticeMs: 0 }] }) },
  {}, // the same again: another moment, another generation
];

test.each(EDITS)("AT-23 after one approval, and after enough of them: %j", async (edit) => {
  for (const signers of [[ADA], [ADA, BEN]]) {
    const id = await approvedPlan(controller, {}, signers);
    const old = await signed(controller, id, CLEO);
    controller.clock.advance(1_000);
    await controller.administration.editPlan(id, aPlanRequest(edit), "anna");
    const row = await controller.store.plan(id);
    expect([row?.approvals, row?.envelope, row?.approvedAt]).toEqual([[], null, null]);
    await expect(controller.administration.startRollout(id, "anna")).rejects.toThrow(/not approved/);
    await expect(old.send()).rejects.toThrow(/something else by now/);
    for (const signer of [ADA, BEN]) await (await signed(controller, id, signer)).send();
    expect(await controller.administration.plan(id)).toMatchObject({ approval: "approved" });
  }
});

test("AT-23 a signature under the old text with the new text's digest is no signature of it", async () => {
  const { id } = await controller.administration.makePlan(aPlanRequest(), "anna");
  const old = await signed(controller, id, ADA);
  await controller.administration.editPlan(id, aPlanRequest({ title: "Another" }), "anna");
  const { approval } = await signed(controller, id, ADA);
  const mixed = { ...approval, sig: old.approval.sig };
  await expect(controller.administration.addApproval(id, mixed, "anna")).rejects.toThrow(/no good signature/);
});

test("AT-23 the store keeps no approval of a text that was replaced in the same moment, and starts none", async () => {
  const id = await approvedPlan(controller, {}, [ADA]);
  const { send } = await signed(controller, id, BEN);
  const edit = controller.administration.editPlan(id, aPlanRequest({ title: "Another" }), "anna");
  const [approval] = await Promise.allSettled([send(), edit]);
  const row = await controller.store.plan(id);
  expect(row?.envelope).toBeNull();
  expect(row?.approvals).toEqual([]);
  expect(["fulfilled", "rejected"]).toContain(approval.status);
  await expect(controller.administration.startRollout(id, "anna")).rejects.toThrow(/not approved/);
});

test("AT-23 what was started is not edited", async () => {
  const id = await approvedPlan(controller);
  await controller.administration.startRollout(id, "anna");
  await expect(controller.administration.editPlan(id, aPlanRequest({ title: "x" }), "anna")).rejects.toThrow(/started/);
});

test("AT-23 a device takes no changed text with the signatures of the old one", () => {
  const plan = aPlan();
  for (const over of [
    { title: "x" },
    { steps: [aQuarantine("good")] },
    { validUntil: later(NOON, 9 * DAY) },
    { deviceCount: 4 },
  ]) {
    const changed = seal(PAYLOAD_TYPES.statement, { ...plan.statement, ...over }, []);
    const statement = { ...changed, signatures: plan.envelope.signatures };
    const order = plan.orderFor(DEVICE);
    const body = { ...peek(order.order, WaveOrder), statementDigest: payloadDigest(statement) };
    const offer = { ...order, statement, order: seal(PAYLOAD_TYPES.order, body, [ONLINE]) };
    expect(admit(offer, factsNow())).toMatchObject({ kind: "refused", rule: "statement-signature" });
  }
});
