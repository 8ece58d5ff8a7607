/**
 * A machine in memory: power, boots, crashes and a network that comes late or never, as those of the lab's kernel. In every
 * boot runs a real agent, with a key of its own, over a connection of its own.
 *
 * Its kernel keeps the same facts as that of a machine in a folder: the judge takes both alike.
 */
import { interpret, NEEDED } from "../content-driver.ts";
import { SENSOR_SERVICE } from "../disk.ts";
import type { KernelFact, NewFact, PowerState } from "../kernel-facts.ts";
import type { LabClock } from "../lab-clock.ts";
import type { AgentConfig } from "../../../agent/config.ts";
import { type BeliefRecord, newBelief } from "../../../agent/core/belief.ts";
import type { BootPast } from "../../../agent/evidence/boot-evidence.ts";
import type { FileFacts, KernelBoot } from "../../../agent/ports.ts";
import { type RunningAgent, startAgent } from "../../../agent/shell/start-agent.ts";
import { type BootEnd, BootId, type CrashDump } from "../../../protocol/boot.ts";
import { Sha256 } from "../../../protocol/canonical.ts";
import type { PlanId } from "../../../protocol/ids.ts";
import type { Instant } from "../../../protocol/time.ts";
import { WindowsPath } from "../../../protocol/windows-path.ts";
import { SimDisk } from "../../simulation/sim-disk.ts";
import { crowdPorts } from "./crowd-ports.ts";
import type { CrowdIdentity } from "./identity.ts";
import { MemoryLog } from "./memory-log.ts";
import type { CrowdSpec } from "./plan.ts";
import { ProcessLife } from "./process-life.ts";

export interface CrowdContent {
  readonly name: string;
  readonly bytes: Buffer;
  readonly sha256: string;
}
export interface CrowdSetup {
  readonly clock: LabClock;
  readonly trustRoot: Sha256;
  readonly configOf: (machine: CrowdMachine) => AgentConfig;
  readonly onFact: (machine: CrowdMachine, fact: KernelFact) => void;
}

const ACME_FOLDER = "C:\\Windows\\System32\\drivers\\Acme";
const DISK_FOLDER = "C/Windows/System32/drivers/Acme";
const NEEDED_PATH = WindowsPath.parse(NEEDED.path);
const BUGCHECK = { code: "50", parameters: ["ffff9c8e00000074", "0", "fffff8048b58334c", "2"] };
const FAILED_BOOTS_BEFORE_REPAIR = 2;
const STARTUP_REPAIR_LAB_MS = 300_000;
const PROCESS_RESTART_MS = 1_000;
const STOP_GRACE_MS = 3_000;
const DUMPS_MAX = 5;
const MODELS = ["Till 3", "Desk 7", "Desk 9"];

class CrowdDisk extends SimDisk {
  belief: BeliefRecord;
  readonly #movedAt = new Map<string, number>();

  constructor(trustRoot: Sha256) {
    super();
    this.belief = newBelief(trustRoot);
  }

  override moveAway(plan: PlanId, facts: FileFacts): void {
    super.moveAway(plan, facts);
    this.#movedAt.set(facts.sha256, Date.now());
  }

  /** When contents went into the quarantine, of the wall. */
  movedAt(sha256: string): number {
    return this.#movedAt.get(sha256) ?? 0;
  }
}

export class CrowdMachine {
  readonly spec: CrowdSpec;
  readonly identity: CrowdIdentity;
  readonly facts: KernelFact[] = [];
  readonly disk: CrowdDisk;
  readonly records = {
    boots: new MemoryLog(),
    content: new MemoryLog(),
    journal: new MemoryLog(),
    outbox: new MemoryLog(),
  };
  readonly model: string;
  state: PowerState = "off";
  bootedAt = 0;
  isOnline = false;
  servicesRun = false;
  readonly #setup: CrowdSetup;
  readonly #contents = new Map<string, CrowdContent>();
  readonly #dumps: CrashDump[] = [];
  #bootCount = 0;
  #previousEnd: BootEnd = { kind: "unknown" };
  /** Of the power supply: what was begun in an older boot stops where it is. */
  #boot = new ProcessLife();
  #process: ProcessLife | undefined;
  #agent: RunningAgent | undefined;
  #loaded: string | undefined;
  #failedBoots = 0;

