/** What the agent's core and loops ask of the machine they run on. Adapters: windows, offline, lab, and fakes in tests. */
import type { BootId, BootReport, MachineFacts, ServiceState } from "../protocol/boot.ts";
import type { ContentSourceId } from "../protocol/content.ts";
import type { Signer } from "../protocol/dsse.ts";
import type { PlanId } from "../protocol/ids.ts";
import type { ServiceStart } from "../protocol/playbook.ts";
import type { Instant } from "../protocol/time.ts";
import type { VerifyRaw } from "../protocol/signatures.ts";
import type { WindowsGlob } from "../protocol/windows-path.ts";
import type { BeliefRecord } from "./core/belief.ts";
import type { BootPast } from "./evidence/boot-evidence.ts";
import type {
  Defender,
  Diagnostics,
  Drivers,
  KnownGood,
  MovesAtRestart,
  People,
  Registry,
  SafeModes,
  Services,
  Updates,
} from "./machine-parts.ts";
import type { FileFacts, Result } from "./result.ts";

export type { Fault, FileFacts, Result } from "./result.ts";

export interface Clock {
  /** The wall clock: for display and expiry only, never for durations. */
  now(): Instant;
  /** Milliseconds since the kernel booted; goes on over restarts of the agent, starts again at a boot. */
  uptimeMs(): number;
  /** Calls back once, not before `ms` have passed; returns how to forget it. */
  after(ms: number, call: () => void): () => void;
}

/** At least `count` random bytes; a seed in the simulator. */
export type Random = (count: number) => Uint8Array;

/**
 * A file of records that only grows. `append` resolves when the record is on the disk; a record torn by a power cut is
 * dropped by the next `read`, the whole ones before it never are. A rejected `append` (`RecordNotWritten`)
 * has left nothing behind.
 */
export interface RecordLog {
  read(): Promise<readonly unknown[]>;
  append(record: unknown): Promise<void>;
  /** Puts these records in place of all others, atomically. */
  replace(records: readonly unknown[]): Promise<void>;
}

/**
 * A record could not be put on the disk (full, failing, taken away). Nothing was written; trying again later may work.
 * Thrown, because whoever promised to record must not go on.
 */
export class RecordNotWritten extends Error {
  override readonly name = "RecordNotWritten";
  readonly code = "record-not-written";
}

/** Records in the middle of a log cannot be read: damage, not a power cut. `read` throws it; nothing is repaired. */
export class RecordsDamaged extends Error {
  override readonly name = "RecordsDamaged";
  readonly code = "records-damaged";
}

/** The agent's own records, each a log of its own in its state folder. */
export interface Records {
  readonly boots: RecordLog;
  readonly content: RecordLog;
  readonly journal: RecordLog;
  readonly outbox: RecordLog;
}

/** What the kernel says of this boot. Cheap: it is asked before anything else. */
export interface KernelBoot {
  readonly bootId: BootId;
  readonly bootedAt: Instant;
  readonly kind: BootReport["kind"];
  readonly mode: BootReport["mode"];
}

export interface Quarantined extends FileFacts {
  readonly plan: PlanId;
  /** Whether the file lies in the quarantine now; false while the promise stands and the move has not happened. */
  readonly held: boolean;
  /** Windows moves it there when it starts next: something holds it open until then. */
  readonly dueAtRestart?: true;
}

/** The machine, with no choices of its own. Every method that changes something may be called again after a crash. */
export interface Machine {
  /** The agent's own folders (state, program): no step may touch what lies under them. */
  readonly ownFolders: readonly string[];
  /** Why an order and all that it does would be forgotten at the next start, and done again for ever; undefined: it is not. */
  readonly forgetsBecause?: () => Promise<string | undefined>;
  kernelBoot(): Promise<KernelBoot>;
  /**
   * How the boot before this one ended, and all evidence of the boots since `since`, when the boot began that was
   * reported last (null: none was). May take a while. What cannot be read is left out; it never rejects for that.
   */
  bootPast(since: Instant | null): Promise<BootPast>;
  /** What the machine is. Cheap; what cannot be read is null. */
  facts(): Promise<MachineFacts>;

  /** Files that match, with their contents hashed. A missing folder is no fault: nothing matches. */
  files(glob: WindowsGlob): Promise<Result<readonly FileFacts[]>>;
  /** Moves the file into the quarantine with its metadata, if it still is what `facts` says; else `file-changed`. */
  quarantine(plan: PlanId, facts: FileFacts): Promise<Result<void>>;
  /** Where Windows can move what something holds open, at its next start. Not every machine is Windows. */
  readonly quarantineAtRestart?: MovesAtRestart["quarantineAtRestart"];
  quarantined(plan: PlanId): Promise<Result<readonly Quarantined[]>>;
  /** Moves a file back to where it was, metadata included. A file that stands there now is a fault, never overwritten. */
  restore(entry: Quarantined): Promise<Result<void>>;

  services(names: readonly string[]): Promise<readonly ServiceState[]>;
  /** Undefined if there is no such service. */
  serviceStart(name: string): Promise<Result<ServiceStart | undefined>>;
  setServiceStart(name: string, start: ServiceStart): Promise<Result<void>>;

  /** Keeps the source from getting new contents, over restarts too, until it is released. `unexpected`: not possible here. */
  hold(source: ContentSourceId): Promise<Result<void>>;
  releaseHold(source: ContentSourceId): Promise<Result<void>>;
  /** Is it kept from getting new contents, as far as can be seen? */
  isHeld(source: ContentSourceId): Promise<Result<boolean>>;

  /** Asks for a restart. Resolves when the request was taken; the process ends some time later. */
  restart(noticeMs: number, reason: string): Promise<Result<void>>;

  readonly registry: Registry;
  readonly serviceControl: Services;
  readonly updates: Updates;
  readonly defender: Defender;
  readonly drivers: Drivers;
  readonly safeModes: SafeModes;
  readonly people: People;
  readonly knownGood: KnownGood;
  readonly diagnostics: Diagnostics;
}

/** One live connection to the controller. */
export interface Connection {
  send(message: string): void;
  /**
   * What both ends of this TLS connection can compute, and nobody else (`CHANNEL` in protocol/frames.ts), in base64.
   * Empty where there is no such thing. Known once the connection is open.
   */
  readonly channel: string;
  /** Bytes handed over but not yet on their way. */
  readonly bufferedBytes: number;
  close(code: number, reason: string): void;
}
export interface ConnectionEvents {
  onOpen(): void;
  onMessage(message: string): void;
  /** Called once, also when the connection could not be made. */
  onClose(code: number, reason: string): void;
}
export type Dial = (url: string, events: ConnectionEvents) => Connection;

/** For people who look after the agent, never for decisions. `fields` hold no secrets. */
export interface Log {
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

/** What the device believes, in its own folder. Undefined: nothing that can be read, so nobody is believed. */
export interface BeliefFile {
  read(): Promise<BeliefRecord | undefined>;
  /** Resolves when it is on the disk, whole. @throws RecordNotWritten */
  write(record: BeliefRecord): Promise<void>;
}

/** Everything an agent needs from outside; `main.ts` chooses, tests and the simulator bring fakes. */
export interface AgentPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly records: Records;
  readonly machine: Machine;
  readonly dial: Dial;
  /** Signs with the device's own key. */
  readonly signer: Signer;
  readonly verify: VerifyRaw;
  readonly belief: BeliefFile;
  readonly log: Log;
  /** The agent cannot go on; the process should end and be started again. Called at most once. */
  readonly onMustEnd: (error: unknown) => void;
}
