/** How long something took, and which of many such times nearly all stay below. */

/** Milliseconds; no part of them is rounded away. */
export function millisecondsOf(work: () => void): number {
  const startedAt = process.hrtime.bigint();
  work();
  return Number(process.hrtime.bigint() - startedAt) / 1e6;
}

export async function millisecondsUntil(work: () => Promise<unknown>): Promise<number> {
  const startedAt = process.hrtime.bigint();
  await work();
  return Number(process.hrtime.bigint() - startedAt) / 1e6;
}

/** The least sample that is not exceeded by `share` of all: 0.99 of 300 samples is the 297th. */
export function percentile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  const found = sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)];
  if (found === undefined) throw new Error("a percentile needs a sample");
  return found;
}
