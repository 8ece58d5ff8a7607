/** One life of the agent's process, whatever the machine: chooses the shared adapters and minds the signals. */
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { dialWithFallback } from "./adapters/dial.ts";
import { enrolAtFirstStart } from "./adapters/enrolment/first-start.ts";
import { FILES } from "./adapters/files.ts";
import { readDeviceKey } from "./adapters/keys.ts";
import { verifyRaw } from "./adapters/verify-raw.ts";
import { lines, type SystemProxy } from "./adapters/proxy/line.ts";
import { beliefIn, openRecords, readCa, readConfig } from "./adapters/state-folder.ts";
import { systemClock } from "./adapters/system-clock.ts";
import type { ConfigDefaults } from "./config.ts";
import type { Log, Machine, RecordLog } from "./ports.ts";
import { type RunningAgent, startAgent } from "./shell/start-agent.ts";

export interface AgentRun {
  /** The agent's state folder. */
  readonly folder: string;
  /** The ledger of boots; this boot is in it already. */
  readonly boots: RecordLog;
  readonly machine: Machine;
  /** The machine's own setting for proxies; undefined: it has none. */
  readonly systemProxy: SystemProxy | undefined;
  /** How long the kernel has been up; asked when the device is enrolled, which may be days later. */
  readonly uptimeMs: () => number;
  readonly log: Log;
  /** For what config.json does not say. */
  readonly defaults?: ConfigDefaults;
  /** From the start of the process to the ledger entry. */
  readonly enteredAfterMs: number;
}

/** Resolves when the agent runs: for a device that enrols at its first start, when it is enrolled. */
export async function runAgent(run: AgentRun): Promise<RunningAgent> {
  const { folder, boots, machine, systemProxy, uptimeMs, log, defaults, enteredAfterMs } = run;
  await enrolAtFirstStart(folder, systemProxy, log, () => randomBytes(1).readUInt8() / 255);
  const config = await readConfig(folder, defaults);
  const agent = await startAgent(
    {
      clock: systemClock(uptimeMs()),
      random: (count) => randomBytes(count),
      records: await openRecords(folder, boots),
      machine,
      dial: dialWithFallback({ way: { open: lines(config, systemProxy), ca: await readCa(folder, config) } }),
      signer: await readDeviceKey(join(folder, FILES.key)),
      verify: verifyRaw,
      belief: beliefIn(folder, log),
      log,
      onMustEnd(error) {
        log.error("the agent cannot go on and ends, to be started again", {
          because: error instanceof Error ? error.stack : String(error),
        });
        process.exit(1);
      },
    },
    config,
  );
  log.info("the agent runs", { device: config.deviceId, pid: process.pid, enteredAfterMs });
  return agent;
}

/** Ends the process with the agent on SIGTERM (the machine goes down) and SIGINT (the service is stopped). */
export function endOnSignals(agent: RunningAgent): void {
  const leave = (reason: "shutdown" | "service-stop"): void => {
    agent.stop(reason).then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.once("SIGTERM", () => leave("shutdown"));
  process.once("SIGINT", () => leave("service-stop"));
}
