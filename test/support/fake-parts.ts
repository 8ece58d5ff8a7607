/**
 * The parts of a fake machine beyond its files: registry, updates, Defender, drivers, safe mode, people, known-good copies.
 * They outlive the power; every effect is counted by the machine, which may lose its power there.
 */
import type { absentParts } from "../../agent/adapters/absent-parts.ts";
import type { DefenderState, DriverPackage, SafeMode, UpdateState } from "../../agent/machine-parts.ts";
import type { Fault, KernelBoot, Machine } from "../../agent/ports.ts";
import { canonicalJson } from "../../protocol/canonical.ts";
import type { RegistryValue } from "../../protocol/registry.ts";
import { at, type Instant } from "../../protocol/time.ts";
import { WindowsPath } from "../../protocol/windows-path.ts";
import { sha256Of } from "./sha256-of.ts";

type Effect = (what: string, perform: () => void) => void;
type Parts = ReturnType<typeof absentParts>;
/** What of the machine the parts act upon. */
interface Body {
  readonly files: ReadonlyMap<string, { readonly contents: string }>;
  readonly services: ReadonlyMap<string, { running: boolean }>;
  put(path: string, contents: string, modifiedAt: Instant): void;
}
interface Taken {
  readonly threat: string;
  readonly path: string;
  readonly contents: string;
}

/** What comes back has its own date. */
const BEFORE = at("2026-11-20T08:00:00Z");
const OK = { kind: "ok", value: undefined } as const;
const found = <Value>(value: Value): { readonly kind: "ok"; readonly value: Value } => ({ kind: "ok", value });
const missing = (because: string): Fault => ({ kind: "fault", fault: "not-found", because });

export class FakeParts {
  readonly registry = new Map<string, RegistryValue>();
  /** Which services need a service. */
  readonly needs = new Map<string, readonly string[]>();
  readonly updates = new Map<string, UpdateState>();
  readonly blocked = new Set<string>();
  /** What is installed from which file. */
  readonly updateFiles = new Map<string, string>();
  defender: DefenderState | undefined;
  definitionsBefore = "1.1.0.0";
  readonly takenByDefender: Taken[] = [];
  readonly drivers: DriverPackage[] = [];
  readonly keptDrivers = new Map<string, DriverPackage>();
  next: SafeMode | undefined;
  /** The boot entry that led to this start is still there. */
  ledHere = false;
  /** Something sets safe mode for the next start again and again. */
  isNeverUsedUp = false;
  /** The boot manager starts Windows as ever, whatever was set. */
  isIgnored = false;
  noSafeModeBecause: string | undefined;
  /** What a person says when asked, one after another; then nobody is there. */
  readonly answers: Awaited<ReturnType<Machine["people"]["restartConsent"]>>[] = [];
  readonly knownGood = new Map<string, string>();
  readonly diagnostics = new Set<string>();
  /** A fault instead, by part and method: "updates.remove". */
  readonly faults = new Map<string, Fault>();
  /** Says that it is done and does nothing, as tools that end with 0. */
  readonly lies = new Set<string>();

  /** All that a plan can be about; what the agent keeps for itself is not. */
  get state(): unknown {
    return {
      registry: [...this.registry].sort(([a], [b]) => (a < b ? -1 : 1)),
      updates: [...this.updates.values()].map(({ update, state }) => ({ update, state })),
      blocked: [...this.blocked].sort(),
      definitions: this.defender?.definitions,
      takenByDefender: [...this.takenByDefender],
      drivers: this.drivers.map(({ original, version }) => `${original} ${version}`).sort(),
      next: this.next,
    };
  }

  /** A start of the machine uses safe mode up, and Windows finishes what waited for it. */
  start(): KernelBoot["mode"] {
    for (const [name, update] of this.updates) {
      if (update.state === "uninstall-pending") this.updates.delete(name);
      else this.updates.set(name, { ...update, state: "installed" });
    }
    const mode = this.isIgnored ? undefined : this.next;
    if (!this.isNeverUsedUp) this.next = undefined;
    this.ledHere = mode !== undefined;
    return mode === undefined ? "normal" : mode === "minimal" ? "safe-minimal" : "safe-network";
  }

