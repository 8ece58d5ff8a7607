/** A Windows machine with an agent from the package, a boot manager that a test plays, and channel files of a vendor. */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fakeBcdedit } from "./fake-bcdedit.ts";
import { FakeTool } from "./fake-tool.ts";
import { until } from "./until.ts";
import { WineAgent } from "./wine-agent.ts";
import { type Registry, registryOf } from "./wine-registry.ts";
import { WineMachine } from "./wine.ts";

/** Wine itself is some 700 MB in large files: of these, size and time are compared. */
const HASHED_BYTES_MAX = 16_384;
const TOOLS = "C:\\tools";
const SAFE_BOOT = "HKLM\\SYSTEM\\CurrentControlSet\\Control\\SafeBoot\\Option";

export interface ChannelFile {
  readonly path: string;
  readonly contents: string;
  /** UTC. */
  readonly modifiedAt: string;
}

interface Start {
  readonly mode: "minimal" | "network" | undefined;
  readonly registry: Registry;
}

export class WineClinic {
  readonly machine: WineMachine;
  readonly agent: WineAgent;
  private readonly bcdedit: Awaited<ReturnType<typeof fakeBcdedit>>;
  private readonly shutdown: FakeTool;

  private constructor(machine: WineMachine, bcdedit: Awaited<ReturnType<typeof fakeBcdedit>>, shutdown: FakeTool) {
    this.machine = machine;
    this.agent = new WineAgent(machine);
    this.bcdedit = bcdedit;
    this.shutdown = shutdown;
  }

  /** A machine with these files, and tools in the place of those that Wine has not. */
  static async open(files: readonly ChannelFile[]): Promise<WineClinic> {
    const machine = await WineMachine.create();
    const tools = machine.at(TOOLS);
    const bcdedit = await fakeBcdedit(tools);
    // As Windows does it: the first request is taken, the next one is refused because a restart is under way.
    const shutdown = await FakeTool.install(tools, "shutdown", [
      { on: ["..."], act: ["?asked=yes set refused=yes", "?asked=yes exit 1190", "set asked=yes"] },
    ]);
    await machine.run("reg", ["add", "HKLM\\SOFTWARE\\Ringback\\Agent", "/v", "ToolFolder", "/d", TOOLS, "/f"]);
    for (const { path, contents, modifiedAt } of files) {
      const at = machine.at(path);
      await mkdir(join(at, ".."), { recursive: true });
      await writeFile(at, contents);
      await utimes(at, new Date(modifiedAt), new Date(modifiedAt));
    }
    return new WineClinic(machine, bcdedit, shutdown);
  }

  /** Settings of config.json, replaced as an administrator would: while the agent does not run. @returns as powerOff */
  async configure(over: Readonly<Record<string, unknown>>): Promise<Registry> {
    const registry = await this.powerOff();
    const config = JSON.parse(await this.agent.read("config.json")) as Readonly<Record<string, unknown>>;
    await writeFile(this.agent.stateFile("config.json"), JSON.stringify({ ...config, ...over }));
    await this.powerOn();
    return registry;
  }

  /** Waits until the agent has asked for a restart and seen that it is under way. */
  async asksForRestart(): Promise<void> {
    await until("a restart to be asked for", async () =>
      (await this.shutdown.state()).get("refused") === "yes" ? true : undefined,
    );
  }

  /** The command lines with which restarts were asked for, twice each. */
  restartsAsked(): Promise<readonly string[]> {
    return this.shutdown.log();
  }

  /** Once a restart was asked for, starts the machine as its boot manager would. @returns `registry` as powerOff */
  async restarts(): Promise<Start> {
    await this.asksForRestart();
    await this.shutdown.set({ asked: "", refused: "" });
    const mode = await this.bcdedit.boot();
    const value = ["/v", "OptionValue", "/t", "REG_DWORD", "/d", mode === "minimal" ? "1" : "2"];
    await this.machine.run(
      "reg",
      mode === undefined ? ["delete", SAFE_BOOT, "/f"] : ["add", SAFE_BOOT, ...value, "/f"],
    );
    const registry = await this.powerOff();
    await this.powerOn();
    return { mode, registry };
  }

  /** @returns what the registry said at the end, but for what each start writes into it */
  async powerOff(): Promise<Registry> {
    await this.machine.powerOff();
    const registry = await registryOf(this.machine);
    return new Map([...registry].filter(([name]) => !OF_THE_START.test(name)));
  }

  /** Resolves when the agent runs. */
  async powerOn(): Promise<void> {
    await this.machine.powerOn();
    await this.agent.runs();
  }

  /** Keeps a file open, so that it can be read and not moved, until the power goes. */
  async holdOpen(path: string): Promise<void> {
    const marker = this.machine.at(`${TOOLS}\\held`);
    const script = `${TOOLS}\\hold.cmd`;
    await rm(marker, { force: true });
    await writeFile(this.machine.at(script), `@echo held> ${TOOLS}\\held\r\n@ping -n 1000000 127.0.0.1\r\n`);
    void this.machine.run("cmd", ["/c", `${script} < ${path}`]);
    await until(`${path} to be held open`, () => (existsSync(marker) ? true : undefined));
  }

  /** Every file of drive C: but the agent's own state and what a machine writes by itself, by path: digest, time, permissions. */
  async tree(): Promise<ReadonlyMap<string, string>> {
    const found = new Map<string, string>();
    for (const path of await filesUnder(this.machine.driveC)) {
      const name = path.slice(this.machine.driveC.length + 1).replaceAll("/", "\\");
      if (OF_THE_MACHINE.test(name)) continue;
      const { mtimeMs, size, mode } = await stat(path);
      const digest =
        size > HASHED_BYTES_MAX
          ? size
          : createHash("sha256")
              .update(await readFile(path))
              .digest("hex");
      found.set(name, `${digest} ${Math.floor(mtimeMs)} ${mode.toString(8)}`);
    }
    return found;
  }

  remove(): Promise<void> {
    return this.machine.remove();
  }
}

/** What is no target of any plan, and changes: the agent's records, our tools, and what a start of the machine writes. */
const OF_THE_MACHINE = /^(?:ProgramData\\Ringback|tools)\\|\\Temp\\|^windows\\(?:temp|Installer)\\|\.log$/i;

/** The boot mode, which the kernel writes at each start; and, under Wine, a made-up date of the graphics driver. */
const OF_THE_START = /^HKLM\\System\\CurrentControlSet\\Control\\(?:SafeBoot\b|Class\\.* "DriverDateData"$)/i;

/** No link is followed: Wine's lead to the home folder of whoever runs it. */
async function filesUnder(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const below = entries.map(async (entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return filesUnder(path);
    return entry.isFile() ? [path] : [];
  });
  return (await Promise.all(below)).flat();
}
