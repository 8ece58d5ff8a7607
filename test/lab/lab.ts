/**
 * The lab: machines in folders, a vendor that supplies them, and a controller at the other end of their networks.
 *
 * Whatever the lab started ends with it, in every way out.
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { makeDisk } from "./disk.ts";
import type { MachineSpec } from "./fleet.ts";
import { Machine } from "./kernel.ts";
import type { KernelFact } from "./kernel-facts.ts";
import type { LabClock } from "./lab-clock.ts";
import { MachineNetwork } from "./network.ts";
import type { Program, Programs } from "./programs.ts";
import { Vendor } from "./vendor.ts";

/** Starting a process is most of its cost; a fleet that starts at once would keep this computer busy for long. */
const STAGGER_LAB_MS = 4_000;

export interface LabOptions {
  readonly folder: string;
  readonly seed: number;
  readonly fleet: readonly MachineSpec[];
  readonly clock: LabClock;
  readonly programs: Programs;
  /** Where the controller listens. */
  readonly controller: { readonly host: string; readonly port: number };
  /** Puts the agent's settings, keys and trust on a disk. `port` leads to the controller. */
  readonly installAgent: (folder: string, spec: MachineSpec, port: number) => Promise<void>;
  /** What runs on the machines, and what it finds in its environment. */
  readonly agent: string;
  readonly agentEnvironment: Readonly<Record<string, string>>;
  readonly onFact: (machine: Machine, fact: KernelFact) => void;
  /** The lab itself is broken. */
  readonly onFault: (error: unknown) => void;
}

export class Lab {
  readonly machines: readonly Machine[];
  readonly vendor: Vendor;
  readonly #networks: readonly MachineNetwork[];
  readonly #clock: LabClock;

  private constructor(
    machines: readonly Machine[],
    networks: readonly MachineNetwork[],
    vendor: Vendor,
    clock: LabClock,
  ) {
    this.machines = machines;
    this.#networks = networks;
    this.vendor = vendor;
    this.#clock = clock;
  }

  /** Makes the disks and installs the agents. Nothing runs yet. */
  static async build(options: LabOptions): Promise<Lab> {
    const { clock, programs, agent, onFault } = options;
    const vendor = new Vendor(options.seed, clock, onFault);
    const networks: MachineNetwork[] = [];
    const machines: Machine[] = [];
    for (const spec of options.fleet) {
      const folder = join(options.folder, spec.name);
      await mkdir(folder, { recursive: true });
      const network = await MachineNetwork.create(options.controller);
      networks.push(network);
      await makeDisk(folder, spec);
      await options.installAgent(folder, spec, network.port);
      const machine = new Machine({
        folder,
        spec,
        clock,
        network,
        startAgent: (machineFolder) => startAgent(programs, agent, machineFolder, options.agentEnvironment),
        onFact: (fact) => {
          if (fact.kind === "network-up") vendor.networkCameUp(machine);
          options.onFact(machine, fact);
        },
        onFault,
      });
      if (spec.subscribed) vendor.subscribe(machine);
      machines.push(machine);
    }
    return new Lab(machines, networks, vendor, clock);
  }

  /** Switches the machines on, one after the other. */
  async powerOn(stop: AbortSignal): Promise<void> {
    for (const machine of this.machines) {
      stop.throwIfAborted();
      await machine.powerOn();
      await new Promise<void>((resolve) => {
        this.#clock.after(STAGGER_LAB_MS, resolve);
      });
    }
  }

  /** Pulls every plug. */
  async stop(): Promise<void> {
    this.vendor.halt();
    await Promise.all(this.machines.map((machine) => machine.cutPower()));
    await Promise.all(this.#networks.map((network) => network.close()));
  }
}

const startAgent = (
  programs: Programs,
  agent: string,
  folder: string,
  environment: Readonly<Record<string, string>>,
): Program =>
  programs.start({ args: [agent, "run", "--machine", folder], logFile: join(folder, "agent.log"), environment });
