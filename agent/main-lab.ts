/**
 * The agent on a lab machine: `node agent/main-lab.ts run --machine DIR`.
 *
 * `run` does not wait for the command line's own library: the ledger entry of the boot is on the disk before anything
 * else is loaded. All other commands are the shared ones.
 */
import { existsSync, realpathSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { readKernelBoot } from "./adapters/lab/kernel-boot.ts";
import { stateFolder } from "./adapters/lab/layout.ts";
import { beTheOnlyOne } from "./adapters/lab/single-instance.ts";
import { openBoots } from "./adapters/open-boots.ts";
import type { Sabotage } from "./adapters/lab/sabotage.ts";
import type { AgentHost } from "./cli.ts";
import { ifWritable } from "./shell/if-writable.ts";
import { recordBoot } from "./shell/record-boot.ts";

async function run(folder: string, logFile: string | undefined): Promise<void> {
  const state = stateFolder(folder);
  if (!existsSync(state)) throw new Error(`there is no agent on this machine: ${state} does not exist; init makes it`);
  await beTheOnlyOne(state);
  const boots = await openBoots(state);
  const boot = await readKernelBoot(folder);
  await ifWritable(async () => void (await recordBoot(boots, { kernelBoot: async () => boot })));
  const enteredAfterMs = Math.round(performance.now());

  const { endOnSignals, runAgent } = await import("./run-agent.ts");
  const { logLines } = await import("./adapters/log-lines.ts");
  const { labMachine } = await import("./adapters/lab/machine.ts");
  const machine = labMachine(folder, boot);
  const sabotage = await askedSabotage();
  const agent = await runAgent({
    folder: state,
    boots,
    machine:
      sabotage === undefined
        ? machine
        : (await import("./adapters/lab/sabotage.ts")).sabotaged(sabotage, folder, machine),
    systemProxy: undefined,
    uptimeMs: () => Math.max(0, Date.now() - boot.bootedAt),
    log: logLines(logFile),
    enteredAfterMs,
  });
  endOnSignals(agent);
}

/** For drills that must be noticed to fail. */
async function askedSabotage(): Promise<Sabotage | undefined> {
  const asked = process.env["RINGBACK_LAB_SABOTAGE"];
  if (asked === undefined || asked === "") return undefined;
  const { isSabotage } = await import("./adapters/lab/sabotage.ts");
  if (!isSabotage(asked)) throw new Error(`RINGBACK_LAB_SABOTAGE names no sabotage: ${asked}`);
  return asked;
}

const host: AgentHost = {
  program: "agent/main-lab.ts",
  machineOption: "a lab machine's folder",
  stateFolder,
  makeStateFolder: async (folder) => void (await mkdir(folder, { recursive: true, mode: 0o700 })),
  systemProxy: undefined,
  run,
  async init(folder, settings) {
    const { initialiseLabMachine } = await import("./adapters/lab/initialise.ts");
    return initialiseLabMachine(folder, settings);
  },
};

const [command, option, folder, ...rest] = process.argv.slice(2);
if (realpathSync(process.argv[1] ?? "") === fileURLToPath(import.meta.url)) {
  try {
    if (command === "run" && option === "--machine" && folder !== undefined && rest.length === 0)
      await run(folder, undefined);
    else await (await import("./cli.ts")).runCommand(host, process.argv);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
