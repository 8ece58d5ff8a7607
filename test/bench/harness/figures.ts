/** From samples of alternating rounds to a figure: medians, so that one disturbed round does not count. */
import type { Figure } from "../bench.ts";

interface Samples {
  readonly ours: readonly number[];
  /** Null where there is nothing bare to compare with. */
  readonly bare: readonly number[] | null;
}

export function figure(metric: string, unit: string, { ours, bare }: Samples): Figure {
  const oursMedian = median(ours);
  const bareMedian = bare === null ? null : median(bare);
  return {
    metric,
    unit,
    ours: rounded(oursMedian),
    bare: bareMedian === null ? null : rounded(bareMedian),
    ratio: bareMedian === null ? null : rounded(oursMedian / bareMedian),
    rounds: ours.length,
  };
}

/** Runs both sides `rounds` times, each round in the other order, so that neither always finds the machine warm. */
export async function alternate<Ours, Bare>(
  rounds: number,
  ours: (round: number) => Promise<Ours>,
  bare: (round: number) => Promise<Bare>,
): Promise<{ readonly ours: readonly Ours[]; readonly bare: readonly Bare[] }> {
  const results = { ours: [] as Ours[], bare: [] as Bare[] };
  for (let round = 0; round < rounds; round++) {
    if (round % 2 === 1) results.bare.push(await bare(round));
    results.ours.push(await ours(round));
    if (round % 2 === 0) results.bare.push(await bare(round));
  }
  return results;
}

function median(samples: readonly number[]): number {
  const sorted = [...samples].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle];
  if (upper === undefined) throw new Error("a figure needs at least one round");
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2;
}

/** Four digits say more than a measurement knows. */
const rounded = (value: number): number => Number(value.toPrecision(4));
