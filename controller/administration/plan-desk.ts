/** Making plans and approving them. */
import type { Envelope } from "../../protocol/dsse.ts";
import { type DeviceId, newId, type PlanId } from "../../protocol/ids.ts";
import type { FleetDevice } from "../fleet/fleet.ts";
import { type Administration, type PlanRow, Refused } from "../ports.ts";
import { waveTree } from "../rollout/wave-tree.ts";
import { makePlan, planDigest } from "./plans.ts";
import { type ApprovalFacts, makeStatement, sealStatement } from "./statement.ts";
import { makeUndoPlan } from "./undo.ts";
import type { Desk } from "./desk.ts";
import { mayStillTake } from "./rollout-actions.ts";
import { Selection } from "./selection.ts";
import { viewPlan } from "./views.ts";

const PLANS_MAX = 200;

export function planDesk({
  orchestrator,
  trust,
  approver,
}: Desk): Pick<Administration, "plans" | "plan" | "makePlan" | "makeUndoPlan" | "approvePlan"> {
  const { store, clock, random } = orchestrator.deps;

  const planRow = async (id: PlanId): Promise<PlanRow> => {
    const row = await store.plan(id);
    if (row === undefined) throw new Refused("not-found", `There is no plan ${id}.`);
    return row;
  };

  const sealed = (
    { plan, digest }: Pick<PlanRow, "plan" | "digest">,
    facts: Pick<ApprovalFacts, "at" | "generation" | "rootOf">,
  ): Envelope => {
    const siteOf = (device: DeviceId) => orchestrator.fleet.get(device)?.row.site;
    return sealStatement(makeStatement(plan, digest, { ...facts, trustVersion: trust.version, siteOf }), approver);
  };

  const add = async (plan: PlanRow["plan"], by: string) => {
    const digest = planDigest(plan);
    sealed({ plan, digest }, { at: plan.createdAt, generation: 1, rootOf: () => digest }); // only to know that it can be
    const row: PlanRow = {
      plan,
      digest,
      createdBy: by,
      generation: null,
      envelope: null,
      approvedAt: null,
      approvedBy: null,
      rollout: null,
    };
    await store.addPlan(row);
    orchestrator.notices.publish("plan", plan.id);
    return viewPlan(row, orchestrator.fleet);
  };

  return {
    async plans() {
      return {
        items: (await store.plans(PLANS_MAX)).map((row) => viewPlan(row, orchestrator.fleet)),
        asOf: clock.now(),
      };
    },

    async plan(id) {
      return viewPlan(await planRow(id), orchestrator.fleet);
    },

    async makePlan(request, by) {
      const incidents = request.incident === null ? [] : await store.incidents();
      if (request.incident !== null && !incidents.some(({ id }) => id === request.incident)) {
        throw new Refused("invalid-request", `There is no incident ${request.incident}. Nothing was stored.`, [
          { path: "incident", message: "no such incident" },
        ]);
      }
      const selection = new Selection(orchestrator.fleet, await store.groups());
      selection.check(request.devices, "devices");
      for (const [i, { take }] of request.strategy.waves.entries()) {
        if ("selector" in take) selection.check(take.selector, `strategy.waves.${i}.take.selector`);
      }
      const devices = selection
        .select(request.devices)
        .toSorted(likelyToAnswer)
        .map((device) => selection.selectable(device));
      const at = clock.now();
      return add(makePlan(request, devices, { id: newId("plan", at, random(10)), at }), by);
    },

    async makeUndoPlan(id, by) {
      const rollout = orchestrator.rolloutOf(id);
      const at = clock.now();
      if (mayStillTake(rollout.state, at)) {
        throw new Refused(
          "wrong-state",
          "The rollout may still take devices. Pause, halt or abort it first, so that it does not do again what is undone.",
        );
      }
      return add(
        makeUndoPlan(rollout.plan.plan, [...rollout.allRows()], { id: newId("plan", at, random(10)), at }),
        by,
      );
    },

    async approvePlan(id, digest, by) {
      const row = await planRow(id);
      if (row.envelope !== null)
        throw new Refused("wrong-state", `Plan ${id} was approved by ${row.approvedBy ?? "someone"} already.`);
      if (row.digest !== digest) {
        throw new Refused(
          "conflict",
          "This is not the digest of the plan as it is stored. Read the plan again before you approve it.",
          [{ path: "digest", message: `the plan's digest is ${row.digest}` }],
        );
      }
      const at = clock.now();
      const generation = await store.nextGeneration(row.plan.playbook.source);
      const envelope = sealed(row, { at, generation, rootOf: (wave) => waveTree(row.plan, wave).root });
      if (!(await store.approvePlan(id, { envelope, generation, at, by })))
        throw new Refused("wrong-state", `Plan ${id} was approved meanwhile.`);
      orchestrator.notices.publish("plan", id);
      return viewPlan(await planRow(id), orchestrator.fleet);
    },
  };
}

/** Canaries should answer: connected devices first, then those heard last. */
function likelyToAnswer(a: FleetDevice, b: FleetDevice): number {
  const heard = (device: FleetDevice): number => device.state?.lastHeardAt ?? 0;
  return Number(b.connected) - Number(a.connected) || heard(b) - heard(a) || (a.row.id < b.row.id ? -1 : 1);
}
