/**
 * A machine: it boots, its kernel reads the content files and dies of a faulty one, it loses power, restarts, and has
 * a network always, at times, for moments or never. In every boot runs a real agent, over these ports.
 */
import { type AgentPorts, RecordNotWritten } from "../../agent/ports.ts";
import { AgentConfig } from "../../agent/config.ts";
import { type RunningAgent, startAgent } from "../../agent/shell/start-agent.ts";
import type { BootEnd } from "../../protocol/boot.ts";
import type { DeviceRegistration } from "../../protocol/api.ts";
import type { Sha256 } from "../../protocol/canonical.ts";
import { newId } from "../../protocol/ids.ts";
import type { Dice } from "./dice.ts";
import { Life } from "./life.ts";
import type { Network, Reach } from "./network.ts";
import type { Sabotage } from "./sabotage.ts";
import { SimDisk } from "./sim-disk.ts";
import { type SimKey, simKey } from "./sim-keys.ts";
import { type BeliefRecord, newBelief } from "../../agent/core/belief.ts";
import { SimLog } from "./sim-log.ts";
import type { World } from "./world.ts";

export interface MachineTraits {
  readonly name: string;
  readonly site: string;
  readonly role: string;
  readonly reach: Reach;
  /** From reading a faulty file to the crash. */
  readonly crashAfterMs: number;
  /** From the boot to the network. */
  readonly networkAfterMs: number;
  /** Before this time it has no network. */
  readonly networkFrom: number;
  /** What its wall clock is ahead of the world. */
  readonly clockAheadMs: number;
  /** How likely another process holds a file that is to be moved, while faults happen. */
  readonly fileLocked: number;
  /** How likely power is lost around an effect while faults happen. */
  readonly powerLoss: number;
}

interface MachineEvents {
  /** An effect of the agent on what plans are about. */
  effect(machine: SimMachine, what: string): void;
  /** The agent begins to write a line of its journal. */
  journal(machine: SimMachine, record: unknown): void;
}

export interface MachineSetup {
  readonly world: World;
  readonly network: Network<SimMachine>;
  /** What one life of the agent sees of its machine. */
  readonly portsOf: (machine: SimMachine, process: Life, onMustEnd: (error: unknown) => void) => AgentPorts;
  /** The digest of the trust document that the installer gave them. */
  readonly trustRoot: Sha256;
  readonly config: Omit<AgentConfig, "deviceId">;
  readonly faulty: Sha256;
  readonly events: MachineEvents;
  readonly sabotage: Sabotage;
}

export class SimMachine {
  readonly traits: MachineTraits;
  readonly setup: MachineSetup;
  readonly dice: Dice;
  readonly key: SimKey;
  readonly registration: DeviceRegistration;
  readonly disk = new SimDisk();
  readonly logs = {
    boots: new SimLog("boots"),
    content: new SimLog("content"),
    journal: new SimLog("journal"),
    outbox: new SimLog("outbox"),
  };
  belief: BeliefRecord;
  isDiskFull = false;
  boots = 0;
  bootedAt = 0;
  previousEnd: BootEnd = { kind: "unknown" };
  processesInBoot = 0;
  /** The power supply's life, and in it the agent's process. */
  private power: Life | undefined;
  process: Life | undefined;
  private agent: RunningAgent | undefined;
  private isDoomed = false;
  private isShuttingDown = false;

  constructor(traits: MachineTraits, setup: MachineSetup) {
    this.traits = traits;
    this.setup = setup;
    this.dice = setup.world.dice.of(traits.name);
    this.belief = newBelief(setup.trustRoot);
    this.key = simKey(`${setup.world.seed} ${traits.name}`);
    const id = newId("dev", setup.world.time.now(), this.dice.bytes(10));
    const { name, site, role } = traits;
    this.registration = { id, publicKey: this.key.publicKey, name, site, role } as DeviceRegistration;
  }

  get id(): DeviceRegistration["id"] {
    return this.registration.id;
  }
  get isOn(): boolean {
    return this.power !== undefined;
  }
  get upForMs(): number {
    return this.power === undefined ? 0 : this.setup.world.time.now() - this.bootedAt;
  }
  get hasFaultyContent(): boolean {
    return [...this.disk.files.values()].some(({ sha256 }) => sha256 === this.setup.faulty);
  }
  /** Up, for good: nothing that it read at its boot will kill it. */
  get isHealthy(): boolean {
    return this.isOn && !this.isDoomed && !this.isShuttingDown && this.upForMs > 60_000;
  }
  get hasNetwork(): boolean {
    const { reach, networkFrom, networkAfterMs } = this.traits;
    return (
      this.isOn && reach !== "none" && this.setup.world.time.now() >= networkFrom && this.upForMs >= networkAfterMs
    );
  }

