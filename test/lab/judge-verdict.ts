/**
 * The judge of the verdict: was the right version convicted, and no other? It believes the kernels alone, which died of it.
 */
import type { Evidence } from "./judge.ts";

/** @returns what is wrong, one sentence each */
export function judgeVerdict(machines: readonly Evidence[], convicted: readonly string[]): string[] {
  const arrivals = machines.flatMap(({ facts }) => facts.filter((fact) => fact.kind === "arrived"));
  const faulty = new Set(arrivals.flatMap((fact) => (fact.faulty ? [fact.sha256] : [])));
  const innocent = convicted.filter((sha256) => !faulty.has(sha256));
  const missed = [...faulty].filter((sha256) => !convicted.includes(sha256));
  return [
    ...innocent.map((sha256) => `${sha256.slice(0, 12)} was convicted, and no kernel has died of it`),
    ...missed.map((sha256) => `${sha256.slice(0, 12)} kills machines and was not convicted`),
  ];
}
