/** What the agent cannot do on Windows yet. It says so and does nothing: it never takes what it cannot see for absent. */
import type { Machine } from "../../ports.ts";

const fault = async () =>
  ({
    kind: "fault",
    fault: "unexpected",
    because: "this agent cannot do that on Windows yet; nothing was done",
  }) as const;

export const notBuilt: Pick<Machine, "knownGood"> = {
  knownGood: { keep: fault, holds: fault, putBack: fault },
};
