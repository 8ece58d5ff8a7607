/** Starting rollouts, steering them and looking at them. */
import { payloadDigest, peek } from "../../protocol/dsse.ts";
import { newId, type PlanId } from "../../protocol/ids.ts";
import { PlanStatement } from "../../protocol/plan.ts";
import type { Instant } from "../../protocol/time.ts";
import type { RolloutDesk } from "../ports/rollout-desks.ts";
import { Refused } from "../ports/refused.ts";
import type { RolloutDeviceRow } from "../store/rollouts.ts";
import { shutOut } from "../orchestrator/shut-out.ts";
import { phaseOf, statusOf } from "../rollout/engine.ts";
import { utc } from "../rollout/words.ts";
import { approvalOf, whyVoid } from "./approvals.ts";
import type { Desk } from "./desk.ts";
import { mustNotBeStopped } from "./emergency-desk.ts";
import { cursorOf, takePage } from "./paging.ts";
import { mayStillTake } from "../rollout/may-still-take.ts";
import { eventFor } from "./rollout-actions.ts";
import { viewRollout, viewRolloutDevice } from "./views.ts";

/** Whole rollouts with their events are large; older ones are asked for by id. */
const ROLLOUTS_MAX = 50;

export function rolloutDesk(desk: Desk): RolloutDesk {
  const { orchestrator, trust } = desk;
  const { store, clock, random } = orchestrator.deps;

  const mustLead = (): void => {
    if (orchestrator.leads) return;
    throw new Refused(
      "unavailable",
      "Another controller leads, or this one is still starting. Nothing was changed. Try again in a few seconds.",
    );
  };

  const mustNotUndoWhatRuns = (undoes: PlanId | null, at: Instant): void => {
    const undone = orchestrator.newestFirst().find(({ row }) => row.plan === undoes);
    if (undone === undefined || !mayStillTake(undone.state, at)) return;
    throw new Refused(
      "wrong-state",
      `Rollout ${undone.row.id}, which this plan undoes, may still take devices. Pause, halt or abort it first, so that it does not do again what is undone.`,
    );
  };

  return {
    async startRollout(id, by) {
      return orchestrator.exclusively(async () => {
        mustLead();
        mustNotBeStopped(desk);
        const row = await store.plan(id);
        if (row === undefined) throw new Refused("not-found", `There is no plan ${id}.`);
        if (row.envelope === null)
          throw new Refused("wrong-state", `Plan ${id} is not approved. Approve it first; then start it.`);
        // Approvers may have gone, or thresholds risen, since: agents would refuse its orders.
        if (approvalOf(row, trust) === "void")
          throw new Refused(
            "wrong-state",
            `The approval of plan ${id} is void: not enough of those who signed it are approvers now. Have it approved again.`,
          );
        const at = clock.now();
        const { validUntil } = peek(row.envelope, PlanStatement);
        if (at >= validUntil) {
          throw new Refused(
            "wrong-state",
            `The approval of plan ${id} ended at ${utc(validUntil)}, so no device would take its order. Make the plan again.`,
          );
        }
        mustNotUndoWhatRuns(row.plan.undoes, at);
        const rollout = {
          id: newId("rollout", at, random(10)),
          plan: id,
          startedAt: at,
          version: 1,
          cursor: orchestrator.position, // what the fleet in memory does not know yet, the rollout has to hear
        };
        const rows = row.plan.waves.flatMap(({ devices }, wave) =>
          devices.map((device): RolloutDeviceRow => {
            const waiting = { device, wave, generation: 0, order: null, since: at, detail: null } as const;
            const row: RolloutDeviceRow = { ...waiting, status: "waiting" };
            const standing = orchestrator.fleet.get(device)?.row.standing;
            return (standing === undefined ? undefined : shutOut(row, standing, at)) ?? row;
          }),
        );
        const started = { kind: "started", at, by: { kind: "person", name: by } } as const;
        if (!(await store.createRollout(rollout, rows, started, payloadDigest(row.envelope)))) {
          throw new Refused(
            "wrong-state",
            `Plan ${id} was started before, or was changed this moment. Read it again; make a new plan to do it again.`,
          );
        }
        const taken = await orchestrator.takeNewRollout(rollout.id);
        orchestrator.notices.publish("plan", id);
        return viewRollout(taken, clock.now());
      });
    },

    async rollouts() {
      const now = clock.now();
      return {
        items: orchestrator
          .newestFirst()
          .slice(0, ROLLOUTS_MAX)
          .map((rollout) => viewRollout(rollout, now)),
        asOf: now,
      };
    },

    async rollout(id) {
      return viewRollout(orchestrator.rolloutOf(id), clock.now());
    },

    async rolloutDevices(id, query) {
      const rollout = orchestrator.rolloutOf(id);
      const after = cursorOf(query.cursor);
      // The engine's word, so that lists and counts are of the same devices: who was stopped and is resumed waits.
      const status = ({ device, status: stored }: RolloutDeviceRow) => statusOf(rollout.state, device) ?? stored;
      // As people see it: a device that waits but is not connected is unreached.
      const shown = (row: RolloutDeviceRow) => {
        const word = status(row);
        return word === "waiting" && orchestrator.fleet.get(row.device)?.connected !== true ? "unreached" : word;
      };
      const wanted = (row: RolloutDeviceRow): boolean =>
        (query.wave === undefined || row.wave === query.wave) &&
        (query.status === undefined || shown(row) === query.status);
      const { items, next } = takePage(rollout.rowsAfter(after), query.limit, wanted, ({ device }) => device);
      const views = items.flatMap((row) => {
        const device = orchestrator.fleet.get(row.device);
        return device === undefined ? [] : [viewRolloutDevice({ ...row, status: status(row) }, device)];
      });
      return { items: views, next, asOf: clock.now() };
    },

    async act(id, action, by, because) {
      return orchestrator.exclusively(async () => {
        mustLead();
        if (action === "resume") mustNotBeStopped(desk);
        const rollout = orchestrator.rolloutOf(id);
        const isVoid = action === "resume" ? whyVoid(rollout.plan, trust) : undefined;
        if (isVoid !== undefined) throw new Refused("wrong-state", `It cannot be resumed. ${isVoid}`);
        await orchestrator.record(
          rollout,
          eventFor(action, phaseOf(rollout.state), { at: clock.now(), by: { kind: "person", name: by }, because }),
        );
        return viewRollout(rollout, clock.now());
      });
    },
  };
}
