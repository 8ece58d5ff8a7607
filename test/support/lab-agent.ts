/** An agent on a lab disk, in this process or in one of its own, against a controller that the test steers. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { initialiseLabMachine } from "../../agent/adapters/lab/initialise.ts";
import { stateFolder } from "../../agent/adapters/lab/layout.ts";
import { writeBelief } from "../../agent/adapters/state-folder.ts";
import type { AgentConfigInput } from "../../agent/config.ts";
import { ContentSource } from "../../protocol/content-source.ts";
import type { DeviceId } from "../../protocol/ids.ts";
import { WindowsPath } from "../../protocol/windows-path.ts";
import { AgentController } from "./agent-controller.ts";
import { GLOB, makeLabDisk, writeBoot } from "./lab-disk.ts";
import { SOURCE } from "./signed-order.ts";
import { believing } from "./trust.ts";

const MAIN = fileURLToPath(new URL("../../agent/main-lab.ts", import.meta.url));

export interface LabAgent extends AsyncDisposable {
  readonly folder: string;
  readonly state: string;
  readonly id: DeviceId;
  readonly controller: AgentController;
  /** Starts the process. */
  start(environment?: Readonly<Record<string, string>>): AgentProcess;
  /** Ends the process as a power cut does, and boots the machine. */
  boot(bootId: string): Promise<void>;
}
interface AgentProcess {
  readonly pid: number;
  readonly ended: Promise<number | null>;
  readonly errors: () => string;
  signal(name: "SIGTERM" | "SIGINT" | "SIGKILL"): void;
}

export async function aLabAgent(config: Partial<AgentConfigInput> = {}, belief = believing()): Promise<LabAgent> {
  const disk = await makeLabDisk();
  const controller = await AgentController.start();
  const { id, publicKey } = await initialiseLabMachine(disk.path, {
    config: {
      controllers: [controller.url],
      sources: [
        ContentSource.parse({
          id: SOURCE,
          title: "Acme channel 7",
          files: [GLOB],
          label: { kind: "file-name", pattern: "^C-00000007-\\d+-0*(\\d+)\\.sys$" },
        }),
      ],
      allowedRoots: [WindowsPath.parse("C:\\Windows\\System32\\drivers\\Acme")],
      services: ["Dnscache"],
      goodAfterMs: 100,
      watchEveryMs: 50,
      pollEveryMs: 50,
      backoff: { baseMs: 20, capMs: 100, resetAfterMs: 1_000 },
      ...config,
    },
  });
  await writeBelief(stateFolder(disk.path), belief);
  controller.keys.set(id, publicKey);
  const processes = new Set<ChildProcess>();
  const killAll = async (): Promise<void> => {
    for (const child of processes) {
      const gone = once(child, "exit");
      child.kill("SIGKILL");
      await gone;
    }
  };
  return {
    folder: disk.path,
    state: stateFolder(disk.path),
    id,
    controller,
    start(environment = {}) {
      const child = spawn(process.execPath, [MAIN, "run", "--machine", disk.path], {
        stdio: ["ignore", "ignore", "pipe"],
        env: { ...process.env, ...environment },
      });
      let errors = "";
      child.stderr.on("data", (chunk: Buffer) => {
        errors += chunk.toString();
      });
      processes.add(child);
      const ended = once(child, "exit").then(([code]: (number | null)[]) => {
        processes.delete(child);
        return code ?? null;
      });
      if (child.pid === undefined) throw new Error("the agent could not be started");
      return { pid: child.pid, ended, errors: () => errors, signal: (name) => void child.kill(name) };
    },
    async boot(bootId) {
      await killAll();
      await writeBoot(disk.path, bootId);
    },
    async [Symbol.asyncDispose]() {
      await killAll();
      await controller[Symbol.asyncDispose]();
      await disk[Symbol.asyncDispose]();
    },
  };
}

/** The records that lie in one of the agent's logs. */
export async function linesOf(state: string, name: "boots" | "content" | "journal" | "outbox"): Promise<string[]> {
  return (await readFile(join(state, `${name}.log`), "utf8")).split("\n").filter((line) => line !== "");
}
