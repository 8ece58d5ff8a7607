/**
 * The agent's command: `npm run agent -- --help`.
 *
 * The Windows machine is not built yet, so everything that needs one says so and does nothing. The same agent runs on a
 * lab machine: `node agent/main-lab.ts`.
 */
import { join } from "node:path";
import { systemProxyOf } from "./adapters/windows/system-proxy.ts";
import { type AgentHost, runCommand } from "./cli.ts";

const NOT_HERE =
  "This agent cannot look after a Windows machine yet: that part is not built. Nothing was done.\n" +
  "To run the same agent on a machine in a folder, use: node agent/main-lab.ts run --machine <folder>";

const refuse = (): Promise<never> => Promise.reject(new Error(NOT_HERE));

const host: AgentHost = {
  program: "agent",
  machineOption: "the drive whose machine is meant, as C:\\",
  stateFolder: (machine) => join(machine, "ProgramData", "Ringback"),
  systemProxy: systemProxyOf(
    () => import("./adapters/windows/native/winhttp.ts"),
    () => performance.now(),
  ),
  run: refuse,
  init: refuse,
};

try {
  await runCommand(host, process.argv);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