  constructor(spec: CrowdSpec, identity: CrowdIdentity, setup: CrowdSetup) {
    this.spec = spec;
    this.identity = identity;
    this.#setup = setup;
    this.disk = new CrowdDisk(setup.trustRoot);
    this.model = MODELS[spec.name.length % MODELS.length] ?? "Till 3";
    this.disk.services.set("Dnscache", "automatic");
    if (!spec.subscribed) return;
    this.disk.services.set(SENSOR_SERVICE, "automatic");
    const { bytes } = NEEDED;
    const facts = { path: NEEDED_PATH, sha256: Sha256.parse(NEEDED.sha256), header: bytes.toString("hex") };
    this.disk.files.set(NEEDED_PATH, { ...facts, sizeBytes: bytes.length, modifiedAt: 0 as Instant });
  }

  get kernelBoot(): KernelBoot {
    const bootId = BootId.parse(`${new Date(this.bootedAt).toISOString()}-${this.#bootCount}`);
    return { bootId, bootedAt: this.bootedAt as Instant, kind: "cold", mode: "normal" };
  }

  bootPast(since: Instant | null): BootPast {
    const crashDumps = this.#dumps.filter(({ crashedAt }) => since === null || (crashedAt ?? 0) >= since);
    return { previousEnd: this.#previousEnd, evidence: { earlierBoots: [], crashDumps, startupRepair: null } };
  }

  powerOn(): void {
    if (this.state === "off") this.#begin();
  }

  cutPower(): void {
    this.#end({ kind: "power-loss" }, "off");
  }

  /** A version has arrived, whole, if nothing holds its source back. */
  deliver(content: CrowdContent): boolean {
    if (!this.isOnline || this.disk.held.size > 0) return false;
    const path = WindowsPath.parse(`${ACME_FOLDER}\\${content.name}`);
    if (this.disk.files.has(path)) return true;
    const sha256 = Sha256.parse(content.sha256);
    const header = content.bytes.subarray(0, 64).toString("hex");
    const modifiedAt = Date.now() as Instant;
    this.disk.files.set(path, { path, sha256, header, sizeBytes: content.bytes.length, modifiedAt });
    this.#contents.set(content.sha256, content);
    const faulty = isFaulty(content);
    this.#say({ kind: "arrived", path: `${DISK_FOLDER}/${content.name}`, sha256: content.sha256, faulty });
    if (this.spec.loads === "at-once") this.#load(this.#upLabMs() + this.spec.dieAfterLoadMs);
    return true;
  }

  /** Asked for by the agent. */
  restartSoon(noticeMs: number, reason: string): void {
    const boot = this.#boot;
    boot.after(noticeMs, () => {
      this.#say({ kind: "restart-asked", reason });
      const down = (): void => {
        if (!boot.isAlive) return;
        this.#end({ kind: "planned-restart" }, "restarting");
        this.#failedBoots = 0;
        this.#say({ kind: "restarted" });
        this.#beginAfter(this.spec.restartAfterMs);
      };
      boot.after(STOP_GRACE_MS, down);
      void this.#agent?.stop("shutdown").then(down);
    });
  }

  #begin(): void {
    const { networkAfterMs, servicesAfterMs, dieAfterMs } = this.spec;
    this.#boot = new ProcessLife();
    this.bootedAt = Date.now();
    this.#bootCount++;
    this.#loaded = undefined;
    this.state = "booting";
    this.#say({ kind: "booted", boot: this.#bootCount });
    this.#startAgent();
    this.#load(dieAfterMs);
    // A driver that misses what it needs lives no longer than with what is faulty.
    if (this.spec.subscribed && !this.disk.files.has(NEEDED_PATH)) this.#atUptime(dieAfterMs, () => this.#crash());
    this.#atUptime(networkAfterMs, () => {
      this.isOnline = true;
      this.#say({ kind: "network-up" });
    });
    this.#atUptime(servicesAfterMs, () => {
      this.servicesRun = true;
      this.state = "running";
      this.#failedBoots = 0;
      this.#say({ kind: "services-up" });
    });
  }

  /** The driver loads the newest content that lies in its folder. A faulty one ends this boot, whatever becomes of the file. */
  #load(deathLabMs: number): void {
    const newest = [...this.disk.files.values()].toSorted((a, b) => (a.path < b.path ? 1 : -1))[0];
    const content = newest === undefined ? undefined : this.#contents.get(newest.sha256);
    if (content === undefined || content.sha256 === this.#loaded) return;
    this.#loaded = content.sha256;
    const faulty = isFaulty(content);
    this.#say({ kind: "loaded", name: content.name, sha256: content.sha256, faulty });
    if (faulty) this.#atUptime(deathLabMs, () => this.#crash());
  }

  #crash(): void {
    const at = Date.now();
    const uptimeMs = at - this.bootedAt;
    const gotToServices = this.state === "running";
    this.#dumps.push({
      file: `${new Date(at).toISOString().replaceAll(/[^0-9]/g, "")}-01.dmp`,
      bugcheck: BUGCHECK,
      crashedAt: at as Instant,
      uptimeMs,
      build: 19_045,
      suspect: { driver: "acmesensor.sys", because: "the instruction that failed lies in it (bugcheck parameter 3)" },
    });
    this.#dumps.splice(0, this.#dumps.length - DUMPS_MAX);
    this.#end({ kind: "bugcheck", bugcheck: BUGCHECK }, "crashed");
    this.#say({ kind: "crashed", code: 0x50, uptimeMs });
    this.#failedBoots = gotToServices ? 0 : this.#failedBoots + 1;
    const repairs = this.#failedBoots >= FAILED_BOOTS_BEFORE_REPAIR;
    this.#beginAfter(repairs ? STARTUP_REPAIR_LAB_MS : this.spec.restartAfterMs);
  }

  #end(end: BootEnd, state: PowerState): void {
    this.#previousEnd = end;
    this.#boot.end();
    this.#process?.end();
    this.#process = undefined;
    this.#agent = undefined;
    this.isOnline = false;
    this.servicesRun = false;
    this.state = state;
  }

  #beginAfter(labMs: number): void {
    const { state } = this;
    this.#setup.clock.after(labMs, () => {
      if (this.state === state) this.#begin();
    });
  }

  #startAgent(): void {
    const boot = this.#boot;
    const process = new ProcessLife();
    this.#process = process;
    const mustEnd = (): void => {
      if (!process.isAlive) return;
      process.end();
      this.#say({ kind: "agent-failed", exitCode: 1 });
      boot.after(PROCESS_RESTART_MS, () => this.#startAgent());
    };
    startAgent(crowdPorts(this, process, mustEnd), this.#setup.configOf(this)).then((agent) => {
      if (this.#process === process) this.#agent = agent;
    }, mustEnd);
  }

  #upLabMs(): number {
    return this.#setup.clock.toLabMs(Date.now() - this.bootedAt);
  }

  #atUptime(labMs: number, call: () => void): void {
    this.#boot.after(this.#setup.clock.toWallMs(Math.max(0, labMs - this.#upLabMs())), call);
  }

  #say(fact: NewFact): void {
    const said = { at: Date.now(), ...fact } as KernelFact;
    this.facts.push(said);
    this.#setup.onFact(this, said);
  }
}

const isFaulty = ({ bytes }: CrowdContent): boolean => interpret(bytes).kind === "page-fault";
