/** The rules of a gate in words; `because` of the decision says the rest. */
import type { GateRule, GateVerdict } from "../../../protocol/rollout.ts";
import type { CountOrShare } from "../../../protocol/strategy.ts";
import { counted, share } from "./numbers.ts";

export const RULES: Readonly<Record<GateRule, string>> = {
  "not-open": "the wave is not open yet",
  "failure-share": "too many failures",
  "minimum-sample": "minimum sample",
  "success-share": "share of successes",
  "bake-time": "bake time",
  deadline: "deadline",
  "nothing-applicable": "no device to which the plan applies",
  passed: "passed",
};

export const VERDICTS: Readonly<Record<GateVerdict, string>> = {
  proceed: "Proceed",
  stop: "Stop",
  wait: "Wait",
};

export const sizeOf = (size: CountOrShare): string =>
  "count" in size ? counted(size.count, "device") : `${share(size.share)} of the devices`;