  say(what: string): void {
    this.setup.world.say(this.traits.name, what);
  }

  boot(): void {
    if (this.power !== undefined) return;
    const power = new Life(this.setup.world.time);
    this.power = power;
    this.boots += 1;
    this.bootedAt = this.setup.world.time.now();
    this.isDoomed = false;
    this.isShuttingDown = false;
    this.processesInBoot = 0;
    this.say(`boot ${this.boots}`);
    this.readContent();
    power.after(this.dice.between(300, 3_000), () => this.startAgent());
  }

  /** The kernel reads content at its boot, and whenever the vendor pushes some. */
  readContent(): void {
    if (this.power === undefined || this.isDoomed || !this.hasFaultyContent) return;
    this.isDoomed = true;
    const { crashAfterMs } = this.traits;
    this.power.after(crashAfterMs + this.dice.below(Math.max(1, crashAfterMs >> 2)), () => {
      this.goDown({ kind: "bugcheck", bugcheck: { code: "50", parameters: [] } }, 5_000, 15_000);
    });
  }

  /** @param mostMs how long it may stay dark */
  losePower(mostMs = 60_000): void {
    this.goDown({ kind: "power-loss" }, 3_000, mostMs);
  }

  /** Asked for by the agent. A machine that is going down already goes down once. */
  restart(noticeMs: number): void {
    if (this.isShuttingDown || this.power === undefined) return;
    this.isShuttingDown = true;
    this.power.after(noticeMs, () => {
      // Now and then Windows finishes an update first.
      const isSlow = this.setup.world.isFaulty && this.dice.chance(0.15);
      const down = (): void => this.goDown({ kind: "planned-restart" }, 5_000, isSlow ? 8 * 60_000 : 20_000);
      this.power?.after(4_000, down); // Windows waits so long for services, and no longer
      const power = this.power;
      void this.agent?.stop("shutdown").then(() => power?.after(0, down));
    });
  }

  /** The agent's process ends, the machine stays up; the service manager starts it again. */
  loseProcess(why: string): void {
    if (this.process === undefined) return;
    this.say(`the agent's process ends: ${why}`);
    this.endProcess(true);
    this.power?.after(this.dice.between(1_000, 5_000), () => this.startAgent());
  }

  fillDisk(forMs: number): void {
    this.say("the disk is full");
    this.isDiskFull = true;
    this.setup.world.time.after(forMs, () => {
      this.isDiskFull = false;
    });
  }

  private goDown(end: BootEnd, leastMs: number, mostMs: number): void {
    if (this.power === undefined) return;
    this.say(`down: ${end.kind}`);
    this.previousEnd = end;
    this.endProcess(end.kind === "planned-restart");
    this.power.end();
    this.power = undefined;
    this.setup.world.count(end.kind);
    this.setup.world.time.after(this.dice.between(leastMs, mostMs), () => this.boot());
  }

  /** @param politely the system lives on and closes what the process had open */
  private endProcess(politely: boolean): void {
    this.process?.end();
    this.process = undefined;
    this.agent = undefined;
    this.setup.network.processEnded(this, politely);
  }

  private startAgent(): void {
    if (this.power === undefined || this.process !== undefined) return;
    const process = new Life(this.setup.world.time);
    this.process = process;
    this.processesInBoot += 1;
    const config = AgentConfig.parse({ ...this.setup.config, deviceId: this.id });
    const ports = this.setup.portsOf(this, process, (error) => this.mustEnd(process, error));
    startAgent(ports, config).then(
      (agent) => {
        if (this.process === process) this.agent = agent;
      },
      (error: unknown) => this.mustEnd(process, error),
    );
  }

  /** A full disk may end a process; nothing else that happens here may. */
  private mustEnd(process: Life, error: unknown): void {
    if (this.process !== process) return;
    if (!(error instanceof RecordNotWritten)) {
      this.setup.world.broken(
        "the agent goes on",
        `${this.traits.name} ended by itself: ${error instanceof Error ? error.stack : String(error)}`,
      );
    }
    this.loseProcess(String(error));
  }
}
