/** What a gate counts, and the two comparisons it makes. A share is decided by dividing; see shares.ts. */
import type { DeviceStatus } from "../../protocol/rollout.ts";
import type { Gate } from "../../protocol/strategy.ts";
import { shareRoundedUp } from "./shares.ts";

/** `bad`: failed, refused, timed out or silent, and not accepted by a person. */
export interface Sample {
  readonly succeeded: number;
  readonly bad: number;
  readonly size: number;
  readonly sizeMin: number;
  /** Devices of the wave on which the plan has something to do, as far as is known. */
  readonly applicable: number;
}

/** Statuses that count against a wave. Silence is one of them. */
export const isBad = (status: DeviceStatus): boolean =>
  status === "failed" || status === "refused" || status === "timed-out" || status === "silent";

export function sampleOf(succeeded: number, bad: number, applicable: number, { sampleMin }: Gate): Sample {
  const wanted =
    "count" in sampleMin ? Math.min(sampleMin.count, applicable) : shareRoundedUp(sampleMin.share, applicable);
  return { succeeded, bad, size: succeeded + bad, sizeMin: Math.max(1, wanted), applicable };
}

/** More than the allowed share of the sample (or of the minimum sample, if that is larger) did not succeed. */
export const fails = ({ bad, size, sizeMin }: Sample, { failureShareMax }: Gate): boolean =>
  bad > 0 && bad / Math.max(size, sizeMin) > failureShareMax;

/** The sample is large enough, enough of it succeeded and not too much failed: the bake time runs. */
export const holds = (sample: Sample, gate: Gate): boolean =>
  sample.applicable > 0 &&
  sample.size >= sample.sizeMin &&
  sample.succeeded / sample.size >= gate.successShareMin &&
  !fails(sample, gate);
