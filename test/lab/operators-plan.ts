/**
 * What the people of a drill change about the plan that was proposed to them: its times, since an hour of waiting is three
 * minutes here, and its budgets, since most machines of the lab are down already. Whom it is for, what is done and in which
 * waves stays as proposed. Given in lab time; the product gets wall time.
 */
import type { z } from "zod";
import type * as api from "../../protocol/api.ts";
import type { Step } from "../../protocol/playbook.ts";
import { DEADLY_WITHIN_MS } from "./fleet.ts";
import type { LabClock } from "./lab-clock.ts";

type Request = z.output<typeof api.PlanRequest>;

const SECOND = 1_000;
/** A machine that loaded the faulty content dies within 120 s. One that has lived for longer has proven something. */
const SETTLE_MS = DEADLY_WITHIN_MS + 10 * SECOND;
/** A boot loop takes some three minutes; a device may need two of them. */
const DEADLINE_MS = 1_000 * SECOND;
/** From taking the order to the proof some four minutes; a device that has not come so far by then, does not. */
const ORDER_MS = 600 * SECOND;
const CANARY_BAKE_MS = 40 * SECOND;
const BAKE_MS = 20 * SECOND;

/** @param demandsProof false: the plan believes a device that says that its services run */
export function inLabTime(proposed: Request, { toWallMs }: LabClock, demandsProof: boolean): Request {
  const gate = { failureShareMax: 0.2, successShareMin: 0.8, deadlineMs: toWallMs(DEADLINE_MS) };
  const last = proposed.strategy.waves.length - 1;
  return {
    ...proposed,
    playbook: {
      ...proposed.playbook,
      steps: proposed.playbook.steps.map((step) => timed(step, toWallMs, demandsProof)),
    },
    strategy: {
      ...proposed.strategy,
      waves: proposed.strategy.waves.map((wave, i) => ({
        ...wave,
        gate:
          i === 0
            ? { ...wave.gate, bakeMs: toWallMs(CANARY_BAKE_MS), deadlineMs: gate.deadlineMs }
            : { ...gate, sampleMin: { share: 0.5 }, bakeMs: i === last ? 0 : toWallMs(BAKE_MS) },
      })),
      budgets: {
        ...proposed.strategy.budgets,
        inFlightMax: 100,
        downMaxPerSite: { share: 1 },
        downMaxPerRole: { share: 0.75 },
        roles: proposed.strategy.budgets.roles.map((each) => ({ ...each, downMax: { share: 0.5 } })),
      },
      windows: [],
      patience: { offerMs: toWallMs(300 * SECOND), silentMs: toWallMs(600 * SECOND), orderMs: toWallMs(ORDER_MS) },
      validityMs: 3_600_000,
    },
  };
}

function timed(step: Step, toWallMs: LabClock["toWallMs"], demandsProof: boolean): Step {
  if (step.kind === "reboot") return { kind: "reboot", noticeMs: 0 };
  if (step.kind !== "await-healthy") return step;
  return { ...step, settleMs: demandsProof ? toWallMs(SETTLE_MS) : 0, withinMs: toWallMs(3 * SETTLE_MS) };
}

/** For drills that must be noticed to fail: the plan is about other contents than those that were convicted. */
export const aboutContents = (proposed: Request, sha256: string): Request => ({
  ...proposed,
  playbook: {
    ...proposed.playbook,
    steps: proposed.playbook.steps.map((step) =>
      step.kind === "quarantine-file" ? { ...step, where: { ...step.where, sha256: [sha256 as never] } } : step,
    ),
  },
});

/** A cure that is worse than the illness: a file goes, too, without which these machines do not start. */
export const withBadFix = (proposed: Request, files: string, sha256: string): Request => {
  const [first] = proposed.playbook.steps;
  if (first?.kind !== "quarantine-file") return proposed;
  const bad = { ...first, files, where: { sha256: [sha256] }, filesMax: 1 } as unknown as Step;
  const steps = [first, bad, ...proposed.playbook.steps.slice(1)];
  return { ...proposed, playbook: { ...proposed.playbook, steps } };
};
