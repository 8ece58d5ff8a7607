/**
 * The parts of a Windows machine beyond its files, as the steps ask for them. Each call looks or acts once and chooses
 * nothing; what a tool said is never the answer, what is there afterwards is.
 */
import type { Sha256 } from "../protocol/canonical.ts";
import type { PlanId } from "../protocol/ids.ts";
import type { RegistryKey, RegistryValue } from "../protocol/registry.ts";
import type { Instant } from "../protocol/time.ts";
import type { WindowsPath } from "../protocol/windows-path.ts";
import type { FileFacts, Result } from "./result.ts";

export interface Registry {
  /** Undefined: there is no such key or no such value. A kind of value that no step can set is a fault. */
  read(key: RegistryKey, name: string): Promise<Result<RegistryValue | undefined>>;
  /** When anything in the key was written last. Undefined: there is no such key. */
  writtenAt(key: RegistryKey): Promise<Result<Instant | undefined>>;
  /** Makes the key if it is not there. */
  write(key: RegistryKey, name: string, value: RegistryValue): Promise<Result<void>>;
  /** Removes one value; the key stays. A value that is not there is removed already. */
  remove(key: RegistryKey, name: string): Promise<Result<void>>;
}

/** As Windows names it: KB5034441. */
export type UpdateName = string;

export interface UpdateState {
  readonly update: UpdateName;
  /** The names of the packages it consists of, as the servicing stack knows them. */
  readonly packages: readonly string[];
  readonly state: "installed" | "install-pending" | "uninstall-pending";
  /** Why it cannot be removed, in words; undefined if it can. */
  readonly permanentBecause: string | undefined;
}

/** What was asked for is done, or will be with the next restart. */
export interface Done {
  readonly restartDue: boolean;
}

export interface Updates {
  /** Undefined: it is not on this machine. */
  find(update: UpdateName): Promise<Result<UpdateState | undefined>>;
  remove(update: UpdateName, withinMs: number): Promise<Result<Done>>;
  /** Only a file with exactly these contents is installed: they are hashed again under a handle that keeps others from writing. */
  install(file: WindowsPath, sha256: Sha256, withinMs: number): Promise<Result<Done>>;
  isBlocked(update: UpdateName): Promise<Result<boolean>>;
  /** Keeps Windows Update from offering it again. Management that installs by other ways is not kept from it. */
  block(update: UpdateName): Promise<Result<void>>;
  unblock(update: UpdateName): Promise<Result<void>>;
}

export interface DefenderState {
  readonly definitions: string | undefined;
  readonly engine: string | undefined;
  readonly platform: string | undefined;
  /** Undefined: not known. */
  readonly tamperProtected: boolean | undefined;
}

export interface Defender {
  /** Undefined: Defender is not on this machine. */
  state(): Promise<Result<DefenderState | undefined>>;
  /** Back to the definitions before the current ones. */
  revertDefinitions(withinMs: number): Promise<Result<void>>;
  /** Puts what Defender took away as this threat back where it was. */
  restoreFromQuarantine(threat: string, file: WindowsPath): Promise<Result<void>>;
}

/** A driver package of the driver store. */
export interface DriverPackage {
  /** As oem42.inf: the name on this machine only. */
  readonly published: string;
  readonly original: string;
  readonly provider: string;
  readonly version: string;
}

export interface Drivers {
  packages(): Promise<Result<readonly DriverPackage[]>>;
  /** Keeps a copy of the package in the agent's own folder first, under `keepAs`; without the copy nothing is removed. */
  remove(driver: DriverPackage, keepAs: string): Promise<Result<Done>>;
  /** Installs the package that was kept under this name again. */
  putBack(keepAs: string): Promise<Result<Done>>;
}

export type SafeMode = "minimal" | "network";

export interface SafeModes {
  /** Why this machine is never to be put into safe mode, in words (a domain controller, for instance). */
  forbiddenBecause(): Promise<string | undefined>;
  /** The mode that the next start alone is set to. Undefined: it starts normally. */
  next(): Promise<Result<SafeMode | undefined>>;
  /** For one start: the one after it is normal, whoever does or does not run in between. BitLocker is not touched. */
  setOnce(mode: SafeMode): Promise<Result<void>>;
  /** The next start is normal, and nothing that `setOnce` made is left. */
  clear(): Promise<Result<void>>;
  /** Was it `setOnce` that led to the start in which this is asked, and was it not cleared since? */
  hasLedHere(): Promise<Result<boolean>>;
}

/** What the person at the machine said, who can put a restart off for a while. */
export type Consent = "nobody-there" | "asked" | "now" | "later";

export interface People {
  /** Asks at the first call, and says at each later one what has become of it. Never waits for a person. */
  restartConsent(question: { readonly reason: string; readonly answerWithinMs: number }): Promise<Consent>;
}

/** For files that something holds open until the machine starts anew (`Machine.quarantine` said `file-locked`). */
export interface MovesAtRestart {
  /**
   * As `Machine.quarantine`, but the move is made by Windows at its next start, if the file is still there; until then the
   * entry is `dueAtRestart`, and `Machine.restore` of it cancels the move. It comes after boot-start and system-start
   * drivers have read what they read: `permission-denied` where such drivers read these contents.
   */
  quarantineAtRestart(
    plan: PlanId,
    facts: FileFacts,
    contents: { readonly readByBootDrivers: boolean },
  ): Promise<Result<Done>>;
}

/** Contents that are known to be good, kept by their digest, bounded in size and age. */
export interface KnownGood {
  /** Keeps copies of these files, as far as there is room; what is kept already is not copied again. */
  keep(files: readonly FileFacts[]): Promise<Result<void>>;
  holds(sha256: Sha256): Promise<Result<boolean>>;
  /** Puts a copy at a place where no file stands. */
  putBack(path: WindowsPath, sha256: Sha256): Promise<Result<void>>;
}

/** What is collected for people who look into a case; it stays on the machine until they fetch it. */
export type DiagnosticPart = "status" | "event-log" | "crash-dumps" | "inventory" | "doctor";
export interface Diagnostics {
  /** Writes the parts into a folder of the agent's own, of this name, and says where. What could not be had is named in it. */
  collect(name: string, parts: readonly DiagnosticPart[]): Promise<Result<WindowsPath>>;
}

export interface Services {
  /** Names of the services that run and need this one; empty if there is no such service. */
  dependents(name: string): Promise<Result<readonly string[]>>;
  /**
   * Stops the service, and before it what needs it and runs; starts all of them again, and these others too. One that stands
   * still is started. Resolves when all run. Nothing is stopped where something could not be started again.
   */
  restart(name: string, others: readonly string[], withinMs: number): Promise<Result<void>>;
}
