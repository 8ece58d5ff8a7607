/**
 * Stands for the rollout desk.
 *
 * Faithful in what can be started, and what a person may still do. No engine runs: a rollout stays as it was started
 * until a person or a test changes it.
 */
import type { PlanView, RolloutAction, RolloutView } from "../../../protocol/api.ts";
import type { RolloutId } from "../../../protocol/ids.ts";
import type { RolloutPhase, WaveCounts } from "../../../protocol/rollout.ts";
import { later } from "../../../protocol/time.ts";
import type { EvidenceDesk, RolloutDesk } from "../../../controller/ports/rollout-desks.ts";
import { Refused } from "../../../controller/ports/refused.ts";
import { anEvidenceBundle } from "../an-evidence-bundle.ts";
import type { FakeRecord } from "./record.ts";

const PHASE_AFTER: Readonly<Record<RolloutAction, RolloutPhase>> = {
  pause: "paused",
  resume: "running",
  halt: "halted",
  abort: "aborted",
};

export function rolloutsPart(record: FakeRecord): RolloutDesk & EvidenceDesk {
  return {
    async startRollout(plan, by) {
      const planned = record.planOf(plan);
      if (planned.approvedAt === null)
        throw new Refused("wrong-state", "This plan is not approved yet. Approve it first.");
      if (planned.rollout !== null)
        throw new Refused("conflict", `This plan was started already as ${planned.rollout}.`);
      record.made.rollouts++;
      const id = record.id("rollout");
      record.byPlan.set(plan, { ...planned, rollout: id });
      record.byRollout.set(id, newRollout(record, id, planned, by));
      record.notify("rollout", id);
      return record.rolloutOf(id);
    },

    async rollouts() {
      return { items: [...record.byRollout.values()], asOf: record.now() };
    },

    async rollout(id) {
      return { ...record.rolloutOf(id), asOf: record.now() };
    },

    async rolloutDevices(id, query) {
      const { startedAt } = record.rolloutOf(id);
      const items = [...record.byDevice.values()].slice(0, query.limit).map(({ id: device, name, site, role }) => ({
        device,
        name,
        site,
        role,
        wave: query.wave ?? 0,
        status: "waiting" as const,
        connected: false,
        order: null,
        since: startedAt,
        detail: null,
      }));
      return { items, next: null, asOf: record.now() };
    },

    async rolloutEvidence() {
      return anEvidenceBundle();
    },

    async act(id, action, by, because) {
      const rollout = record.rolloutOf(id);
      if (rollout.phase === "completed" || rollout.phase === "aborted") {
        throw new Refused("wrong-state", `The rollout is ${rollout.phase}; it cannot ${action} any more.`);
      }
      const phase = PHASE_AFTER[action];
      const kind = ({ paused: "paused", running: "resumed", halted: "halted", aborted: "aborted" } as const)[
        phase as "paused" | "running" | "halted" | "aborted"
      ];
      const event = { kind, at: record.now(), by: { kind: "person" as const, name: by }, because };
      record.change(id, { phase, because: `${by}: ${because}`, events: [...rollout.events, event] });
      return record.rolloutOf(id);
    },
  };
}

function newRollout(record: FakeRecord, id: RolloutId, plan: PlanView, by: string): RolloutView {
  const startedAt = record.now();
  const waves: RolloutView["waves"] = plan.waves.map(({ name, deviceCount }, i) => {
    const { gate } = plan.strategy.waves[i] as (typeof plan.strategy.waves)[number]; // made of the same waves
    const counts = countsOf(deviceCount);
    const deadline = i === 0 ? later(startedAt, gate.deadlineMs) : null;
    return {
      name,
      state: i === 0 ? "open" : "not-open",
      openedAt: i === 0 ? startedAt : null,
      gate,
      counts,
      decision: {
        verdict: "wait",
        rule: i === 0 ? "minimum-sample" : "not-open",
        observed: null,
        sample: 0,
        sampleMin: 1,
        deadline,
        heldSince: null,
        counts,
        because: i === 0 ? "no device of this wave has answered yet" : "the waves before it are not done",
      },
    };
  });
  return {
    id,
    plan: plan.id,
    incident: plan.incident,
    undoes: plan.undoes,
    title: plan.title,
    phase: "running",
    because: "the first wave is open",
    waitsFor: ["1 device to take its order"],
    startedAt,
    validUntil: later(startedAt, plan.strategy.validityMs),
    waves,
    counts: countsOf(record.byDevice.size),
    events: [{ kind: "started", at: startedAt, by: { kind: "person", name: by } }],
    asOf: startedAt,
  };
}

/** Everything still waits, and nobody is connected. */
const countsOf = (planned: number): WaveCounts => ({
  planned,
  waiting: planned,
  unreached: planned,
  offered: 0,
  queued: 0,
  running: 0,
  silent: 0,
  timedOut: 0,
  succeeded: 0,
  failed: 0,
  refused: 0,
  notApplicable: 0,
  stopped: 0,
});
