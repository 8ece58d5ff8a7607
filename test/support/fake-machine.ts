/**
 * A machine in memory: files, services, boots, and a disk that outlives the power.
 *
 * Every effect on the disk is counted, and power can be cut before or after any of them: the process that ran is dead
 * from then on, whatever it still tries. Deterministic; time moves only when told.
 */
import {
  type Clock,
  type Fault,
  type FileFacts,
  type KernelBoot,
  type Machine,
  type Quarantined,
  type RecordLog,
  RecordNotWritten,
  type Records,
} from "../../agent/ports.ts";
import type { BeliefRecord } from "../../agent/core/belief.ts";
import { type BootEnd, BootId, NO_EVIDENCE } from "../../protocol/boot.ts";
import { sha256Of } from "./sha256-of.ts";
import type { ContentSource } from "../../protocol/content-source.ts";
import type { PlanId } from "../../protocol/ids.ts";
import type { ServiceStart } from "../../protocol/playbook.ts";
import { at, type Instant, later } from "../../protocol/time.ts";
import { FakeParts } from "./fake-parts.ts";
import { nameMatches, splitPath, WindowsPath } from "../../protocol/windows-path.ts";

/** The power went: nothing after this happened. */
export class PowerLost extends Error {
  override readonly name = "PowerLost";
}

/** There is no room for this write. Logs throw it; a machine answers with the fault. */
class DiskFull extends RecordNotWritten {}
/** The tries to write that fail, from the one that is asked for on. */
const FULL_TRIES = 3;

export interface PowerCut {
  readonly effect: number;
  /** `full`: the power stays, but the disk has no room for a while. */
  readonly when: "before" | "after" | "full";
}
interface FakeFile {
  readonly path: WindowsPath;
  readonly contents: string;
  readonly modifiedAt: Instant;
}
interface FakeEntry {
  readonly plan: PlanId;
  readonly facts: FileFacts;
  file: FakeFile | undefined;
  /** It is moved by the next start. */
  due?: boolean;
}
type LogName = keyof Records;

/** What one process has of the machine. */
export interface FakeProcess {
  readonly machine: Machine;
  readonly records: Records;
  readonly clock: Clock;
}

export class FakeMachine {
  readonly files = new Map<string, FakeFile>();
  readonly entries: FakeEntry[] = [];
  readonly services = new Map<string, { start: ServiceStart; running: boolean }>();
  readonly logs: Record<LogName, string[]> = { boots: [], content: [], journal: [], outbox: [] };
  /** What every effect so far was, in words. */
  readonly effects: string[] = [];
  readonly restartsAsked: string[] = [];
  /** Sources that get nothing new. */
  readonly held = new Set<string>();
  /** What an agent in memory believes; it outlives the process. */
  belief: BeliefRecord | undefined;
  cutAt: PowerCut | undefined;
  /** A fault that the machine answers with instead, by method. */
  readonly faults = new Map<
    "files" | "quarantine" | "quarantined" | "restore" | "setServiceStart" | "restart" | "hold" | "releaseHold",
    Fault
  >();
  /** Logs that cannot be written now. */
  readonly fullLogs = new Set<LogName>();
  private cutEveryEffects: number | undefined;
  private fullTries = 0;
  lastEnd: BootEnd = { kind: "unknown" };
  mode: KernelBoot["mode"] = "normal";
  hasNetwork = true;
  /** Why its disk forgets everything at the next start. */
  forgetsBecause: string | undefined;
  /** False: Windows forgets what it was to move as it starts. */
  makesMoves = true;
  /** A real machine that orders are carried out on instead; time and the agent's records stay this one's. */
  body: ((boot: KernelBoot) => Promise<Machine>) | undefined;
  /** The order under way is withdrawn as soon as so many effects were there. */
  withdrawnAfterEffects = Infinity;
  /** What its agent knows of content sources. */
  sources: readonly ContentSource[] = [];
  /** Registry, updates and all that is no file and no service. */
  readonly parts = new FakeParts();
  boots = 0;
  /** What the wall clock is ahead of the true time; negative for behind. */
  clockAheadMs = 0;
  private time: Instant = at("2026-11-22T12:00:00Z");
  private bootedAt: Instant = this.time;
  private life = 0;
  private alarms = new Set<{ readonly due: Instant; readonly call: () => void }>();

