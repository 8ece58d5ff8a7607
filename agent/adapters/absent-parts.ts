/**
 * The parts of a Windows machine where there is none: what is only looked for is not there, and what would have to be
 * changed is a fault that says so.
 */
import type { Fault, Machine, Result } from "../ports.ts";

type Parts = Pick<
  Machine,
  | "registry"
  | "serviceControl"
  | "updates"
  | "defender"
  | "drivers"
  | "safeModes"
  | "people"
  | "knownGood"
  | "diagnostics"
>;

/** @param machine as it is called in "a lab machine has no registry" */
export function absentParts(machine: string): Parts {
  const none = (what: string) => async (): Promise<Fault> => ({
    kind: "fault",
    fault: "not-found",
    because: `${machine} has no ${what}; nothing was done`,
  });
  const nothing = async (): Promise<Result<undefined>> => ({ kind: "ok", value: undefined });
  const no = async (): Promise<Result<boolean>> => ({ kind: "ok", value: false });
  const registry = none("registry");
  const updates = none("Windows updates");
  const defender = none("Microsoft Defender");
  const drivers = none("driver store");
  const safeMode = none("safe mode");
  return {
    registry: { read: registry, writtenAt: registry, write: registry, remove: registry },
    serviceControl: {
      dependents: async () => ({ kind: "ok", value: [] }),
      restart: none("services that could be restarted"),
    },
    updates: { find: nothing, remove: updates, install: updates, isBlocked: no, block: updates, unblock: updates },
    defender: { state: nothing, revertDefinitions: defender, restoreFromQuarantine: defender },
    drivers: { packages: async () => ({ kind: "ok", value: [] }), remove: drivers, putBack: drivers },
    safeModes: {
      forbiddenBecause: async () => `${machine} has no safe mode`,
      next: nothing,
      setOnce: safeMode,
      clear: nothing,
      hasLedHere: no,
    },
    people: { restartConsent: async () => "nobody-there" },
    knownGood: { keep: nothing, holds: no, putBack: none("known-good copies") },
    diagnostics: { collect: none("place for diagnostics") },
  };
}
