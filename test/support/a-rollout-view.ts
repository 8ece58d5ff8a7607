/** A rollout as the public interface tells it: two waves of one device each, both passed, and completed. */
import { RolloutView } from "../../protocol/api.ts";
import { newId } from "../../protocol/ids.ts";
import { Instant } from "../../protocol/time.ts";
import { NOON } from "./fleet-builders.ts";
import { aGate, HOUR } from "./rollout-driver.ts";

export const VIEW_COUNTS: RolloutView["counts"] = {
  planned: 1,
  waiting: 0,
  unreached: 0,
  offered: 0,
  queued: 0,
  running: 0,
  silent: 0,
  timedOut: 0,
  succeeded: 1,
  failed: 0,
  refused: 0,
  notApplicable: 0,
  stopped: 0,
};

export const VIEW_DECISION: RolloutView["waves"][number]["decision"] = {
  verdict: "proceed",
  rule: "passed",
  observed: 1,
  sample: 1,
  sampleMin: 1,
  deadline: Instant.parse(NOON + HOUR),
  heldSince: NOON,
  counts: VIEW_COUNTS,
  because: "all of the sample succeeded",
};

export function aRolloutView(over: Partial<RolloutView> = {}): RolloutView {
  const wave = (name: string): RolloutView["waves"][number] => ({
    name,
    state: "passed",
    openedAt: NOON,
    gate: aGate(),
    counts: VIEW_COUNTS,
    decision: VIEW_DECISION,
  });
  return RolloutView.parse({
    id: newId("rollout", NOON, new Uint8Array(10)),
    plan: newId("plan", NOON, new Uint8Array(10)),
    incident: null,
    undoes: null,
    title: "Take back the content",
    phase: "completed",
    because: "every wave has passed",
    waitsFor: [],
    startedAt: NOON,
    validUntil: Instant.parse(NOON + HOUR),
    waves: [wave("canary"), wave("rest")],
    counts: { ...VIEW_COUNTS, planned: 2, succeeded: 2 },
    events: [],
    asOf: NOON,
    ...over,
  });
}