  constructor() {
    this.boot({ kind: "clean" });
  }

  get now(): Instant {
    return this.time;
  }
  /** Timers that have not rung. */
  get alarmCount(): number {
    return this.alarms.size;
  }

  put(path: string, contents: string, modifiedAt: Instant = this.time): void {
    this.files.set(path.toLowerCase(), { path: WindowsPath.parse(path), contents, modifiedAt });
  }
  /** What stands where, and what the quarantine holds: all that a plan is about. */
  get state(): unknown {
    return {
      files: [...this.files.values()]
        .sort((a, b) => (a.path < b.path ? -1 : 1))
        .map(({ path, contents, modifiedAt }) => ({ path, contents, modifiedAt })),
      held: this.entries.flatMap(({ plan, file }) => (file === undefined ? [] : [{ plan, path: file.path }])),
      services: [...this.services].map(([name, { start }]) => ({ name, start })),
      sourcesHeld: [...this.held].sort(),
      parts: this.parts.state,
    };
  }

  /** Ends what runs and boots. Services that start by themselves run. */
  boot(lastEnd: BootEnd): void {
    this.life++;
    this.alarms = new Set();
    this.lastEnd = lastEnd;
    this.boots++;
    this.bootedAt = this.time;
    this.mode = this.parts.start();
    for (const entry of this.entries.filter(({ due }) => due === true)) {
      entry.due = false;
      if (!this.makesMoves) continue;
      entry.file = this.files.get(entry.facts.path.toLowerCase());
      this.files.delete(entry.facts.path.toLowerCase());
    }
    for (const service of this.services.values())
      service.running = service.start === "automatic" && this.mode === "normal";
  }

  /** Power is lost after this many effects, and after as many again, without an end. */
  cutEvery(effects: number): void {
    this.cutEveryEffects = effects;
    this.cutAt = { effect: this.effects.length + effects - 1, when: "after" };
  }

  /** Somebody ended the process; the machine runs on. */
  loseProcess(): void {
    this.cutAt = undefined;
    this.life++;
    this.alarms = new Set();
  }

  /** The power goes and comes back; a cut that was asked for has happened. */
  losePower(): void {
    this.cutAt = undefined;
    if (this.cutEveryEffects !== undefined) this.cutEvery(this.cutEveryEffects);
    this.boot({ kind: "power-loss" });
  }

  /** A new process of the agent in this boot. The one before it is dead. */
  start(): FakeProcess {
    const life = ++this.life;
    this.alarms = new Set();
    const alive = (): void => {
      if (life !== this.life) throw new PowerLost("this process is dead");
    };
    return { machine: withFaults(this.machine(alive)), records: this.records(alive), clock: this.clock(alive) };
  }

  /** Moves time on; what falls due on the way rings at its own time, and what it sets going is let run. */
  async advance(ms: number): Promise<void> {
    const end = later(this.time, ms);
    for (;;) {
      await settle();
      const next = [...this.alarms].filter(({ due }) => due <= end).sort((a, b) => a.due - b.due)[0];
      if (next === undefined) break;
      this.alarms.delete(next);
      this.time = later(next.due, 0);
      next.call();
    }
    this.time = end;
    await settle();
  }

  private clock(alive: () => void): Clock {
    return {
      now: () => Math.max(0, this.time + this.clockAheadMs) as Instant,
      uptimeMs: () => this.time - this.bootedAt,
      after: (ms, call) => {
        alive();
        const alarm = { due: later(this.time, Math.max(0, Math.ceil(ms))), call };
        this.alarms.add(alarm);
        return () => this.alarms.delete(alarm);
      },
    };
  }

