/** Watches gates: a verdict to proceed is computed again from the rows, by hand. */
import type { RolloutDeviceRow } from "../../controller/store/rollouts.ts";
import type { RolloutEvent } from "../../protocol/rollout.ts";
import type { Gate } from "../../protocol/strategy.ts";
import { BAD, type RolloutMirror } from "./rollout-mirror.ts";

type GateDecided = Extract<RolloutEvent, { kind: "gate-decided" }>;

/** Why the gate may not be passed, or nothing. Call before the event is taken into the mirror. */
export function whyNotProceed(mirror: RolloutMirror, { wave, at, decision }: GateDecided): string | undefined {
  if (decision.verdict !== "proceed") return undefined;
  const gate = mirror.plan.strategy.waves[wave]?.gate;
  if (gate === undefined) return `there is no wave ${wave}`;
  if (!mirror.opened.has(wave)) return `wave ${wave} is not open`;
  const now = mirror.ofWave(wave);
  if (mirror.isEmpty(wave)) {
    const isProven = [...mirror.passed].some(
      ([before, event]) => before < wave && event.kind === "gate-decided" && event.decision.rule === "passed",
    );
    if (isProven || mirror.acceptedEmpty.has(wave)) return undefined;
    return `the plan applied to no device of wave ${wave}, and nothing has shown that it works`;
  }
  const fault = whyNotHolding(mirror, now, gate);
  if (fault !== undefined) return fault;
  // A controller that was restarted has forgotten breaks that have healed: it sees the rows of now by their age.
  const bakedFrom = at - gate.bakeMs;
  const ofThen = new Map<string, RolloutDeviceRow>();
  for (const row of mirror.history) if (row.wave === wave && row.since <= bakedFrom) ofThen.set(row.device, row);
  const oldOfNow = now.map((row): RolloutDeviceRow => (row.since <= bakedFrom ? row : { ...row, status: "waiting" }));
  const asItWas = whyNotHolding(mirror, [...ofThen.values()], gate);
  const asItIs = whyNotHolding(mirror, oldOfNow, gate);
  return asItWas === undefined || asItIs === undefined ? undefined : `it had not held for ${gate.bakeMs} ms: ${asItIs}`;
}

function whyNotHolding({ accepted }: RolloutMirror, rows: readonly RolloutDeviceRow[], gate: Gate): string | undefined {
  const succeeded = rows.filter(({ status }) => status === "succeeded").length;
  const bad = rows.filter(({ status, device }) => BAD.includes(status) && !accepted.has(device)).length;
  const applicable = rows.filter(({ status }) => status !== "not-applicable").length;
  const { sampleMin, successShareMin, failureShareMax } = gate;
  const wanted =
    "count" in sampleMin ? Math.min(sampleMin.count, applicable) : Math.ceil(sampleMin.share * applicable - 1e-9);
  const least = Math.max(1, wanted);
  const sample = succeeded + bad;
  if (sample < least) return `${sample} answers, ${least} needed`;
  if (succeeded / sample < successShareMin) return `${succeeded} of ${sample} succeeded, ${successShareMin} needed`;
  if (bad / Math.max(sample, least) > failureShareMax)
    return `${bad} of ${sample} did not succeed, ${failureShareMax} allowed`;
  return undefined;
}
