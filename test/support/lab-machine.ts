/** A lab machine in a temporary folder with a stand-in agent, for tests of the lab itself. Its clock runs very fast. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { makeDisk } from "../lab/disk.ts";
import type { MachineSpec } from "../lab/fleet.ts";
import { Machine } from "../lab/kernel.ts";
import type { KernelFact } from "../lab/kernel-facts.ts";
import { startLabClock } from "../lab/lab-clock.ts";
import { MachineNetwork } from "../lab/network.ts";
import { Programs } from "../lab/programs.ts";

const STAND_IN = fileURLToPath(new URL("stand-in-agent.ts", import.meta.url));

const aMachineSpec = (spec: Partial<MachineSpec> = {}): MachineSpec => ({
  name: "NGH-WS-01",
  site: "Northgate Hospital",
  role: "workstation",
  seed: "test",
  subscribed: true,
  loads: "at-once",
  networkAfterMs: 20_000,
  servicesAfterMs: 30_000,
  dieAfterMs: 300_000,
  dieAfterLoadMs: 20_000,
  restartAfterMs: 10_000,
  ...spec,
});

export interface MachineUnderTest extends AsyncDisposable {
  readonly machine: Machine;
  readonly folder: string;
  /** The port on which its agent finds its controller, which says "hello" to everyone. */
  readonly port: number;
  /** Resolves with the first fact, old or new, for which `test` holds. */
  fact(test: (fact: KernelFact) => boolean): Promise<KernelFact>;
  readonly faults: readonly unknown[];
}

export async function startMachine(spec: Partial<MachineSpec> = {}): Promise<MachineUnderTest> {
  const folder = await mkdtemp(join(tmpdir(), "ringback-machine-"));
  const controller = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.write("hello");
  });
  await new Promise<void>((resolve) => {
    controller.listen(0, "127.0.0.1", resolve);
  });
  const address = controller.address();
  if (address === null || typeof address === "string") throw new Error("a TCP server has a port");
  const network = await MachineNetwork.create({ host: "127.0.0.1", port: address.port });
  await makeDisk(folder, aMachineSpec(spec));
  await writeFile(join(folder, "port"), String(network.port));
  const programs = new Programs();
  const faults: unknown[] = [];
  const waiting = new Set<() => void>();
  const machine = new Machine({
    folder,
    spec: aMachineSpec(spec),
    clock: startLabClock(200),
    network,
    startAgent: (machineFolder) =>
      programs.start({ args: [STAND_IN, machineFolder], logFile: join(machineFolder, "agent.log") }),
    onFact: () => {
      for (const look of waiting) look();
    },
    onFault: (error) => faults.push(error),
  });
  return {
    machine,
    folder,
    port: network.port,
    faults,
    fact: (test) =>
      new Promise((resolve) => {
        const look = (): void => {
          const found = machine.facts.find(test);
          if (found === undefined) return;
          waiting.delete(look);
          resolve(found);
        };
        waiting.add(look);
        look();
      }),
    async [Symbol.asyncDispose]() {
      await machine.cutPower();
      programs.killAll();
      await network.close();
      controller.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