  private records(alive: () => void): Records {
    const log = (name: LogName): RecordLog => ({
      read: async () => {
        alive();
        return this.logs[name].map((line): unknown => JSON.parse(line));
      },
      append: async (record) => {
        const line = JSON.stringify(record);
        this.effect(alive, `${name} + ${line.slice(0, 60)}`, () => this.writable(name).push(line));
      },
      replace: async (records) => {
        const lines = records.map((record) => JSON.stringify(record));
        this.effect(alive, `${name} = ${lines.length} records`, () => {
          this.writable(name);
          this.logs[name] = lines;
        });
      },
    });
    return { boots: log("boots"), content: log("content"), journal: log("journal"), outbox: log("outbox") };
  }

  private writable(name: LogName): string[] {
    if (this.fullLogs.has(name)) throw new RecordNotWritten(`${name}.log could not be written: ENOSPC`);
    return this.logs[name];
  }

  private machine(alive: () => void): Machine {
    const factsOf = ({ path, contents, modifiedAt }: FakeFile): FileFacts => ({
      path,
      sha256: sha256Of(contents),
      header: Buffer.from(contents).toString("hex").slice(0, 128),
      sizeBytes: Buffer.byteLength(contents),
      modifiedAt,
    });
    const ok = { kind: "ok", value: undefined } as const;
    return {
      ...this.parts.of((what, perform) => this.effect(alive, what, perform), this),
      ownFolders: ["C:\\ProgramData\\Ringback"],
      forgetsBecause: async () => this.forgetsBecause,
      kernelBoot: async () => this.kernelBoot(),
      facts: async () => ({ build: "10.0.19045", maker: "Acme", model: "Till 3", chassis: "desktop" }),
      bootPast: async () => ({ previousEnd: this.lastEnd, evidence: NO_EVIDENCE }),

      files: async (glob) => {
        alive();
        const fault = this.faults.get("files");
        if (fault !== undefined) return fault;
        const { folder, name } = splitPath(glob);
        const found = [...this.files.values()].filter(({ path }) => {
          const parts = splitPath(path);
          return parts.folder.toLowerCase() === folder.toLowerCase() && nameMatches(name, parts.name);
        });
        return { kind: "ok", value: found.map(factsOf) };
      },

      quarantine: async (plan, facts) => {
        alive();
        const fault = this.faults.get("quarantine");
        if (fault !== undefined) return fault;
        const file = this.files.get(facts.path.toLowerCase());
        if (file === undefined || sha256Of(file.contents) !== facts.sha256)
          return { kind: "fault", fault: "file-changed", because: `${facts.path} is not what it was` };
        let entry = this.entries.find((each) => each.plan === plan && each.facts.path === facts.path && !each.file);
        this.effect(alive, `entry of ${facts.path}`, () => {
          if (entry === undefined) this.entries.push((entry = { plan, facts, file: undefined }));
        });
        this.effect(alive, `move ${facts.path}`, () => {
          this.files.delete(facts.path.toLowerCase());
          if (entry !== undefined) entry.file = file;
        });
        return ok;
      },
      quarantineAtRestart: async (plan, facts, { readByBootDrivers }) => {
        alive();
        if (readByBootDrivers) return { kind: "fault", fault: "permission-denied", because: "a driver reads it first" };
        this.effect(alive, `entry of ${facts.path}, due`, () => {
          if (!this.entries.some((each) => each.plan === plan && each.facts.path === facts.path && each.due))
            this.entries.push({ plan, facts, file: undefined, due: true });
        });
        return { kind: "ok", value: { restartDue: true } };
      },
      quarantined: async (plan) => {
        alive();
        const fault = this.faults.get("quarantined");
        if (fault !== undefined) return fault;
        const mine = this.entries.filter((entry) => entry.plan === plan);
        return {
          kind: "ok",
          value: mine.map(({ facts, file, due }): Quarantined => {
            const entry = { ...facts, plan, held: file !== undefined };
            return due === true ? { ...entry, dueAtRestart: true } : entry;
          }),
        };
      },
      restore: async ({ plan, path }) => {
        alive();
        const fault = this.faults.get("restore");
        if (fault !== undefined) return fault;
        const due = this.entries.findIndex((each) => each.plan === plan && each.facts.path === path && each.due);
        if (due >= 0) {
          this.effect(alive, `cancel the move of ${path}`, () => this.entries.splice(due, 1));
          return ok;
        }
        const entry = this.entries.find(
          (each) => each.plan === plan && each.facts.path === path && each.file !== undefined,
        );
        if (entry?.file === undefined) return { kind: "fault", fault: "not-found", because: `${path} is not held` };
        if (this.files.has(path.toLowerCase()))
          return { kind: "fault", fault: "file-changed", because: `another file stands at ${path}` };
        const { file } = entry;
        this.effect(alive, `restore ${path}`, () => {
          this.files.set(path.toLowerCase(), file);
          entry.file = undefined;
        });
        return ok;
      },

      services: async (names) => names.map((name) => ({ name, running: this.services.get(name)?.running === true })),
      serviceStart: async (name) => ({ kind: "ok", value: this.services.get(name)?.start }),
      setServiceStart: async (name, start) => {
        alive();
        const fault = this.faults.get("setServiceStart");
        if (fault !== undefined) return fault;
        const service = this.services.get(name);
        if (service === undefined) return { kind: "fault", fault: "not-found", because: `no service ${name}` };
        this.effect(alive, `${name} starts ${start}`, () => {
          service.start = start;
        });
        return ok;
      },

      hold: async (source) => {
        alive();
        const fault = this.faults.get("hold");
        if (fault !== undefined) return fault;
        this.effect(alive, `hold ${source}`, () => this.held.add(source));
        return ok;
      },
      releaseHold: async (source) => {
        alive();
        const fault = this.faults.get("releaseHold");
        if (fault !== undefined) return fault;
        this.effect(alive, `release ${source}`, () => this.held.delete(source));
        return ok;
      },

      isHeld: async (source) => ({ kind: "ok", value: this.held.has(source) }),

      restart: async (_noticeMs, reason) => {
        alive();
        const fault = this.faults.get("restart");
        if (fault !== undefined) return fault;
        this.effect(alive, "ask for a restart", () => this.restartsAsked.push(reason), false);
        return ok;
      },
    };
  }

