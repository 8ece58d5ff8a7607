/**
 * The kernel of a lab machine: power, boots, crashes, and the records they leave.
 *
 * A boot begins with a real agent process. The driver reads its content from the disk in the same moment; a faulty one
 * ends the boot after a set time, whatever anybody does to the file meanwhile, because it is loaded. The order on the
 * disk is that of Windows: the records of a dirty end and the dump appear in the boot after it, before the agent starts.
 */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { z } from "zod";
import { interpret, NEEDED, newestContent } from "./content-driver.ts";
import { aTriageDump, FILTER, KERNEL } from "../support/a-triage-dump.ts";
import { dumpName, type KernelStop } from "./crash-dump.ts";
import { DRIVER_FOLDER, json, setRunning, writeWhole } from "./disk.ts";
import { SystemLog } from "./event-log.ts";
import { bootRecords, type LastEnd, restartRecords } from "./event-records.ts";
import type { MachineSpec } from "./fleet.ts";
import type { KernelFact, NewFact, PowerState } from "./kernel-facts.ts";
import type { LabClock } from "./lab-clock.ts";
import type { MachineNetwork } from "./network.ts";
import type { Program } from "./programs.ts";
import { type StartMode, takeStart } from "./start.ts";
import { startupRepairTrail } from "./repair-trail.ts";

export interface MachineOptions {
  readonly folder: string;
  readonly spec: MachineSpec;
  readonly clock: LabClock;
  readonly network: MachineNetwork;
  readonly startAgent: (folder: string) => Program;
  readonly onFact?: (fact: KernelFact) => void;
  /** The lab itself is broken: the disk is full, the agent cannot be started. */
  readonly onFault: (error: unknown) => void;
}

const PAGE_FAULT_IN_NONPAGED_AREA = 0x50;
/** What interprets the content, in the address space of the kernel. */
const SENSOR_DRIVER = {
  name: "\\SystemRoot\\System32\\drivers\\Acme\\acmesensor.sys",
  base: 0xffff_f804_8b58_0000n,
  bytes: 0x2_0000,
};
const REPAIR_TRAIL = "C/Windows/System32/LogFiles/Srt/SrtTrail.txt";
/** Windows tries Startup Repair after two boots that did not get as far as the services; it takes its time. */
const FAILED_BOOTS_BEFORE_REPAIR = 2;
const STARTUP_REPAIR_LAB_MS = 300_000;
/** A machine that crashed this often in a row stays at the recovery screen: the lab does not loop for ever. */
const CRASHES_IN_A_ROW_MAX = 60;
/** How long a service gets to stop before a restart, of the wall: it runs in wall time. */
const STOP_GRACE_WALL_MS = 3_000;
const RESTART_POLL_LAB_MS = 2_000;
/** What the installer sets for a service that fails: started again after a minute. */
const SERVICE_RESTART_LAB_MS = 60_000;

/** Looser than what the agent writes: its own business is not looked at. */
const RestartRequest = z.object({ noticeMs: z.number().min(0), reason: z.string() });
type RestartRequest = z.infer<typeof RestartRequest>;

export class Machine {
  readonly spec: MachineSpec;
  readonly folder: string;
  readonly facts: KernelFact[] = [];
  readonly #options: MachineOptions;
  readonly #log: SystemLog;
  readonly #timers = new Set<() => void>();
  #state: PowerState = "off";
  /** Goes up at every beginning and every end of a boot: what was begun in an older life stops where it is. */
  #life = 0;
  #bootCount = 0;
  #bootedAt = 0;
  #mode: StartMode = "normal";
  #lastEnd: LastEnd = { kind: "clean" };
  #agent: Program | undefined;
  #isStopping = false;
  #loadedSha256: string | undefined;
  #failedBoots = 0;
  #crashesInARow = 0;
  #atRest: Promise<void> = Promise.resolve();

  constructor(options: MachineOptions) {
    this.#options = options;
    this.spec = options.spec;
    this.folder = options.folder;
    this.#log = new SystemLog(options.folder, options.spec.name);
  }

  get state(): PowerState {
    return this.#state;
  }
  get isOnline(): boolean {
    return this.#options.network.isUp;
  }
  get agentPid(): number | undefined {
    return this.#agent?.pid;
  }

