/**
 * Which phase follows which: the whole life of a rollout in one table.
 *
 * A stop is never weakened: nothing but `resumed` leads out of `paused` or `halted`, a halt does not become a pause, and
 * nothing leads out of `aborted`. A rollout that completed can still be stopped, because late devices may still join it.
 */
import type { RolloutEvent, RolloutPhase } from "../../protocol/rollout.ts";

const NEXT: Readonly<Record<RolloutPhase, Partial<Record<RolloutEvent["kind"], RolloutPhase>>>> = {
  running: { paused: "paused", halted: "halted", aborted: "aborted", completed: "completed" },
  paused: { resumed: "running", halted: "halted", aborted: "aborted" },
  halted: { resumed: "running", aborted: "aborted" },
  aborted: {},
  completed: { paused: "paused", halted: "halted", aborted: "aborted" },
};

/** The phase after an event; undefined if the event is not legal in this phase (or changes no phase at all). */
export const phaseAfter = (phase: RolloutPhase, event: RolloutEvent["kind"]): RolloutPhase | undefined =>
  NEXT[phase][event];

/** Nothing may be carried out any more: orders are taken back and devices told to stop. */
export const isStopped = (phase: RolloutPhase): boolean => phase === "halted" || phase === "aborted";
/** Devices may be taken. After completion the late ones still may. */
export const takesDevices = (phase: RolloutPhase): boolean => phase === "running" || phase === "completed";
