/** A Windows machine with an agent from the package, a boot manager that a test plays, and channel files of a vendor. */
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fakeBcdedit } from "./fake-bcdedit.ts";
import { FakeTool } from "./fake-tool.ts";
import { until } from "./until.ts";
import { WineAgent } from "./wine-agent.ts";
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

  /** Settings of config.json, replaced as an administrator would: with the service stopped. */
  async configure(over: Readonly<Record<string, unknown>>): Promise<void> {
    await this.machine.run("sc", ["stop", "RingbackAgent"]);
    await until("the service to stop", async () =>
      (await this.agent.serviceState()) === "STOPPED" ? true : undefined,
    );
    const config = JSON.parse(await this.agent.read("config.json")) as Readonly<Record<string, unknown>>;
    await writeFile(this.agent.stateFile("config.json"), JSON.stringify({ ...config, ...over }));
    await this.machine.run("sc", ["start", "RingbackAgent"]);
    await this.agent.runs();
  }

  /** Waits until the agent has asked for a restart and seen that it is under way, and starts the machine as its boot manager would. */
  async restarts(): Promise<"minimal" | "network" | undefined> {
    await until("a restart to be asked for", async () =>
      (await this.shutdown.state()).get("refused") === "yes" ? true : undefined,
    );
    await this.shutdown.set({ asked: "", refused: "" });
    const mode = await this.bcdedit.boot();
    const value = ["/v", "OptionValue", "/t", "REG_DWORD", "/d", mode === "minimal" ? "1" : "2"];
    await this.machine.run(
      "reg",
      mode === undefined ? ["delete", SAFE_BOOT, "/f"] : ["add", SAFE_BOOT, ...value, "/f"],
    );
    await this.machine.powerOff();
    await this.machine.powerOn();
    await this.agent.runs();
    return mode;
  }

  /** Every file of drive C: but the agent's own state and what a machine writes by itself, by path: digest and time. */
  async tree(): Promise<ReadonlyMap<string, string>> {
    const found = new Map<string, string>();
    for (const path of await filesUnder(this.machine.driveC)) {
      const name = path.slice(this.machine.driveC.length + 1).replaceAll("/", "\\");
      if (OF_THE_MACHINE.test(name)) continue;
      const { mtimeMs, size } = await stat(path);
      const digest =
        size > HASHED_BYTES_MAX
          ? size
          : createHash("sha256")
              .update(await readFile(path))
              .digest("hex");
      found.set(name, `${digest} ${Math.floor(mtimeMs)}`);
    }
    return found;
  }

  remove(): Promise<void> {
    return this.machine.remove();
  }
}

/** What is no target of any plan, and changes: the agent's records, our tools, and what a start of the machine writes. */
const OF_THE_MACHINE = /^(?:ProgramData\\Ringback|tools)\\|\\Temp\\|^windows\\(?:temp|Installer)\\|\.log$/i;

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