  private kernelBoot(): KernelBoot {
    return { bootId: BootId.parse(`boot-${this.boots}`), bootedAt: this.bootedAt, kind: "cold", mode: this.mode };
  }

  /** @param isWrite does it need room on the disk? */
  private effect(alive: () => void, what: string, perform: () => void, isWrite = true): void {
    alive();
    const cut = this.cutAt?.effect === this.effects.length ? this.cutAt.when : undefined;
    if (cut === "before") this.die();
    if (cut === "full" && isWrite && this.fullTries++ < FULL_TRIES) throw new DiskFull(`no room for ${what}`);
    perform();
    this.effects.push(what);
    if (cut === "after") this.die();
  }

  private die(): never {
    this.life++;
    this.alarms = new Set();
    throw new PowerLost("power lost");
  }
}

export { sha256Of } from "./sha256-of.ts";

/** A machine says that its disk is full, and throws nothing. */
function withFaults<Part extends object>(part: Part): Part {
  const entries = Object.entries(part).map(([name, value]: [string, unknown]) => {
    if (typeof value === "function") return [name, answering(value as (...args: unknown[]) => unknown)];
    return [name, typeof value === "object" && value !== null && !Array.isArray(value) ? withFaults(value) : value];
  });
  return Object.fromEntries(entries) as Part;
}

const answering =
  (method: (...args: unknown[]) => unknown) =>
  async (...args: unknown[]): Promise<unknown> => {
    try {
      return await method(...args);
    } catch (error) {
      if (!(error instanceof DiskFull)) throw error;
      return { kind: "fault", fault: "disk-full", because: error.message };
    }
  };

/** Lets everything run that waits for nothing but its turn. */
async function settle(): Promise<void> {
  for (let i = 0; i < 3; i++) await new Promise((resolve) => setImmediate(resolve));
}
