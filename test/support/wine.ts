/**
 * A Windows machine of the test's own, as far as Wine is one: a prefix of its own, copied from one that was made fresh and
 * never used, and taken away again afterwards.
 *
 * What is shown here is shown under Wine, not on Windows. `node.exe` is the one that is packaged, with one import name hidden
 * that Wine 8 does not have (V8 then does without). The project lies on drive Z: and its sources run as they are.
 */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { copyFile, mkdir, mkdtemp, open, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { CACHE, windowsParts } from "../../packaging/windows/parts.ts";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "../..");
const RUN_MS = 120_000;
/** Of a machine in the folder for temporary files; the process that made it follows. */
const HOME = "ringback-wine-";

/** Why there is no Wine here, for `test.skipIf`; undefined where there is one. */
export function whyNoWine(): string | undefined {
  if (existsSync("/usr/bin/wine") && existsSync("/usr/bin/wineserver")) return undefined;
  return process.env["RINGBACK_NO_WINE"] ?? "wine is not installed";
}

export interface WineRun {
  readonly exitCode: number | null;
  /** Standard output and standard error, as they came. */
  readonly output: string;
}

/** How a path of this machine is called inside Wine. */
export const onDriveZ = (path: string): string => `Z:${path.replaceAll("/", "\\")}`;

/** node.exe and koffi.node beside each other, fit for Wine 8. Made once for each version of them. */
export async function wineNode(): Promise<string> {
  const { nodeExe, koffiNode, modules } = await windowsParts("x64");
  const folder = await madeOnce(`wine-${basename(dirname(modules))}`, async (fresh) => {
    const program = await readFile(nodeExe);
    const name = Buffer.from("VirtualAlloc2\0");
    for (let at = program.indexOf(name); at >= 0; at = program.indexOf(name, at)) program.write("VirtualAllocZ\0", at);
    await writeFile(join(fresh, "node.exe"), program);
    await copyFile(koffiNode, join(fresh, "koffi.node"));
  });
  return join(folder, "node.exe");
}

/** A prefix of Windows 10 that was started and shut down. Once for each version of Wine. */
async function freshPrefix(): Promise<string> {
  const { stdout } = await promisify(execFile)("wine", ["--version"]);
  const version = stdout.trim().replaceAll(/[^\w.~-]+/g, "-");
  return madeOnce(`wine-prefix-${version}`, (fresh) => WineMachine.makePrefix(fresh));
}

/** Machines of test runs that were ended by force: nobody else takes them away, nor the processes in them. */
async function removeLeftOver(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const [, pid] = new RegExp(`^${HOME}(\\d+)-`).exec(name) ?? [];
    if (pid !== undefined && !existsSync(`/proc/${pid}`)) await WineMachine.removeLeftOver(name).catch(() => undefined); // another run does it at the same time
  }
}

/** A folder of the cache, whole or not at all: two that make it at once both have what they need in the end. */
async function madeOnce(name: string, make: (fresh: string) => Promise<void>): Promise<string> {
  const folder = join(CACHE, name);
  if (existsSync(folder)) return folder;
  await mkdir(CACHE, { recursive: true });
  const fresh = await mkdtemp(join(CACHE, "make-"));
  try {
    await make(fresh);
    await rename(fresh, folder).catch((error: unknown) => {
      if (!existsSync(folder)) throw error;
    });
    return folder;
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
}

export class WineMachine {
  private readonly home: string;
  private awake: ChildProcess | undefined;
  private runs = 0;

  private constructor(home: string) {
    this.home = home;
  }

  /** A new machine, switched on. */
  static async create(): Promise<WineMachine> {
    await removeLeftOver();
    const prefix = await freshPrefix();
    const machine = new WineMachine(await mkdtemp(join(tmpdir(), `${HOME}${process.pid}-`)));
    try {
      await promisify(execFile)("cp", ["-a", prefix, join(machine.home, "p")]);
      await machine.powerOn();
      return machine;
    } catch (error) {
      await machine.remove();
      throw error;
    }
  }

  /** @param folder becomes a prefix of Windows 10 that has been started, and was shut down again */
  static async makePrefix(folder: string): Promise<void> {
    const machine = new WineMachine(await mkdtemp(join(tmpdir(), `${HOME}${process.pid}-`)));
    try {
      await machine.run("wineboot", ["-i"]);
      await machine.run("winecfg", ["-v", "win10"]); // services.exe sees the version only when it starts anew
      await machine.powerOff();
      await promisify(execFile)("cp", ["-aT", join(machine.home, "p"), folder]);
    } finally {
      await machine.remove();
    }
  }

  /** Of a run that was ended by force. */
  static async removeLeftOver(name: string): Promise<void> {
    await new WineMachine(join(tmpdir(), name)).remove();
  }

  /** The folder that is drive C:. */
  get driveC(): string {
    return join(this.home, "p", "drive_c");
  }

  /** A path of drive C: as this machine sees it, `C:\Windows\x.txt` for instance, in the folder of the prefix. */
  at(windowsPath: string): string {
    return join(this.driveC, ...windowsPath.replace(/^C:\\/i, "").split("\\"));
  }

  /** Wine ends services with the last program of a user: this one stays. */
  async powerOn(): Promise<void> {
    const awake = spawn("wine", ["ping", "-n", "1000000", "127.0.0.1"], { env: this.env, stdio: "ignore" });
    await new Promise<void>((resolve, reject) => {
      awake.once("spawn", resolve);
      awake.once("error", reject);
    });
    this.awake = awake;
  }

  /** As pulling the plug: every process of the machine is gone when this resolves. */
  async powerOff(): Promise<void> {
    this.awake?.kill("SIGKILL");
    this.awake = undefined;
    await this.server("-k");
    await this.server("-w");
  }

  /** Runs a Windows program to its end; ended by force after a time. Its output goes through a file, as node.exe needs it. */
  async run(program: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<WineRun> {
    const path = join(this.home, `output-${this.runs++}`);
    const file = await open(path, "w");
    try {
      const child = spawn("wine", [program, ...args], {
        env: { ...this.env, ...env },
        stdio: ["ignore", file.fd, file.fd],
        timeout: RUN_MS,
        killSignal: "SIGKILL",
      });
      const exitCode = await new Promise<number | null>((resolve, reject) => {
        child.once("error", reject);
        child.once("exit", resolve);
      });
      const output = (await readFile(path, "utf8")).replaceAll("\r\n", "\n");
      return { exitCode, output: child.killed ? `${output}\n(ended by force after ${RUN_MS} ms)` : output };
    } finally {
      await file.close();
      await rm(path, { force: true });
    }
  }

  /** Runs a TypeScript program of this project on the machine. @param script relative to the project */
  async node(
    script: string,
    args: readonly string[] = [],
    env: Readonly<Record<string, string>> = {},
  ): Promise<WineRun> {
    return this.run(await wineNode(), [onDriveZ(join(ROOT, script)), ...args], env);
  }

  async remove(): Promise<void> {
    await this.powerOff();
    await rm(this.home, { recursive: true, force: true, maxRetries: 5 });
  }

  private get env(): NodeJS.ProcessEnv {
    const { DISPLAY: _noWindows, ...env } = process.env;
    return { ...env, WINEPREFIX: join(this.home, "p"), WINEARCH: "win64", WINEDEBUG: "-all" };
  }

  private async server(option: string): Promise<void> {
    const child = spawn("wineserver", [option], { env: this.env, stdio: "ignore" });
    await new Promise<void>((resolve, reject) => {
      child.once("error", reject);
      child.once("exit", () => resolve());
    });
  }
}