  async powerOn(): Promise<void> {
    await this.#atRest;
    if (this.#state === "off") this.#begin();
    await this.#atRest;
  }

  /** Pulls the plug: nothing is flushed, nobody is told. The machine stays off until `powerOn`. */
  async cutPower(): Promise<void> {
    if (this.#state === "off") return;
    const wasUp = this.#state === "booting" || this.#state === "running";
    const agent = this.#agent;
    this.#end(wasUp ? { kind: "power-loss", at: this.#options.clock.now() } : this.#lastEnd, "off");
    this.#say({ kind: "power-cut" });
    await agent?.ended;
    await this.#atRest;
  }

  /** Somebody has put a content file in the driver's folder. Most releases of the driver load it there and then. */
  async contentArrived(name: string): Promise<void> {
    const path = `${DRIVER_FOLDER}/${name}`;
    const bytes = await readFile(join(this.folder, path));
    this.#say({ kind: "arrived", path, sha256: sha256(bytes), faulty: interpret(bytes).kind === "page-fault" });
    if (this.spec.loads === "at-once" && this.#isUp() && this.#mode === "normal") {
      await this.#loadContent(this.#life, this.#upMs() + this.spec.dieAfterLoadMs);
    }
  }

  #begin(): void {
    this.#state = "booting";
    this.#bootedAt = this.#options.clock.now();
    this.#bootCount++;
    this.#loadedSha256 = undefined;
    this.#atRest = this.#boot(++this.#life).catch(this.#options.onFault);
  }

  async #boot(life: number): Promise<void> {
    this.#say({ kind: "booted", boot: this.#bootCount });
    await rm(join(this.folder, "restart-request.json"), { force: true });
    await this.#recordLastEnd();
    await setRunning(this.folder, false);
    const mode = await takeStart(this.folder);
    this.#mode = mode;
    const boot = {
      bootId: `${new Date(this.#bootedAt).toISOString()}-${this.#bootCount}`,
      bootedAt: this.#bootedAt,
      kind: "cold",
      mode,
    };
    await writeWhole(join(this.folder, "boot.json"), json(boot));
    if (life !== this.#life) return;
    this.#startAgent(life);
    // Safe mode starts without the driver and without most services; its small form has no network.
    if (mode === "normal") await this.#loadContent(life, this.spec.dieAfterMs);
    if (mode === "normal" && this.spec.subscribed) this.#needContent(life);
    if (mode !== "safe-minimal")
      this.#atUptime(life, this.spec.networkAfterMs, () => {
        this.#options.network.up();
        this.#say({ kind: "network-up" });
      });
    this.#atUptime(life, this.spec.servicesAfterMs, async () => {
      if (mode === "normal") await setRunning(this.folder, true);
      if (life !== this.#life) return;
      this.#state = "running";
      this.#failedBoots = 0;
      this.#say({ kind: "services-up" });
    });
    this.#watchForRestart(life);
  }

  /** The service control manager starts a service that failed again. It is still the same boot. */
  #startAgent(life: number): void {
    const agent = this.#options.startAgent(this.folder);
    this.#agent = agent;
    agent.ended
      .then((exitCode) => {
        if (life !== this.#life || this.#isStopping) return;
        this.#say({ kind: "agent-failed", exitCode });
        this.#later(SERVICE_RESTART_LAB_MS, () => {
          this.#startAgent(life);
        });
      })
      .catch(this.#options.onFault);
  }

  /** A dirty end leaves its traces in the next boot; a clean one left them before. */
  async #recordLastEnd(): Promise<void> {
    const last = this.#lastEnd;
    this.#lastEnd = { kind: "clean" }; // before the first await: a power cut from here on is this boot's own end
    await this.#log.append(bootRecords(this.#bootedAt, this.#bootCount, last));
    if (last.kind !== "bugcheck") return;
    const path = `C/Windows/Minidump/${basename(last.dumpPath.replaceAll("\\", "/"))}`;
    const drivers = [KERNEL, FILTER, SENSOR_DRIVER];
    await this.#write(path, aTriageDump({ stop: last.stop, crashedAt: last.at, uptimeMs: last.uptimeMs, drivers }));
    if (this.#failedBoots >= FAILED_BOOTS_BEFORE_REPAIR) await this.#write(REPAIR_TRAIL, startupRepairTrail());
  }

  async #write(path: string, bytes: Buffer): Promise<void> {
    this.#say({ kind: "wrote", path, sha256: sha256(bytes) });
    await writeWhole(join(this.folder, path), bytes, this.folder);
  }

  /** @param deathUpMs the up-time at which the machine dies of a faulty content */
  async #loadContent(life: number, deathUpMs: number): Promise<void> {
    const newest = await newestContent(join(this.folder, DRIVER_FOLDER));
    if (newest === undefined || life !== this.#life) return;
    const digest = sha256(newest.bytes);
    if (digest === this.#loadedSha256) return;
    this.#loadedSha256 = digest;
    const { outcome } = newest;
    this.#say({ kind: "loaded", name: newest.name, sha256: digest, faulty: outcome.kind === "page-fault" });
    if (outcome.kind !== "page-fault") return;
    this.#atUptime(life, deathUpMs, () => {
      const parameters = [outcome.address, 0n, SENSOR_DRIVER.base + 0x334cn, 2n] as const;
      this.#crash({ code: PAGE_FAULT_IN_NONPAGED_AREA, parameters });
    });
  }

  /** A driver that misses what it needs lives no longer than with what is faulty. */
  #needContent(life: number): void {
    if (existsSync(join(this.folder, DRIVER_FOLDER, NEEDED.name))) return;
    this.#atUptime(life, this.spec.dieAfterMs, () => {
      const parameters = [0xffff_9c8e_0000_0000n, 0n, SENSOR_DRIVER.base + 0x2210n, 2n] as const;
      this.#crash({ code: PAGE_FAULT_IN_NONPAGED_AREA, parameters });
    });
  }

  #crash(stop: KernelStop): void {
    const at = this.#options.clock.now();
    const uptimeMs = at - this.#bootedAt;
    const dumpPath = `C:\\Windows\\Minidump\\${dumpName(at, uptimeMs, this.#bootCount)}`;
    const gotToServices = this.#state === "running";
    this.#end({ kind: "bugcheck", stop, dumpPath, at, uptimeMs }, "crashed");
    this.#say({ kind: "crashed", code: stop.code, uptimeMs });
    this.#failedBoots = gotToServices ? 0 : this.#failedBoots + 1;
    if (++this.#crashesInARow >= CRASHES_IN_A_ROW_MAX) {
      this.#state = "off";
      this.#say({ kind: "gave-up", boots: this.#bootCount });
      return;
    }
    const repairs = this.#failedBoots >= FAILED_BOOTS_BEFORE_REPAIR;
    this.#beginAfter(repairs ? STARTUP_REPAIR_LAB_MS : this.spec.restartAfterMs);
  }

  /** Windows going down in good order, because somebody asked for it. A kernel that dies meanwhile has priority. */
  async #restart(life: number, reason: string): Promise<void> {
    this.#say({ kind: "restart-asked", reason });
    this.#isStopping = true;
    await this.#agent?.stop(STOP_GRACE_WALL_MS);
    if (life !== this.#life) return;
    this.#end({ kind: "clean" }, "restarting");
    this.#crashesInARow = 0;
    const stopped = this.#log.append(restartRecords(this.#options.clock.now(), reason, this.spec.name));
    this.#atRest = stopped.catch(this.#options.onFault);
    this.#say({ kind: "restarted" });
    this.#beginAfter(this.spec.restartAfterMs);
  }

  /** The end of a boot, whatever its cause: the agent, the network and everything that was still to come. */
  #end(last: LastEnd, state: PowerState): void {
    this.#life++;
    this.#isStopping = false;
    for (const forget of this.#timers) forget();
    this.#timers.clear();
    this.#agent?.kill();
    this.#options.network.down();
    this.#lastEnd = last;
    this.#state = state;
  }

  #beginAfter(labMs: number): void {
    const life = this.#life;
    this.#later(labMs, async () => {
      await this.#agent?.ended; // two agents never share a disk
      await this.#atRest;
      if (life === this.#life) this.#begin();
    });
  }

  #watchForRestart(life: number): void {
    if (life !== this.#life) return;
    this.#later(RESTART_POLL_LAB_MS, async () => {
      const request = await this.#takeRestartRequest();
      if (life !== this.#life) return;
      if (request === undefined) {
        this.#watchForRestart(life);
        return;
      }
      // The notice is the users' warning and belongs to the plan: it is wall time, like everything an agent says.
      this.#later(this.#options.clock.toLabMs(request.noticeMs), () => this.#restart(life, request.reason));
    });
  }

  async #takeRestartRequest(): Promise<RestartRequest | undefined> {
    const path = join(this.folder, "restart-request.json");
    const text = await readFile(path, "utf8").catch(() => undefined);
    if (text === undefined) return undefined;
    await rm(path, { force: true });
    return RestartRequest.parse(JSON.parse(text));
  }

  #isUp(): boolean {
    return this.#state === "booting" || this.#state === "running";
  }

  /** How long this boot has lasted, in lab time. */
  #upMs(): number {
    const { clock } = this.#options;
    return clock.toLabMs(clock.now() - this.#bootedAt);
  }

  #atUptime(life: number, labMs: number, call: () => void | Promise<void>): void {
    if (life === this.#life) this.#later(Math.max(0, labMs - this.#upMs()), call);
  }

  /** Until the life ends. */
  #later(labMs: number, call: () => void | Promise<void>): void {
    const forget = this.#options.clock.after(labMs, () => {
      this.#timers.delete(forget);
      Promise.resolve().then(call).catch(this.#options.onFault);
    });
    this.#timers.add(forget);
  }

  #say(fact: NewFact): void {
    const said = { at: this.#options.clock.now(), ...fact } as KernelFact;
    this.facts.push(said);
    this.#options.onFact?.(said);
  }
}

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
