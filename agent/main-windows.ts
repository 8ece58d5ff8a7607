/**
 * The agent on Windows: `ringback-agent service | run | enrol | seal | status | doctor | inspect | inventory`.
 *
 * `service` and `run` enter this boot in the ledger before anything else is loaded; all other commands are the shared
 * ones. So the bundle is cut into several files (packaging/windows/bundle.ts): what stands above the imports that
 * functions below make is small, and the ledger does not wait for what only the agent needs.
 */
import { join } from "node:path";
import type { Command } from "commander";
import { FILES } from "./adapters/files.ts";
import { openBoots } from "./adapters/open-boots.ts";
import type { Installed } from "./adapters/windows/installed.ts";
import type { WindowsBoot } from "./adapters/windows/kernel-boot.ts";
import { SERVICE_NAME } from "./adapters/windows/service-name.ts";
import { systemProxyOf } from "./adapters/windows/system-proxy.ts";
import type { ServiceWork } from "./adapters/windows/service.ts";
import type { Log, RecordLog } from "./ports.ts";
import { ifWritable } from "./shell/if-writable.ts";
import { recordBoot } from "./shell/record-boot.ts";
import type { RunningAgent } from "./shell/start-agent.ts";

/** 25 MB of log at most. */
const ROTATION = { bytesMax: 5_000_000, filesMax: 5 };

const systemProxy = systemProxyOf(
  () => import("./adapters/windows/native/winhttp.ts"),
  () => performance.now(),
);

type Entry = typeof import("./adapters/windows/entry.ts");

/** @throws if the native library cannot be loaded */
const loadEntry = (): Promise<Entry> =>
  import("./adapters/windows/entry.ts").catch((error: unknown) => {
    const because = error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error);
    throw new Error(`the agent cannot call Windows, so it can do nothing here: ${because}`);
  });

interface Entered {
  readonly installed: Installed;
  readonly boot: WindowsBoot;
  readonly boots: RecordLog;
  readonly enteredAfterMs: number;
}

async function enterBoot(as: "service" | "person"): Promise<Entered> {
  const { takePlace, readKernelBoot } = await loadEntry();
  const installed = takePlace(as);
  const boot = readKernelBoot();
  const boots = await openBoots(installed.stateFolder);
  await ifWritable(async () => void (await recordBoot(boots, { kernelBoot: async () => boot })));
  return { installed, boot, boots, enteredAfterMs: Math.round(performance.now()) };
}

/** Resolves when the agent runs; where nobody has said yet how it enrols, that is waited for. */
async function runEntered({ installed, boot, boots, enteredAfterMs }: Entered, log: Log): Promise<RunningAgent> {
  const [{ runAgent }, { windowsMachine }, { awaitSettings }, { windowsDefaults }] = await Promise.all([
    import("./run-agent.ts"),
    import("./adapters/windows/machine.ts"),
    import("./adapters/windows/await-settings.ts"),
    import("./adapters/windows/defaults.ts"),
  ]);
  const { installedHere } = await loadEntry();
  await awaitSettings(installedHere, log);
  const { stateFolder, toolFolder } = installed;
  const doctor = async (): Promise<string> => {
    const { examineMachine } = await import("./adapters/windows/doctor/run-doctor.ts");
    return (await examineMachine(stateFolder, toolFolder, systemProxy)).transcript;
  };
  return runAgent({
    folder: stateFolder,
    boots,
    machine: windowsMachine({ boot, stateFolder, toolFolder, log, doctor }),
    systemProxy,
    uptimeMs: () => boot.uptimeMs + performance.now() - enteredAfterMs,
    log,
    defaults: windowsDefaults(),
    enteredAfterMs,
  });
}

async function logIn(folder: string): Promise<Log> {
  const { logLines } = await import("./adapters/log-lines.ts");
  const { rotatingFile } = await import("./adapters/rotating-file.ts");
  return inEventLogToo(logLines(rotatingFile(join(folder, FILES.logs), "agent", ROTATION)));
}

async function inEventLogToo(log: Log): Promise<Log> {
  const { alsoInEventLog, EVENT_SOURCE } = await import("./adapters/windows/event-log-lines.ts");
  const { EVENT_TYPE, eventSource } = await import("./adapters/windows/native/event-source.ts");
  const write = eventSource(EVENT_SOURCE);
  return alsoInEventLog(
    log,
    (level, id, text) => write(EVENT_TYPE[level], id, text),
    () => performance.now(),
  );
}