  of(effect: Effect, machine: Body): Parts {
    const act = async (name: string, what: string, perform: () => void): Promise<typeof OK | Fault> => {
      const fault = this.faults.get(name);
      if (fault !== undefined) return fault;
      if (!this.lies.has(name)) effect(what, perform);
      return OK;
    };
    const look = async <Value>(name: string, value: Value) => this.faults.get(name) ?? found(value);
    const runningOnes = (names: readonly string[]): string[] =>
      names.filter((name) => machine.services.get(name)?.running === true);
    const placeOf = (key: string, name: string): string => `${key}\\${name}`.toLowerCase();
    return {
      registry: {
        read: (key, name) => look("registry.read", this.registry.get(placeOf(key, name))),
        write: (key, name, value) =>
          act("registry.write", `set ${key} ${name} ${canonicalJson(value)}`, () =>
            this.registry.set(placeOf(key, name), value),
          ),
        writtenAt: async () => found(BEFORE),
        remove: (key, name) =>
          act("registry.remove", `remove ${key} ${name}`, () => this.registry.delete(placeOf(key, name))),
      },
      serviceControl: {
        dependents: async (name) => found(runningOnes(this.needs.get(name) ?? [])),
        restart: async (name, others) => {
          const fault = this.faults.get("serviceControl.restart");
          if (fault !== undefined) return fault;
          if (!machine.services.has(name)) return missing(`no service ${name}`);
          const stopping = [...runningOnes(this.needs.get(name) ?? []), name];
          const set = (each: string, running: boolean): void => {
            const service = machine.services.get(each);
            if (service?.running === !running)
              effect(`${running ? "start" : "stop"} ${each}`, () => (service.running = running));
          };
          for (const each of stopping) set(each, false);
          for (const each of new Set([...stopping.toReversed(), ...others])) set(each, true);
          return OK;
        },
      },
      updates: {
        find: (update) => look("updates.find", this.updates.get(update)),
        remove: async (update) => {
          const was = this.updates.get(update);
          if (was === undefined) return missing(`${update} is not there`);
          const done = await act("updates.remove", `remove ${update}`, () =>
            this.updates.set(update, { ...was, state: "uninstall-pending" }),
          );
          return done.kind === "fault" ? done : found({ restartDue: true });
        },
        install: async (file, sha256) => {
          const contents = machine.files.get(file.toLowerCase())?.contents;
          const update = this.updateFiles.get(file.toLowerCase());
          if (contents === undefined || update === undefined) return missing(`${file} is not there`);
          if (sha256Of(contents) !== sha256) return { kind: "fault", fault: "file-changed", because: "another file" };
          const done = await act("updates.install", `install ${update}`, () =>
            this.updates.set(update, { update, packages: [], state: "install-pending", permanentBecause: undefined }),
          );
          return done.kind === "fault" ? done : found({ restartDue: true });
        },
        isBlocked: (update) => look("updates.isBlocked", this.blocked.has(update)),
        block: (update) => act("updates.block", `block ${update}`, () => this.blocked.add(update)),
        unblock: (update) => act("updates.unblock", `unblock ${update}`, () => this.blocked.delete(update)),
      },
      defender: {
        state: () => look("defender.state", this.defender),
        revertDefinitions: () =>
          act("defender.revertDefinitions", "revert definitions", () => {
            if (this.defender !== undefined) this.defender = { ...this.defender, definitions: this.definitionsBefore };
          }),
        restoreFromQuarantine: async (threat, file) => {
          const at = this.takenByDefender.findIndex((each) => each.threat === threat && each.path === file);
          const taken = this.takenByDefender[at];
          if (taken === undefined) return missing(`Defender has taken no ${file} away`);
          return act("defender.restoreFromQuarantine", `Defender restores ${file}`, () => {
            machine.put(taken.path, taken.contents, BEFORE);
            this.takenByDefender.splice(at, 1);
          });
        },
      },
      drivers: {
        packages: () => look("drivers.packages", [...this.drivers]),
        remove: async (driver, keepAs) => {
          const fault = this.faults.get("drivers.remove");
          if (fault !== undefined) return fault;
          effect(`keep ${keepAs}`, () => this.keptDrivers.set(keepAs, driver));
          effect(`remove ${driver.published}`, () => {
            const at = this.drivers.findIndex(({ published }) => published === driver.published);
            if (at >= 0) this.drivers.splice(at, 1);
          });
          return found({ restartDue: false });
        },
        putBack: async (keepAs) => {
          const kept = this.keptDrivers.get(keepAs);
          if (kept === undefined) return missing(`nothing is kept as ${keepAs}`);
          const done = await act("drivers.putBack", `put ${keepAs} back`, () =>
            this.drivers.push({ ...kept, published: `oem${this.drivers.length + 90}.inf` }),
          );
          return done.kind === "fault" ? done : found({ restartDue: false });
        },
      },
      safeModes: {
        forbiddenBecause: async () => this.noSafeModeBecause,
        next: () => look("safeModes.next", this.next),
        setOnce: (mode) => act("safeModes.setOnce", `safe mode ${mode}`, () => (this.next = mode)),
        clear: () =>
          act("safeModes.clear", "clear safe mode", () => {
            this.next = undefined;
            this.ledHere = false;
          }),
        hasLedHere: () => look("safeModes.hasLedHere", this.ledHere),
      },
      people: { restartConsent: async () => this.answers.shift() ?? "nobody-there" },
      knownGood: {
        keep: async (files) => {
          for (const { path, sha256 } of files) {
            const contents = machine.files.get(path.toLowerCase())?.contents;
            if (contents === undefined || this.knownGood.has(sha256)) continue;
            const kept = await act("knownGood.keep", `keep ${path}`, () => this.knownGood.set(sha256, contents));
            if (kept.kind === "fault") return kept;
          }
          return OK;
        },
        holds: (sha256) => look("knownGood.holds", this.knownGood.has(sha256)),
        putBack: async (path, sha256) => {
          const contents = this.knownGood.get(sha256);
          if (contents === undefined) return missing(`no copy of ${sha256}`);
          return act("knownGood.putBack", `put ${path} back`, () => machine.put(path, contents, BEFORE));
        },
      },
      diagnostics: {
        collect: async (name) => {
          const done = await act("diagnostics.collect", `collect ${name}`, () => this.diagnostics.add(name));
          return done.kind === "fault" ? done : found(WindowsPath.parse(`C:\\ProgramData\\Ringback\\${name}`));
        },
      },
    };
  }
}
