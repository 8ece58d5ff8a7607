/** A lab machine whose agent enrols by command, as an installer would run it, and then runs as a process. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { stateFolder } from "../../agent/adapters/lab/layout.ts";
import { makeLabDisk } from "./lab-disk.ts";

const MAIN = fileURLToPath(new URL("../../agent/main-lab.ts", import.meta.url));
const SETTINGS = { goodAfterMs: 100, watchEveryMs: 50, pollEveryMs: 50, backoff: { baseMs: 20, capMs: 100 } };

const WRONG_ROOT = "ab".repeat(32);

export interface EnrolmentWish {
  readonly controller: string;
  readonly caSha256: string;
  /** Another one than the controller's unless it is given. */
  readonly trustRoot?: string;
  readonly token: string;
  readonly binding?: "direct" | "front";
  readonly more?: readonly string[];
  /** The agent's settings beyond those that every test has. */
  readonly settings?: object;
}
export interface Said {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export class EnrollingMachine implements AsyncDisposable {
  readonly state: string;
  readonly tokenFile: string;
  readonly folder: string;
  private readonly dispose: () => Promise<void>;
  private readonly processes = new Set<ChildProcess>();

  private constructor(folder: string, dispose: () => Promise<void>) {
    this.folder = folder;
    this.state = stateFolder(folder);
    this.tokenFile = join(folder, "token.txt");
    this.dispose = dispose;
  }

  static async make(): Promise<EnrollingMachine> {
    const disk = await makeLabDisk();
    return new EnrollingMachine(disk.path, async () => disk[Symbol.asyncDispose]());
  }

  async enrol({
    controller,
    caSha256,
    trustRoot = WRONG_ROOT,
    token,
    binding = "direct",
    more = [],
    settings = {},
  }: EnrolmentWish): Promise<Said> {
    await writeFile(this.tokenFile, `${token}\n`, { mode: 0o600 });
    const config = join(this.folder, "settings.json");
    await writeFile(config, JSON.stringify({ ...SETTINGS, ...settings }));
    const pins = ["--ca-sha256", caSha256, "--trust-root-sha256", trustRoot];
    const where = ["--controller", controller, "--token-file", this.tokenFile, "--group", "ward-pcs"];
    return this.command("enrol", [...where, ...pins, "--binding", binding, "--config", config, ...more]);
  }

  async command(name: string, options: readonly string[] = []): Promise<Said> {
    const child = this.spawn([name, "--machine", this.folder, ...options]);
    const said = { stdout: "", stderr: "" };
    child.stdout?.on("data", (part: Buffer) => (said.stdout += part.toString()));
    child.stderr?.on("data", (part: Buffer) => (said.stderr += part.toString()));
    const [code] = (await once(child, "close")) as [number | null];
    return { code: code ?? -1, ...said };
  }

  /** Starts the agent; what it logs grows as it says it. */
  run(): { readonly log: () => string } {
    const child = this.spawn(["run", "--machine", this.folder]);
    let log = "";
    child.stderr?.on("data", (part: Buffer) => (log += part.toString()));
    return { log: () => log };
  }

  /** Changes the settings of a machine that is enrolled. */
  async setting(over: object): Promise<void> {
    const config = JSON.parse(await this.read("config.json")) as object;
    await writeFile(join(this.state, "config.json"), JSON.stringify({ ...config, ...over }));
  }

  hasToken(): Promise<boolean> {
    return stat(this.tokenFile).then(
      () => true,
      () => false,
    );
  }

  read(name: string): Promise<string> {
    return readFile(join(this.state, name), "utf8");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.processes) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const gone = once(child, "exit");
      child.kill("SIGKILL");
      await gone;
    }
    await this.dispose();
  }

  private spawn(args: readonly string[]): ChildProcess {
    const child = spawn(process.execPath, [MAIN, ...args], { stdio: ["ignore", "pipe", "pipe"] });
    this.processes.add(child);
    return child;
  }
}
