/** An agent installed from its package on a Windows machine, as far as Wine is one. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { makePackage } from "../../packaging/windows/package.ts";
import { until } from "./until.ts";
import { onDriveZ, type WineMachine, wineNode } from "./wine.ts";

const STATE = "C:\\ProgramData\\Ringback";
const AGENT = "C:\\Program Files\\Ringback\\Agent";
const KEY = "HKLM\\SOFTWARE\\Ringback\\Agent";

/** A package as it is shipped, but for a node.exe that Wine 8 can run. */
export const packageForWine = async (outFolder: string, version: string): Promise<string> =>
  makePackage({ architecture: "x64", outFolder, version, nodeExe: await wineNode() });

export class WineAgent {
  private readonly machine: WineMachine;

  constructor(machine: WineMachine) {
    this.machine = machine;
  }

  /** As an administrator's tool for software does it. @returns what msiexec says */
  async install(msi: string, properties: Readonly<Record<string, string>> = {}): Promise<number | null> {
    const given = Object.entries(properties).map(([name, value]) => `${name}=${value}`);
    return (await this.machine.run("msiexec", ["/i", onDriveZ(msi), "/qn", "/norestart", ...given])).exitCode;
  }

  /** What `/fa` is short for; with it, Wine takes no path. */
  repair(msi: string): Promise<number | null> {
    return this.install(msi, { REINSTALL: "ALL", REINSTALLMODE: "amus" });
  }

  async uninstall(msi: string, properties: Readonly<Record<string, string>> = {}): Promise<number | null> {
    const given = Object.entries(properties).map(([name, value]) => `${name}=${value}`);
    return (await this.machine.run("msiexec", ["/x", onDriveZ(msi), "/qn", "/norestart", ...given])).exitCode;
  }

  /** STOPPED, RUNNING, ...; undefined where there is no such service. */
  async serviceState(): Promise<string | undefined> {
    const { output } = await this.machine.run("sc", ["query", "RingbackAgent"]);
    return /STATE\s*:\s*\d+\s+(\w+)/.exec(output)?.[1];
  }

  /** The line that the service control manager starts. */
  async imagePath(): Promise<string | undefined> {
    const key = "HKLM\\SYSTEM\\CurrentControlSet\\Services\\RingbackAgent";
    const { output } = await this.machine.run("reg", ["query", key, "/v", "ImagePath"]);
    return /ImagePath\s+REG_\w+\s+(.*)/.exec(output)?.[1];
  }

  async runs(): Promise<void> {
    await until("the service to run", async () => ((await this.serviceState()) === "RUNNING" ? true : undefined));
  }

  /** `ringback-agent ...` */
  async command(...args: readonly string[]): Promise<string> {
    return (await this.machine.run("cmd", ["/c", `${AGENT}\\ringback-agent.cmd`, ...args])).output;
  }

  /** A file of the state folder. */
  read(name: string): Promise<string> {
    return readFile(this.stateFile(name), "utf8");
  }

  stateFile(name: string): string {
    return join(this.machine.at(STATE), name);
  }

  /** Values of the key that the installer writes. */
  async installed(): Promise<Readonly<Record<string, string>>> {
    const { output } = await this.machine.run("reg", ["query", KEY]);
    const values = output.matchAll(/^ {4}(\w+) {4}REG_SZ {4}(.*)$/gm);
    return Object.fromEntries([...values].map(([, name = "", value = ""]) => [name, value]));
  }

  /** How often the agent began to run, as its log says. */
  async starts(): Promise<number> {
    return (await this.read(join("logs", "agent.log"))).split("the agent runs").length - 1;
  }

  /** Which versions Windows Installer knows as installed. */
  async versions(): Promise<readonly string[]> {
    const key = "HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Uninstall";
    const { output } = await this.machine.run("reg", ["query", key, "/s"]);
    return output
      .split(/^HKEY/m)
      .filter((entry) => entry.includes("Ringback Agent"))
      .map((entry) => /DisplayVersion\s+REG_SZ\s+(\S+)/.exec(entry)?.[1] ?? "");
  }
}
