/**
 * The judge of the rollout: were the gates decided as their rules say, and was no wave begun before its turn?
 *
 * It has its own arithmetic. And it does not believe the numbers that it recomputes with: for each wave that was
 * touched, the disks and the kernels must show that enough of the wave before had recovered for long enough.
 */
import type { Evidence } from "./judge.ts";
import type { KernelFact } from "./kernel-facts.ts";

export interface GateTerms {
  readonly successShareMin: number;
  readonly failureShareMax: number;
  readonly sampleMin: { readonly count: number } | { readonly share: number };
  readonly bakeMs: number;
}

export interface ClaimedCounts {
  readonly planned: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly refused: number;
  readonly timedOut: number;
  readonly silent: number;
  readonly notApplicable: number;
}

/** A verdict on a gate as the controller gave it, with the numbers that it gave for it. */
export interface ClaimedDecision {
  readonly wave: number;
  readonly at: number;
  readonly verdict: "proceed" | "stop" | "wait";
  readonly observed: number | null;
  readonly sample: number;
  readonly sampleMin: number;
  readonly heldSince: number | null;
  readonly counts: ClaimedCounts;
}

export interface WaveEvidence {
  readonly name: string;
  readonly gate: GateTerms;
  readonly machines: readonly Evidence[];
}

/** The clock that stamps a moved file ticks every 4 ms. */
const TICK_MS = 10;

/** @returns what is wrong, one sentence each; nothing if all is as it should be */
export function judgeWaves(
  waves: readonly WaveEvidence[],
  decisions: readonly ClaimedDecision[],
  startedAt: number,
): string[] {
  return [...decisions.flatMap((decision) => recompute(waves, decision)), ...judgeOrder(waves, decisions, startedAt)];
}

function recompute(waves: readonly WaveEvidence[], decision: ClaimedDecision): string[] {
  const wave = waves[decision.wave];
  if (wave === undefined) return [`a gate was decided for wave ${decision.wave}, which does not exist`];
  const { counts } = decision;
  const bad = counts.failed + counts.refused + counts.timedOut + counts.silent;
  const sample = counts.succeeded + bad;
  const sampleMin = needed(wave.gate, counts.planned - counts.notApplicable);
  const observed = sample === 0 ? null : counts.succeeded / sample;
  const baked = decision.heldSince !== null && decision.at - decision.heldSince >= wave.gate.bakeMs;
  const proceeds = sample >= sampleMin && observed !== null && observed >= wave.gate.successShareMin && baked;
  const stops = bad > 0 && bad / Math.max(sample, sampleMin) > wave.gate.failureShareMax;
  const nothingApplies = counts.planned === counts.notApplicable && decision.wave > 0;
  const verdict = stops ? "stop" : proceeds || nothingApplies ? "proceed" : "wait";
  const said = { verdict: decision.verdict, observed: decision.observed, sample: decision.sample };
  const found = { verdict, observed, sample };
  return JSON.stringify(said) === JSON.stringify(found)
    ? []
    : [`the gate of wave "${wave.name}" says ${JSON.stringify(said)}, its own numbers say ${JSON.stringify(found)}`];
}

function judgeOrder(
  waves: readonly WaveEvidence[],
  decisions: readonly ClaimedDecision[],
  startedAt: number,
): string[] {
  return waves.slice(1).flatMap(({ name, machines }, before) => {
    const touches = machines.map((machine) => firstTouch(machine, startedAt)).filter((at) => at !== undefined);
    if (touches.length === 0) return [];
    const touchedAt = Math.min(...touches);
    const previous = waves[before];
    if (previous === undefined) return [];
    const faults: string[] = [];
    const proceeded = decisions.find(({ wave, verdict }) => wave === before && verdict === "proceed");
    if (proceeded === undefined || proceeded.at > touchedAt + TICK_MS) {
      faults.push(`wave "${name}" was touched before the gate of "${previous.name}" let it proceed`);
    }
    const proven = previous.machines.filter((machine) => {
      const upAt = recoveredAt(machine, startedAt, touchedAt);
      return upAt !== undefined && touchedAt - upAt >= previous.gate.bakeMs;
    }).length;
    const wanted = Math.ceil(
      needed(previous.gate, previous.machines.filter(isExposed).length) * previous.gate.successShareMin,
    );
    if (proven < wanted) {
      faults.push(
        `wave "${name}" was touched when ${proven} machines of "${previous.name}" had recovered for ` +
          `${previous.gate.bakeMs / 1_000} s; ${wanted} were needed`,
      );
    }
    return faults;
  });
}

/** What was touched that was not in the first wave: in a drill whose cure is bad, that has to be nothing. */
export function touchedBeyond(waves: readonly WaveEvidence[], startedAt: number): string[] {
  return waves
    .slice(1)
    .flatMap(({ name, machines }) =>
      machines
        .filter((machine) => firstTouch(machine, startedAt) !== undefined)
        .map((machine) => `${machine.name} of wave "${name}" was touched, though the first wave had not passed`),
    );
}

function needed({ sampleMin }: GateTerms, applicable: number): number {
  return Math.max(
    1,
    "count" in sampleMin ? Math.min(sampleMin.count, applicable) : Math.ceil(sampleMin.share * applicable),
  );
}

const isExposed = ({ facts }: Evidence): boolean => facts.some((fact) => fact.kind === "arrived" && fact.faulty);

/** When the rollout first did something to a machine: a file went into its quarantine, or it was asked to restart. */
function firstTouch({ facts, after }: Evidence, startedAt: number): number | undefined {
  const restarts = facts.filter(({ kind, at }) => kind === "restart-asked" && at >= startedAt).map(({ at }) => at);
  const moves = [...after.quarantined.values()].filter((at) => at >= startedAt - TICK_MS);
  const touches = [...restarts, ...moves];
  return touches.length === 0 ? undefined : Math.min(...touches);
}

/** Since when the machine was up without faulty content at `now`, by its kernel alone; undefined if it was not. */
function recoveredAt({ facts }: Evidence, startedAt: number, now: number): number | undefined {
  const past = facts.filter(({ at }) => at <= now);
  const bootAt = past.findLastIndex(({ kind }) => kind === "booted");
  const boot: readonly KernelFact[] = past.slice(bootAt);
  const began = boot[0];
  if (began === undefined || began.at < startedAt) return undefined;
  const ended = boot.some((fact) => fact.kind === "crashed" || fact.kind === "power-cut" || fact.kind === "restarted");
  const faulty = boot.some((fact) => fact.kind === "loaded" && fact.faulty);
  return ended || faulty ? undefined : boot.find(({ kind }) => kind === "services-up")?.at;
}