/** For whoever has no folder for a log of his own. */
const NO_FILE: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** Says that it runs as soon as the boot is in the ledger: enrolment may wait for a controller for days. */
async function runAsService(): Promise<void> {
  const entering = enterBoot("service");
  entering.catch(() => undefined); // told when the service starts
  let log: Log | undefined;
  let agent: RunningAgent | undefined;
  const { serve } = await import("./adapters/windows/service.ts");
  const { dispatchService } = await import("./adapters/windows/native/service-control.ts");
  const work: ServiceWork = {
    async start() {
      const entered = await entering;
      const lines = await logIn(entered.installed.stateFolder);
      log = lines;
      lines.info("the service starts", { pid: process.pid });
      const { setUpService } = await import("./adapters/windows/service-setup.ts");
      const { openOwnService } = await import("./adapters/windows/native/own-service.ts");
      for (const because of setUpService(SERVICE_NAME, openOwnService))
        lines.warn("the service is not set up as it should be", { because });
      runEntered(entered, lines).then(
        (running) => {
          agent = running;
        },
        (error: unknown) => {
          lines.error("the agent cannot run", { because: error instanceof Error ? error.stack : String(error) });
          process.exit(1);
        },
      );
    },
    async stop(reason) {
      log?.info("the service stops", { reason });
      await agent?.stop(reason);
    },
    suspend: () => agent?.sleep(),
    resume() {
      agent?.wake();
      entering.then(isAnotherBoot).then(
        (isAnother) => {
          if (!isAnother) return;
          log?.info("the machine went on after Fast Startup or hibernation: the next process reports that as a boot");
          process.exit(1); // the recovery actions start it again
        },
        (error: unknown) =>
          log?.warn("whether the machine only slept cannot be told", {
            because: error instanceof Error ? error.message : String(error),
          }),
      );
    },
    async failed(error) {
      // A state folder that is refused has no log; an administrator looks into Windows' own.
      const told = log ?? (await inEventLogToo(NO_FILE));
      told.error("the service failed", {
        because: error instanceof Error ? (error.stack ?? error.message) : String(error),
      });
    },
  };
  const wasService = await serve(SERVICE_NAME, work, dispatchService);
  if (!wasService)
    throw new Error("`service` is for Windows' service control manager; to run the agent here, use `run`");
  process.exit(0);
}

async function isAnotherBoot({ installed }: Entered): Promise<boolean> {
  const machine = await import("./adapters/windows/machine.ts");
  return machine.isAnotherBoot(installed);
}

async function runHere(logFile: string | undefined): Promise<void> {
  const entered = await enterBoot("person");
  const { logLines } = await import("./adapters/log-lines.ts");
  const { endOnSignals } = await import("./run-agent.ts");
  endOnSignals(await runEntered(entered, logLines(logFile)));
}

/** What the package calls when it is uninstalled, unless KEEP_STATE is 1. */
async function forget(): Promise<void> {
  const { forgetState } = await import("./adapters/windows/forget.ts");
  const { releaseAllHolds } = await import("./adapters/windows/machine.ts");
  const { stateFolder } = (await loadEntry()).installedHere();
  const held = await releaseAllHolds(stateFolder).catch((error: unknown) => [
    `whether anything is still held cannot be told: ${error instanceof Error ? error.message : String(error)}`,
  ]);
  const left = await forgetState(stateFolder, held.length === 0 ? [] : [FILES.heldSources]);
  // Nobody sees what a program says that Windows Installer starts.
  const log = await inEventLogToo(NO_FILE);
  for (const because of left === undefined ? held : [...held, left]) {
    log.warn(`the agent was uninstalled and left something: ${because}`);
    process.stderr.write(`${because}\n`);
  }
}

function addCommands(program: Command, installed: () => Installed): void {
  program.command("service").description("what Windows' service control manager starts").action(runAsService);
  program
    .command("doctor")
    .description("try what the agent rests on, change nothing, and say what works and what that rules out")
    .option("--json", "as one JSON document")
    .action(async ({ json }: { json?: boolean }) => {
      const { runDoctor } = await import("./adapters/windows/doctor/run-doctor.ts");
      process.exitCode = await runDoctor({
        installed,
        systemProxy,
        json: json === true,
        write: (text) => process.stdout.write(text),
      });
    });
}

try {
  const [command, ...rest] = process.argv.slice(2);
  if (command === "service" && rest.length === 0) await runAsService();
  else if (command === "run" && rest.length === 0) await runHere(undefined);
  else if (command === "forget" && rest.length === 0) await forget();
  else {
    const { runCommand } = await import("./cli.ts");
    const loaded = await loadEntry().catch((error: unknown) => error);
    const entry = (): Entry => {
      if (loaded instanceof Error) throw loaded;
      return loaded as Entry;
    };
    await runCommand(
      {
        program: "ringback-agent",
        machineOption: undefined,
        stateFolder: () => entry().installedHere().stateFolder,
        makeStateFolder: async (folder) => entry().makeStateFolder(folder),
        systemProxy,
        run: (_machine, logFile) => runHere(logFile),
        addCommands: (to) => addCommands(to, () => entry().installedHere()),
      },
      process.argv,
    );
  }
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
