/**
 * The agent as it is shipped, as far as this machine can run it: the lab's entry point cut into files as
 * packaging/windows/bundle.ts cuts the one of Windows, under the same Node and flags.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { type FileHandle, mkdir, open, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { bundleAgent } from "../../../packaging/windows/bundle.ts";

/** As the package starts it. */
const FLAGS = ["--max-semi-space-size=1"];
/** A timer that hardly ever rings: a process that lives and does nothing. */
const BARE = "setInterval(() => undefined, 3600000);\n";

export class Shipped {
  private readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** @param folder a new one, for the bundle */
  static async make(folder: string): Promise<Shipped> {
    await mkdir(folder);
    const { files } = await bundleAgent("agent/main-lab.ts");
    for (const [name, code] of files) await writeFile(join(folder, name), code);
    await writeFile(join(folder, "bare.mjs"), BARE);
    return new Shipped(folder);
  }

  /** @param log where its lines go */
  agent(machine: string, log: string): Promise<RunningProcess> {
    return RunningProcess.start([join(this.folder, "main-lab.mjs"), "run", "--machine", machine], log);
  }

  bare(log: string): Promise<RunningProcess> {
    return RunningProcess.start([join(this.folder, "bare.mjs")], log);
  }

  /** Any other program under the same flags. */
  async program(code: string, args: readonly string[], log: string): Promise<RunningProcess> {
    const path = join(this.folder, "program.mjs");
    await writeFile(path, code);
    return RunningProcess.start([path, ...args], log);
  }
}

export class RunningProcess implements AsyncDisposable {
  readonly pid: number;
  private readonly child: ChildProcess;
  private readonly log: FileHandle;

  private constructor(child: ChildProcess, pid: number, log: FileHandle) {
    this.child = child;
    this.pid = pid;
    this.log = log;
  }

  static async start(args: readonly string[], logFile: string): Promise<RunningProcess> {
    const log = await open(logFile, "w");
    const child = spawn(process.execPath, [...FLAGS, ...args], { stdio: ["ignore", log.fd, log.fd] });
    if (child.pid === undefined) throw new Error(`${args[0]} cannot be started`);
    return new RunningProcess(child, child.pid, log);
  }

  get isAlive(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.isAlive) {
      const gone = once(this.child, "exit");
      this.child.kill("SIGKILL");
      await gone;
    }
    await this.log.close();
  }
}
