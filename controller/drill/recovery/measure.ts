/** The figures of a recovery: when how much was back, and what it cost. Pure. */
import type { z } from "zod";
import type { CurvePoint } from "../../../protocol/api-proposals.ts";

const POINTS_MAX = 200;

export interface Measured {
  readonly curve: readonly z.infer<typeof CurvePoint>[];
  /** Minutes from the first exposure until so many of the hurt machines are back; null: not within the drill. */
  readonly half: number | null;
  readonly ninety: number | null;
  readonly ninetyNine: number | null;
  readonly recovered: number;
}

/** Counts machines by the second at which they came back. */
export class Returns {
  readonly #bySecond: Uint32Array;
  recovered = 0;

  constructor(horizon: number) {
    this.#bySecond = new Uint32Array(horizon + 2);
  }

  add(second: number): void {
    const at = Math.max(0, Math.min(this.#bySecond.length - 1, second));
    this.#bySecond[at] = (this.#bySecond[at] ?? 0) + 1;
    this.recovered += 1;
  }

  /** @param of how many machines were hurt */
  measured(of: number): Measured {
    const curve: { minutes: number; recovered: number }[] = [];
    const reached: (number | null)[] = [null, null, null];
    const wanted = [0.5, 0.9, 0.99].map((share) => Math.ceil(share * of));
    let [count, shown] = [0, 0];
    const step = Math.max(1, of / POINTS_MAX);
    for (let second = 0; second < this.#bySecond.length && count < this.recovered; second += 1) {
      const came = this.#bySecond[second] ?? 0;
      if (came === 0) continue;
      // A curve that jumps after a wait is flat before it.
      if (curve.length > 0 && count > shown) {
        if (came >= step) curve.push({ minutes: minutes(second), recovered: count / of });
      } else if (curve.length === 0) curve.push({ minutes: minutes(second), recovered: 0 });
      count += came;
      for (const [i, least] of wanted.entries())
        if (reached[i] === null && count >= least) reached[i] = minutes(second);
      if (count - shown < step && count < this.recovered) continue;
      shown = count;
      curve.push({ minutes: minutes(second), recovered: count / of });
    }
    const [half = null, ninety = null, ninetyNine = null] = reached;
    return { curve, half, ninety, ninetyNine, recovered: this.recovered };
  }
}

const minutes = (second: number): number => Math.round((second / 60) * 10) / 10;
