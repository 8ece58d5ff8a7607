/**
 * A machine that can be looked at and not be changed: what a question about steps is given.
 *
 * Invariant: nothing that changes anything, and nothing that asks a person anything, reaches the machine through it. A part
 * that is added to the machine has to be named here, or this does not compile.
 */
import type { Fault, FileFacts, Machine, Result } from "../ports.ts";

const no = (): Promise<Fault> =>
  Promise.resolve({ kind: "fault", fault: "unexpected", because: "this is only a look: nothing is changed by it" });

/** @param isGone files that an earlier step of the same question would put away */
export function lookOnly(machine: Machine, isGone: (file: FileFacts) => boolean): Machine {
  const { registry, serviceControl, updates, defender, drivers, safeModes, knownGood } = machine;
  return {
    ownFolders: machine.ownFolders,
    kernelBoot: () => machine.kernelBoot(),
    bootPast: (since) => machine.bootPast(since),
    facts: () => machine.facts(),
    async files(glob): Promise<Result<readonly FileFacts[]>> {
      const found = await machine.files(glob);
      return found.kind === "ok" ? { kind: "ok", value: found.value.filter((file) => !isGone(file)) } : found;
    },
    quarantine: no,
    quarantined: (plan) => machine.quarantined(plan),
    restore: no,
    services: (names) => machine.services(names),
    serviceStart: (name) => machine.serviceStart(name),
    setServiceStart: no,
    hold: no,
    releaseHold: no,
    isHeld: (source) => machine.isHeld(source),
    restart: no,
    registry: {
      read: (key, name) => registry.read(key, name),
      writtenAt: (key) => registry.writtenAt(key),
      write: no,
      remove: no,
    },
    serviceControl: { dependents: (name) => serviceControl.dependents(name), restart: no },
    updates: {
      find: (update) => updates.find(update),
      isBlocked: (update) => updates.isBlocked(update),
      remove: no,
      install: no,
      block: no,
      unblock: no,
    },
    defender: { state: () => defender.state(), revertDefinitions: no, restoreFromQuarantine: no },
    drivers: { packages: () => drivers.packages(), remove: no, putBack: no },
    safeModes: {
      forbiddenBecause: () => safeModes.forbiddenBecause(),
      next: () => safeModes.next(),
      hasLedHere: () => safeModes.hasLedHere(),
      setOnce: no,
      clear: no,
    },
    people: { restartConsent: () => Promise.resolve("nobody-there") },
    knownGood: { holds: (sha256) => knownGood.holds(sha256), keep: no, putBack: no },
    diagnostics: { collect: no },
  };
}
