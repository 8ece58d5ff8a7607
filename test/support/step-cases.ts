/**
 * Every kind of step on a fake machine that has something for it to do, and beside it much that it must leave alone.
 * `changes` names what is other afterwards, as `treeOf` calls it; nothing else may be.
 */
import type { StepKind } from "../../protocol/playbook.ts";
import { ContentSource } from "../../protocol/content-source.ts";
import { WindowsPath } from "../../protocol/windows-path.ts";
import { aContentMachine, FAULTY_FILE, OTHER_FAULTY_FILE } from "./content-machine.ts";
import type { FakeMachine } from "./fake-machine.ts";
import { carryOut } from "./order-runner.ts";
import { sha256Of } from "./sha256-of.ts";
import { aQuarantine, aSignedOrder, planIdOf, SOURCE } from "./signed-order.ts";

export interface StepCase {
  readonly kind: StepKind;
  readonly name: string;
  readonly steps: readonly unknown[];
  readonly prepare: () => Promise<FakeMachine>;
  readonly changes: readonly string[];
  /** What is other all the same after it was undone: nothing on the machine could put it back, or a restart is due first. */
  readonly leaves?: readonly string[];
}

export const REBOOT = { kind: "reboot", noticeMs: 0 };
export const HEALTHY = { kind: "await-healthy", services: ["Dnscache"], settleMs: 5_000, withinMs: 600_000 };
const KEY = "HKLM\\SOFTWARE\\Policies\\Acme";
const UPDATE = "KB5034441";
const FIX = "C:\\ProgramData\\Fixes\\fix.msu";
const LOST = "C:\\Program Files\\Acme\\till.exe";
const EARLIER = planIdOf("an earlier plan");

export const SAFE_ONLY = ContentSource.parse({
  id: SOURCE,
  title: "Acme content",
  files: ["C:\\Windows\\System32\\drivers\\Acme\\C-00000007-*.sys"],
  label: { kind: "digest" },
  permits: { normal: [], safe: ["quarantine-file", "restore-file"], offline: [] },
});

/** With one of everything that a step can be about, and neighbours of each. */
export async function aFullMachine(): Promise<FakeMachine> {
  const machine = aContentMachine();
  const { parts } = machine;
  machine.put("C:\\Users\\Public\\rota.csv", "mon,12");
  machine.put(FIX, "the fix");
  parts.updateFiles.set(FIX.toLowerCase(), "KB5052077");
  parts.registry.set(`${KEY}\\AutoUpdate`.toLowerCase(), { kind: "dword", number: 1 });
  parts.registry.set(`${KEY}\\Server`.toLowerCase(), { kind: "string", text: "updates.example" });
  parts.registry.set("hklm\\software\\other\\autoupdate", { kind: "dword", number: 1 });
  for (const update of [UPDATE, "KB5000001"])
    parts.updates.set(update, { update, packages: [], state: "installed", permanentBecause: undefined });
  parts.defender = { definitions: "1.381.2140.0", engine: "1.1", platform: "4.18", tamperProtected: false };
  parts.takenByDefender.push(
    { threat: "Trojan:Win32/Wacatac.B!ml", path: LOST, contents: "till" },
    { threat: "Trojan:Win32/Wacatac.B!ml", path: "C:\\Users\\Public\\bad.exe", contents: "bad" },
  );
  const driver = { provider: "Acme Ltd", version: "10.0.1.1" };
  parts.drivers.push(
    { ...driver, published: "oem7.inf", original: "acme.inf" },
    { ...driver, published: "oem8.inf", original: "acme.inf", version: "10.0.0.9" },
    { ...driver, published: "oem9.inf", original: "other.inf" },
  );
  parts.knownGood.set(sha256Of("the last good"), "the last good");
  return machine;
}

const ofFaulty = [
  `file ${FAULTY_FILE}`,
  `file ${OTHER_FAULTY_FILE}`,
  `held ${FAULTY_FILE}`,
  `held ${OTHER_FAULTY_FILE}`,
];

