/**
 * A second opinion on gates, written from the rules and not from the engine: whole thousandths instead of floating
 * shares, and nothing but the fields that a decision shows.
 */
import type { GateDecision } from "../../protocol/rollout.ts";
import type { Gate } from "../../protocol/strategy.ts";

/** What the fields do not show: where the wave stands, and whether an earlier wave proved the plan. */
export interface Standing {
  readonly state: "not-open" | "open" | "passed";
  /** A wave before passed on a real sample, or a person accepted that nothing applies to this one. */
  readonly provenBefore: boolean;
}

const thousandths = (share: number): number => Math.round(share * 1_000);

/** Not enough, or bad, or good: what the numbers alone say, before bake time and deadline. */
export function weigh({ counts, sample }: Pick<GateDecision, "counts" | "sample">, gate: Gate) {
  const bad = sample - counts.succeeded;
  const applicable = counts.planned - counts.notApplicable;
  const wanted =
    "count" in gate.sampleMin
      ? gate.sampleMin.count > applicable
        ? applicable
        : gate.sampleMin.count
      : Math.ceil((thousandths(gate.sampleMin.share) * applicable) / 1_000);
  const sampleMin = wanted < 1 ? 1 : wanted;
  const base = sample > sampleMin ? sample : sampleMin;
  const badMax = Math.floor((thousandths(gate.failureShareMax) * base) / 1_000);
  const stops = bad > badMax;
  const enough = sample >= sampleMin;
  const good = enough && counts.succeeded * 1_000 >= thousandths(gate.successShareMin) * sample;
  return { sampleMin, stops, enough, good, holds: applicable > 0 && good && !stops, applicable };
}

export function verdictOf(
  decision: Omit<GateDecision, "verdict" | "rule" | "because">,
  gate: Gate,
  { state, provenBefore }: Standing,
  now: number,
): { verdict: GateDecision["verdict"]; rules: GateDecision["rule"][] } {
  const { stops, enough, good, applicable } = weigh(decision, gate);
  if (state === "not-open") return { verdict: "wait", rules: ["not-open"] };
  if (stops) return { verdict: "stop", rules: ["failure-share"] };
  if (state === "passed") return { verdict: "proceed", rules: ["passed", "nothing-applicable"] };
  if (applicable === 0 && provenBefore) return { verdict: "proceed", rules: ["nothing-applicable"] };
  if (applicable > 0 && good) {
    if (decision.heldSince === null) return { verdict: "wait", rules: [] };
    return now >= decision.heldSince + gate.bakeMs
      ? { verdict: "proceed", rules: ["passed"] }
      : { verdict: "wait", rules: ["bake-time"] };
  }
  if (decision.deadline !== null && now >= decision.deadline) return { verdict: "wait", rules: ["deadline"] };
  if (applicable === 0) return { verdict: "wait", rules: ["nothing-applicable"] };
  return { verdict: "wait", rules: [enough ? "success-share" : "minimum-sample"] };
}
