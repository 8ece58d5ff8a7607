/**
 * Guards that are taken away, one at a time, to see the test turn red that stands for each. Add yours where it belongs:
 * a guard without a mutant is a guard that nobody would miss.
 */
import { APPROVAL_MUTANTS } from "./mutants/approvals.ts";
import { BELIEF_MUTANTS } from "./mutants/belief.ts";
import { ENTRY_MUTANTS } from "./mutants/entry.ts";
import type { Mutant } from "./mutants/mutant.ts";
import { PLACE_MUTANTS } from "./mutants/place.ts";
import { SIGNATURE_MUTANTS } from "./mutants/signatures.ts";
import { STEP_MUTANTS } from "./mutants/steps.ts";
import { TIME_MUTANTS } from "./mutants/time.ts";

export const MUTANTS: readonly Mutant[] = [
  ...SIGNATURE_MUTANTS,
  ...PLACE_MUTANTS,
  ...TIME_MUTANTS,
  ...STEP_MUTANTS,
  ...BELIEF_MUTANTS,
  ...APPROVAL_MUTANTS,
  ...ENTRY_MUTANTS,
];