export const STEP_CASES: readonly StepCase[] = [
  {
    kind: "quarantine-file",
    name: "two faulty files",
    steps: [aQuarantine("faulty"), REBOOT, HEALTHY],
    prepare: aFullMachine,
    changes: ofFaulty,
  },
  {
    kind: "quarantine-file",
    name: "files that something holds open until the restart",
    steps: [aQuarantine("faulty"), REBOOT],
    prepare: async () => {
      const machine = await aFullMachine();
      machine.faults.set("quarantine", { kind: "fault", fault: "file-locked", because: "it is held open" });
      machine.sources = [{ ...SAFE_ONLY, permits: undefined, readBy: "service" }];
      return machine;
    },
    changes: ofFaulty,
  },
  {
    kind: "restore-file",
    name: "what an earlier plan put away",
    steps: [{ kind: "restore-file", files: FAULTY_FILE, sha256: sha256Of("faulty"), from: { quarantineOf: EARLIER } }],
    prepare: async () => {
      const machine = await aFullMachine();
      await carryOut(machine, aSignedOrder({ steps: [aQuarantine("faulty")], plan: EARLIER, seed: "earlier" }));
      machine.effects.length = 0;
      return machine;
    },
    changes: [`file ${FAULTY_FILE}`, `held ${FAULTY_FILE}`],
  },
  {
    kind: "restore-file",
    name: "a known-good copy in the place of what was put away",
    steps: [
      aQuarantine("faulty", { files: FAULTY_FILE }),
      { kind: "restore-file", files: FAULTY_FILE, sha256: sha256Of("the last good"), from: { knownGood: true } },
    ],
    prepare: async () => {
      const machine = await aFullMachine();
      machine.sources = [{ ...SAFE_ONLY, permits: undefined, isRestorable: true }];
      return machine;
    },
    changes: [`file ${FAULTY_FILE}`, `held ${FAULTY_FILE}`],
    leaves: [`held ${FAULTY_FILE}`], // the copy, which is not deleted
  },
  {
    kind: "set-service-start",
    name: "a service",
    steps: [{ kind: "set-service-start", service: "AcmeSensor", start: "manual" }, REBOOT],
    prepare: aFullMachine,
    changes: ["service AcmeSensor"],
  },
  {
    kind: "reboot",
    name: "a restart alone",
    steps: [{ ...REBOOT, deferMs: 60_000 }],
    prepare: async () => {
      const machine = await aFullMachine();
      machine.parts.answers.push("asked", "later");
      return machine;
    },
    changes: [],
  },
  { kind: "await-healthy", name: "a good boot", steps: [REBOOT, HEALTHY], prepare: aFullMachine, changes: [] },
  {
    kind: "restart-service",
    name: "a service",
    steps: [{ kind: "restart-service", service: "AcmeSensor", withinMs: 60_000 }],
    prepare: aFullMachine,
    changes: [],
  },
  {
    kind: "set-registry-value",
    name: "one value set and one removed",
    steps: [
      { kind: "set-registry-value", key: KEY, name: "AutoUpdate", value: { kind: "dword", number: 0 } },
      { kind: "set-registry-value", key: KEY, name: "Server", value: null },
      { kind: "set-registry-value", key: KEY, name: "New", value: { kind: "multi-string", lines: ["a", "b"] } },
    ],
    prepare: aFullMachine,
    changes: [`registry ${KEY}\\AutoUpdate`, `registry ${KEY}\\New`, `registry ${KEY}\\Server`],
  },
  {
    kind: "remove-update",
    name: "an update, blocked afterwards",
    steps: [
      { kind: "remove-update", update: UPDATE, withinMs: 600_000 },
      { kind: "block-update", update: UPDATE },
      REBOOT,
    ],
    prepare: aFullMachine,
    changes: [`update ${UPDATE}`, `blocked ${UPDATE}`],
    leaves: [`update ${UPDATE}`],
  },
  {
    kind: "block-update",
    name: "an update",
    steps: [{ kind: "block-update", update: UPDATE }],
    prepare: aFullMachine,
    changes: [`blocked ${UPDATE}`],
  },
  {
    kind: "install-update",
    name: "a fix out of a file",
    steps: [
      { kind: "install-update", update: "KB5052077", file: FIX, sha256: sha256Of("the fix"), withinMs: 600_000 },
      REBOOT,
    ],
    prepare: aFullMachine,
    changes: ["update KB5052077"],
    leaves: ["update KB5052077"], // removed with the next restart
  },
  {
    kind: "revert-definitions",
    name: "Defender's definitions",
    steps: [{ kind: "revert-definitions", versions: ["1.381.2140.0"], withinMs: 60_000 }],
    prepare: aFullMachine,
    changes: ["definitions"],
    leaves: ["definitions"],
  },
  {
    kind: "restore-from-quarantine",
    name: "what Defender took away",
    steps: [
      {
        kind: "restore-from-quarantine",
        threat: "Trojan:Win32/Wacatac.B!ml",
        file: WindowsPath.parse(LOST),
        sha256: sha256Of("till"),
      },
    ],
    prepare: aFullMachine,
    changes: [`file ${LOST}`, `taken ${LOST}`],
    leaves: [`held ${LOST}`, `taken ${LOST}`], // in our quarantine instead of Defender's
  },
  {
    kind: "remove-driver",
    name: "one version of a driver",
    steps: [{ kind: "remove-driver", original: "acme.inf", provider: "Acme Ltd", versions: ["10.0.1.1"] }, REBOOT],
    prepare: aFullMachine,
    changes: ["driver acme.inf 10.0.1.1"],
  },
  {
    kind: "hold-content",
    name: "a source",
    steps: [{ kind: "hold-content", source: SOURCE }],
    prepare: aFullMachine,
    changes: [`source ${SOURCE}`],
  },
  {
    kind: "release-content",
    name: "a source",
    steps: [{ kind: "release-content", source: SOURCE }],
    prepare: async () => {
      const machine = await aFullMachine();
      machine.held.add(SOURCE);
      return machine;
    },
    changes: [`source ${SOURCE}`],
  },
  {
    kind: "set-safe-mode",
    name: "files that can be put away in safe mode alone",
    steps: [{ kind: "set-safe-mode", mode: "minimal" }, REBOOT, aQuarantine("faulty"), REBOOT, HEALTHY],
    prepare: async () => {
      const machine = await aFullMachine();
      machine.sources = [SAFE_ONLY];
      return machine;
    },
    changes: ofFaulty,
  },
  {
    kind: "collect-diagnostics",
    name: "all that there is",
    steps: [{ kind: "collect-diagnostics", parts: ["status", "event-log"] }],
    prepare: aFullMachine,
    changes: [],
  },
];

