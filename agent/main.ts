/**
 * The agent's command in a checkout: `npm run agent -- --help`.
 *
 * What needs no machine works everywhere (`inspect`, `inventory`). The agent itself is installed on Windows from its
 * package, or runs on a lab machine: `node agent/main-lab.ts`.
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { systemProxyOf } from "./adapters/windows/system-proxy.ts";
import { type AgentHost, runCommand } from "./cli.ts";

const NOT_HERE =
  "The agent is not run from a checkout. Nothing was done.\n" +
  "On Windows: make the package with `npm run package:windows`, and install it.\n" +
  "Anywhere: the same agent runs on a machine in a folder, with node agent/main-lab.ts run --machine <folder>";

const refuse = (): Promise<never> => Promise.reject(new Error(NOT_HERE));

const host: AgentHost = {
  program: "agent",
  machineOption: "the drive whose machine is meant, as C:\\",
  stateFolder: (machine) => join(machine, "ProgramData", "Ringback"),
  makeStateFolder: async (folder) => void (await mkdir(folder, { recursive: true, mode: 0o700 })),
  systemProxy: systemProxyOf(
    () => import("./adapters/windows/native/winhttp.ts"),
    () => performance.now(),
  ),
  run: refuse,
};

try {
  await runCommand(host, process.argv);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
