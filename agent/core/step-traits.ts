/** What the order of steps asks of each kind. Forgetting one does not compile. */
import type { StepKind } from "../../protocol/playbook.ts";

interface Traits {
  /** Changes something that is not put back by itself: a later failure undoes it. */
  readonly changes: boolean;
  /** What it changes needs no restart and no good boot to be proved: a machine on which nothing else changed gets neither. */
  readonly isQuiet: boolean;
  /** Makes sense only after a change on this machine. */
  readonly follows: boolean;
  /** Does nothing but wait: it may be given up in the middle. */
  readonly waits: boolean;
}

const CHANGE: Traits = { changes: true, isQuiet: false, follows: false, waits: false };
const QUIET: Traits = { ...CHANGE, isQuiet: true };
const PROOF: Traits = { changes: false, isQuiet: true, follows: true, waits: true };

const TRAITS: Readonly<Record<StepKind, Traits>> = {
  "quarantine-file": CHANGE,
  "restore-file": CHANGE,
  "set-service-start": CHANGE,
  "set-registry-value": CHANGE,
  "remove-update": CHANGE,
  "block-update": QUIET,
  "install-update": CHANGE,
  "revert-definitions": CHANGE,
  "restore-from-quarantine": CHANGE,
  "remove-driver": CHANGE,
  "hold-content": QUIET,
  "release-content": QUIET,
  "set-safe-mode": CHANGE,
  reboot: PROOF,
  "await-healthy": PROOF,
  // Not given up in the middle: the service may be stopped just then.
  "restart-service": { ...PROOF, waits: false },
  "collect-diagnostics": { changes: false, isQuiet: true, follows: false, waits: false },
};

export const traitsOf = (kind: StepKind): Traits => TRAITS[kind];

/** Is it what a plan is for? Safe mode is only a way to get there. */
export const isPurpose = (kind: StepKind): boolean => TRAITS[kind].changes && kind !== "set-safe-mode";