/** All of a machine that a plan could change, by name; what the agent keeps for itself is not of it. */
export function treeOf(machine: FakeMachine): Map<string, string> {
  const { parts } = machine;
  const lines: [string, unknown][] = [
    ...[...machine.files.values()].map(({ path, ...file }): [string, unknown] => [`file ${path}`, file]),
    ...machine.entries.flatMap(({ file, plan }): [string, unknown][] =>
      file === undefined ? [] : [[`held ${file.path}`, { plan, ...file }]],
    ),
    ...[...machine.services].map(([name, { start }]): [string, unknown] => [`service ${name}`, start]),
    ...[...parts.registry].map(([place, value]): [string, unknown] => [`registry ${place}`, value]),
    ...[...parts.updates].map(([name, { state }]): [string, unknown] => [`update ${name}`, state]),
    ...[...parts.blocked].map((name): [string, unknown] => [`blocked ${name}`, true]),
    ["definitions", parts.defender?.definitions],
    ...parts.takenByDefender.map(({ path, contents }): [string, unknown] => [`taken ${path}`, contents]),
    ...parts.drivers.map(({ original, version }): [string, unknown] => [`driver ${original} ${version}`, true]),
    ...[...machine.held].map((source): [string, unknown] => [`source ${source}`, true]),
    ["next start", parts.next ?? "normal"],
    ["mode", machine.mode],
  ];
  return new Map(lines.map(([name, value]) => [name.toLowerCase(), JSON.stringify(value)]));
}

/** The names of what is other, in their order. */
export function differences(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): string[] {
  return [...new Set([...before.keys(), ...after.keys()])]
    .filter((name) => before.get(name) !== after.get(name))
    .sort();
}
export const named = (names: readonly string[]): string[] => names.map((name) => name.toLowerCase()).sort();
