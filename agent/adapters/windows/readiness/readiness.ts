/**
 * What this machine is ready for: facts, each with its own time limit, none of which changes anything. One that is not had
 * in time is a fault like any other, and keeps no other back.
 */
import type { DefenderState, DriverPackage, Registry, SafeMode } from "../../../machine-parts.ts";
import type { Result } from "../../../ports.ts";
import { bitLockerOf, type BitLockerState } from "../bitlocker.ts";
import { bootEntries, saidBy } from "../boot-entries.ts";
import { readDefenderState } from "../defender-state.ts";
import { drivers } from "../drivers.ts";
import { fault } from "../fault.ts";
import { listPackages } from "../installed-updates.ts";
import type { RunTool, ToolName } from "../ports.ts";
import { numberIfKnown } from "../registry-text.ts";
import { safeModeForbidden } from "../safe-mode-forbidden.ts";
import { safeModes } from "../safe-modes.ts";
import { type BootEntry, onlyValue } from "../tools/bcdedit-output.ts";
import { type FileSystemFilter, parseFilters } from "../tools/fltmc-output.ts";
import { parseRecoveryState, type RecoveryState } from "../tools/reagentc-output.ts";
import { parseWriteFilter, type WriteFilterState } from "../tools/uwfmgr-output.ts";
import { parseOwnSid } from "../tools/whoami-output.ts";
import { readSafeModeRule, type RuleState } from "./attack-surface-rule.ts";
import { type Edition, readEdition } from "./edition.ts";

interface BootFacts {
  /** Windows repairs itself after failed starts; undefined: the entry does not say it. */
  readonly recoveryEnabled: boolean | undefined;
  /** As IgnoreAllFailures; undefined: the default. */
  readonly statusPolicy: string | undefined;
  readonly nextSafeMode: SafeMode | undefined;
}

interface CrashFacts {
  readonly restartsByItself: boolean | undefined;
  /** Undefined: not known. */
  readonly writesDumps: boolean | undefined;
}

export interface Readiness {
  readonly edition: Edition;
  readonly account: Result<string>;
  readonly eventLog: Result<true>;
  readonly boot: Result<BootFacts>;
  readonly safeModeForbiddenBecause: string | undefined;
  readonly safeModeRule: RuleState | undefined;
  readonly recovery: Result<RecoveryState>;
  readonly bitLocker: Result<BitLockerState>;
  readonly packages: Result<number>;
  readonly drivers: Result<readonly DriverPackage[]>;
  readonly filters: Result<readonly FileSystemFilter[]>;
  readonly writeFilter: Result<WriteFilterState>;
  /** As FullLanguage or ConstrainedLanguage. */
  readonly languageMode: Result<string>;
  readonly defender: Result<DefenderState | undefined>;
  readonly crashes: CrashFacts;
}

const ASK_WITHIN_MS = 60_000;
const CRASH_CONTROL = "HKLM\\SYSTEM\\CurrentControlSet\\Control\\CrashControl";
/** Prints one word, and asks for nothing that constrained language forbids. */
const LANGUAGE_MODE = [
  "-NoLogo",
  "-NoProfile",
  "-NonInteractive",
  "-Command",
  "$ExecutionContext.SessionState.LanguageMode",
];

/** @param volume that Windows lies on, as C: */
export async function readReadiness(run: RunTool, registry: Registry, volume: string): Promise<Readiness> {
  const edition = await readEdition(registry);
  const [account, eventLog, boot, safeModeRule, recovery, bitLocker, filters, writeFilter, languageMode] =
    await Promise.all([
      ask(run, "whoami", ["/user", "/fo", "csv", "/nh"], parseOwnSid),
      ask(run, "wevtutil", ["qe", "System", "/c:1", "/rd:true", "/f:RenderedXml"], (text) =>
        text.includes("<Event ") ? (true as const) : undefined,
      ),
      readBoot(run),
      readSafeModeRule(registry),
      ask(run, "reagentc", ["/info"], parseRecoveryState),
      bitLockerOf(run, registry, volume),
      ask(run, "fltmc", ["filters"], parseFilters),
      ask(run, "uwfmgr", ["get-config"], parseWriteFilter),
      ask(run, "powershell", LANGUAGE_MODE, (text) => /^(\w+Language)\s*$/.exec(text)?.[1]),
    ]);
  const packages = await listPackages(run);
  return {
    edition,
    account,
    eventLog,
    boot,
    safeModeForbiddenBecause: safeModeForbidden({ productType: edition.productType, bitLocker }),
    safeModeRule,
    recovery,
    bitLocker,
    packages: packages.kind === "ok" ? { kind: "ok", value: packages.value.length } : packages,
    drivers: await drivers(run, "").packages(),
    filters,
    writeFilter,
    languageMode,
    defender: await readDefenderState(registry),
    crashes: await readCrashes(registry),
  };
}

/** An answer of another shape is a fault that says what was answered. */
async function ask<Fact>(
  run: RunTool,
  tool: ToolName,
  args: readonly string[],
  read: (text: string) => Fact | undefined,
): Promise<Result<Fact>> {
  const ran = await run(tool, args, ASK_WITHIN_MS);
  if (ran.kind === "fault") return ran;
  const fact = read(ran.value.stdout);
  if (fact !== undefined) return { kind: "ok", value: fact };
  return fault("unexpected", `${tool} ended with ${ran.value.exitCode}${saidBy(ran.value) || " and said nothing"}`);
}

async function readBoot(run: RunTool): Promise<Result<BootFacts>> {
  const entries = bootEntries(run);
  const current = await entries.current();
  if (current.kind === "fault") return current;
  const next = await safeModes(entries, async () => undefined).next();
  if (next.kind === "fault") return next;
  return {
    kind: "ok",
    value: {
      recoveryEnabled: truth(current.value, "recoveryenabled"),
      statusPolicy: onlyValue(current.value, "bootstatuspolicy"),
      nextSafeMode: next.value,
    },
  };
}

/** bcdedit says Yes and No in every language. */
function truth(entry: BootEntry, element: string): boolean | undefined {
  const value = onlyValue(entry, element)?.toLowerCase();
  return value === "yes" ? true : value === "no" ? false : undefined;
}

async function readCrashes(registry: Registry): Promise<CrashFacts> {
  const restarts = await numberIfKnown(registry, CRASH_CONTROL, "AutoReboot");
  const dumps = await numberIfKnown(registry, CRASH_CONTROL, "CrashDumpEnabled");
  return {
    restartsByItself: restarts === undefined ? undefined : restarts !== 0,
    writesDumps: dumps === undefined ? undefined : dumps !== 0,
  };
}
