/**
 * The test between two waves: proceed, stop or wait, with every number that the verdict rests on.
 *
 * Only what a device did counts. Silence counts against the wave, and a device that was not reached, waits or is busy
 * counts for nothing, so that no gate passes because nobody answered. What a person accepted by resuming has left the
 * sample; what was stopped at our word was never in it. A gate that cannot be decided waits, and at its deadline the
 * rollout pauses for a person.
 */
import type { GateDecision, WaveCounts } from "../../protocol/rollout.ts";
import type { Gate } from "../../protocol/strategy.ts";
import { type Instant, later } from "../../protocol/time.ts";
import { heldSince } from "./held.ts";
import { fails, type Sample } from "./sample.ts";
import { percent } from "./shares.ts";
import { countsOfWave, type RolloutState, sampleOfWave, type WaveState } from "./state.ts";
import { duration, utc } from "./words.ts";

/**
 * One look at the gate of a wave; changes nothing. The verdict is computed as it stands, whatever the phase; that a
 * paused or halted rollout does not act on `proceed` is for `decide`.
 */
export function gateOf(state: RolloutState, wave: number, now: Instant): GateDecision {
  const { definition, waves } = state;
  const [planned, current] = [definition.waves[wave], waves[wave]];
  if (planned === undefined || current === undefined) throw new RangeError(`there is no wave ${wave}`);
  const { gate } = planned;
  const sample = sampleOfWave(current, gate);
  const since = current.passed === null ? heldSince(state, wave) : current.passed.decision.heldSince;
  const facts: GateFacts = {
    observed: sample.size === 0 ? null : sample.succeeded / sample.size,
    sample: sample.size,
    sampleMin: sample.sizeMin,
    deadline: current.deadline,
    heldSince: since,
    counts: countsOfWave(current),
  };
  if (current.openedAt === null) return { ...facts, verdict: "wait", rule: "not-open", because: notOpen(wave) };
  if (fails(sample, gate))
    return { ...facts, verdict: "stop", rule: "failure-share", because: tooManyFailed(sample, gate, facts.counts) };
  if (current.passed !== null) {
    const { at, decision } = current.passed;
    const because = `Passed at ${utc(at)}: ${decision.because}`;
    return { ...facts, verdict: "proceed", rule: decision.rule, because };
  }
  const mayBeEmpty = waves.slice(0, wave).some(passedOnASample)
    ? "a wave before it has passed"
    : current.nothingApplies === "accepted"
      ? "a person accepted that by resuming"
      : null;
  return openGate(facts, sample, gate, mayBeEmpty, now);
}

type GateFacts = Omit<GateDecision, "verdict" | "rule" | "because">;

/** @param mayBeEmpty why a wave with nothing to do may pass; null if it may not */
function openGate(facts: GateFacts, sample: Sample, gate: Gate, mayBeEmpty: string | null, now: Instant): GateDecision {
  const waits = (rule: GateDecision["rule"], because: string): GateDecision =>
    facts.deadline !== null && now >= facts.deadline
      ? {
          ...facts,
          verdict: "wait",
          rule: "deadline",
          because: `Undecided at the deadline (${utc(facts.deadline)}): ${because}`,
        }
      : { ...facts, verdict: "wait", rule, because: upper(because) };

  if (sample.applicable === 0) {
    const { planned } = facts.counts;
    const nothing =
      planned === 0 ? "this wave is empty" : `the plan applies to none of the ${planned} devices of this wave`;
    if (mayBeEmpty === null) {
      return waits("nothing-applicable", `${nothing}, and no wave before it has shown that the plan works.`);
    }
    return {
      ...facts,
      verdict: "proceed",
      rule: "nothing-applicable",
      because: `${upper(nothing)}; ${mayBeEmpty}.`,
    };
  }
  if (sample.size < sample.sizeMin) {
    return waits(
      "minimum-sample",
      `${sample.size} ${known(facts.counts)}, at least ${sample.sizeMin} needed; ${othersOf(facts.counts)}.`,
    );
  }
  const shares = `${sample.succeeded} of ${sample.size} that ${known(facts.counts)} succeeded (${percent(sample.succeeded / sample.size)})`;
  if (facts.heldSince === null) {
    return waits("success-share", `${shares}, ${percent(gate.successShareMin)} needed; ${othersOf(facts.counts)}.`);
  }
  // A gate that holds is never cut off by its deadline: it only waits for the bake time that it was promised.
  const bakedAt = later(facts.heldSince, gate.bakeMs);
  if (now < bakedAt) {
    const over = facts.deadline !== null && now >= facts.deadline ? ", past the deadline because it holds" : "";
    const because = `${shares}; baking for ${duration(gate.bakeMs)} until ${utc(bakedAt)}${over}; ${othersOf(facts.counts)}.`;
    return { ...facts, verdict: "wait", rule: "bake-time", because };
  }
  const because = `${shares}, ${percent(gate.successShareMin)} needed, held for ${duration(gate.bakeMs)}; ${othersOf(facts.counts)}.`;
  return { ...facts, verdict: "proceed", rule: "passed", because };
}

/** A wave to which nothing applied has shown nothing: it proves neither itself nor a wave after it. */
const passedOnASample = ({ passed }: WaveState): boolean => passed !== null && passed.decision.rule === "passed";

const notOpen = (wave: number): string =>
  wave === 0 ? "The wave has not opened yet." : `The wave opens when wave ${wave} has passed its gate.`;

function tooManyFailed(sample: Sample, { failureShareMax }: Gate, counts: WaveCounts): string {
  const base = Math.max(sample.size, sample.sizeMin);
  const of = sample.size >= sample.sizeMin ? `that ${known(counts)}` : "of the minimum sample";
  return `${sample.bad} of ${base} ${of} did not succeed (${percent(sample.bad / base)}); at most ${percent(failureShareMax)} may.`;
}

/** What the devices of the sample did: silence is in it, and is not called an answer. */
const known = ({ silent, timedOut }: WaveCounts): string =>
  ["answered", ...(silent > 0 ? ["fell silent"] : []), ...(timedOut > 0 ? ["timed out"] : [])].join(" or ");

/** Who is not in the sample, so that nobody takes their silence for success. */
function othersOf(counts: WaveCounts): string {
  const others = [
    [counts.running, "running"],
    [counts.offered, "offered"],
    [counts.queued, "behind another order"],
    [counts.waiting - counts.unreached, "waiting"],
    [counts.unreached, "not reached"],
    [counts.stopped, "stopped"],
    [counts.notApplicable, "not applicable"],
  ] as const;
  const named = others.flatMap(([count, word]) => (count > 0 ? [`${count} ${word}`] : []));
  return named.length > 0 ? named.join(", ") : "none left";
}

const upper = (sentence: string): string => sentence.charAt(0).toUpperCase() + sentence.slice(1);
