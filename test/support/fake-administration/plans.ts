/**
 * Stands for the plan desk.
 *
 * Faithful in what can still be edited or approved. One click of anybody approves: nothing is signed. The first wave
 * takes all devices.
 */
import type { z } from "zod";
import type { DeviceView, PlanRequest, PlanView } from "../../../protocol/api.ts";
import { digestOf } from "../../../protocol/canonical.ts";
import type { PlanId } from "../../../protocol/ids.ts";
import type { PlanDesk } from "../../../controller/ports/rollout-desks.ts";
import { Refused } from "../../../controller/ports/refused.ts";
import type { FakeRecord } from "./record.ts";
import { selected } from "./selection.ts";

/** Of a plan that nobody has signed. */
const NOT_APPROVED = {
  approvals: [],
  approval: "waiting" as const,
  envelope: null,
  approvedAt: null,
  approvedBy: null,
};

export function plansPart(record: FakeRecord): PlanDesk {
  return {
    async plans() {
      return { items: [...record.byPlan.values()].reverse(), asOf: record.now() };
    },

    async plan(id) {
      return record.planOf(id);
    },

    async makePlan(request, by) {
      const devices = selected(record, request.devices);
      if (devices.length === 0)
        throw new Refused("nothing-selected", "The selector matches no device. Nothing was stored.");
      return addPlan(record, request, devices, null, by);
    },

    async makeUndoPlan(id, by) {
      const plan = record.planOf(record.rolloutOf(id).plan);
      return addPlan(
        record,
        { ...plan, supplements: null, title: `Undo: ${plan.title}`, devices: { all: true } },
        [...record.byDevice.values()],
        plan.id,
        by,
      );
    },

    async editPlan(id, request) {
      const plan = record.planOf(id);
      if (plan.rollout !== null) throw new Refused("wrong-state", "This plan was started already.");
      const { title, playbook, strategy, incident } = request;
      const digest = digestOf({ id, title, playbook, strategy });
      const edited: PlanView = { ...plan, title, playbook, strategy, incident, digest, ...NOT_APPROVED };
      record.byPlan.set(id, edited);
      return edited;
    },

    async approvePlan(id, digest, by) {
      const plan = record.planOf(id);
      if (plan.approvedAt !== null) throw new Refused("wrong-state", "This plan is approved already.");
      if (plan.digest !== digest)
        throw new Refused("conflict", "This is not the digest of the plan. Read the plan again.");
      const approved: PlanView = { ...plan, approval: "approved", approvedAt: record.now(), approvedBy: by };
      record.byPlan.set(id, approved);
      record.notify("plan", id);
      return approved;
    },

    async addApproval(id) {
      return record.planOf(id);
    },
  };
}

function addPlan(
  record: FakeRecord,
  { title, playbook, strategy, incident }: z.output<typeof PlanRequest>,
  devices: readonly DeviceView[],
  undoes: PlanId | null,
  by: string,
): PlanView {
  record.made.plans++;
  const id = record.id("plan");
  const sites = Map.groupBy(devices, ({ site }) => site);
  const plan: PlanView = {
    id,
    title,
    createdAt: record.now(),
    createdBy: by,
    incident,
    undoes,
    playbook,
    strategy,
    digest: digestOf({ id, title, playbook, strategy }),
    waves: strategy.waves.map(({ name }, i) => ({
      name,
      deviceCount: i === 0 ? devices.length : 0,
      sites: i === 0 ? [...sites].map(([site, those]) => ({ site, deviceCount: those.length })) : [],
    })),
    supplements: null,
    statement: null,
    statementDigest: null,
    signed: null,
    approvalsNeeded: 1,
    ...NOT_APPROVED,
    rollout: null,
  };
  record.byPlan.set(id, plan);
  record.notify("plan", id);
  return plan;
}
