/** Puts files of known contents back: out of the quarantine of an earlier plan, or out of the machine's known-good copies. */
import type { StepOf } from "../../../protocol/playbook.ts";
import { restoreKnownGood } from "./restore-known-good.ts";
import { restoreQuarantined } from "./restore-quarantined.ts";
import type { StepPerformer } from "./step.ts";

type Restore = StepOf<"restore-file">;

export const restoreFile: StepPerformer<"restore-file"> = {
  check: (step, context) => wayOf(step).check(step, context),
  apply: (step, context) => wayOf(step).apply(step, context),
  verify: (step, context) => wayOf(step).verify(step, context),
  undo: (step, context) => wayOf(step).undo(step, context),
};

const wayOf = ({ from }: Restore): StepPerformer<"restore-file"> =>
  "quarantineOf" in from ? restoreQuarantined(from.quarantineOf) : restoreKnownGood;
