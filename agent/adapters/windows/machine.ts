/** A Windows machine, put together of its parts. Chooses nothing: each part says in its own file what it keeps to. */
import { dirname, join } from "node:path";
import { ContentSourceId } from "../../../protocol/content.ts";
import type { ServiceStart } from "../../../protocol/playbook.ts";
import type { KernelBoot, Log, Machine } from "../../ports.ts";
import { FILES } from "../files.ts";
import { bootEntries } from "./boot-entries.ts";
import { windowsBootPast } from "./boot-past.ts";
import { defender } from "./defender.ts";
import { windowsDiagnostics } from "./diagnostics.ts";
import { drivers } from "./drivers.ts";
import { rememberResume } from "./kernel-boot.ts";
import { holdMemory, holdsWithFaults, sourceOf } from "./hold-memory.ts";
import { type Holds, windowsHolds } from "./holds.ts";
import { windowsFacts } from "./machine-facts.ts";
import { windowsFiles } from "./machine-files.ts";
import { holdFile } from "./native/held-file.ts";
import { platformRole } from "./native/platform-role.ts";
import { windowsFolder } from "./native/windows-folders.ts";
import { noticeResume } from "./notice-resume.ts";
import { windowsPeople } from "./people.ts";
import { windowsRegistry } from "./registry.ts";
import { restartWindows } from "./restart.ts";
import { whySafeModeIsForbidden } from "./safe-mode-forbidden.ts";
import { safeModes } from "./safe-modes.ts";
import { startService, stopService, windowsServiceControl } from "./service-control.ts";
import { serviceStart, serviceStates, setServiceStart } from "./services.ts";
import { windowsUpdates } from "./updates.ts";
import { windowsTools } from "./windows-tools.ts";
import { whyForgetful } from "./write-filter.ts";

/** Windows gives a service half a minute to begin; some take longer to end. */
const SERVICE_WITHIN_MS = 2 * 60_000;

export interface WindowsMachineOptions {
  /** The boot that this process lives in. */
  readonly boot: KernelBoot;
  /** The agent's own, as C:\ProgramData\Ringback: there already, protected. */
  readonly stateFolder: string;
  /** Where the agent's program lies; that of the process, if none is named. */
  readonly programFolder?: string | undefined;
  /** Windows' programs are taken from here and not from where Windows keeps them. */
  readonly toolFolder?: string | undefined;
  readonly log: Log;
  /** What `doctor` writes, for diagnostics. */
  readonly doctor?: (() => Promise<string>) | undefined;
}

const services = {
  services: async (names: readonly string[]) => serviceStates(names),
  serviceStart: async (name: string) => serviceStart(name),
  setServiceStart: async (name: string, start: ServiceStart) => setServiceStart(name, start),
  dependents: (name: string) => windowsServiceControl.dependents(name),
  stop: (name: string) => stopService(name, SERVICE_WITHIN_MS),
  start: (name: string) => startService(name, SERVICE_WITHIN_MS),
};

function holdsIn(stateFolder: string): Holds {
  const source = (id: ContentSourceId) => sourceOf(stateFolder, id);
  return holdsWithFaults(
    windowsHolds({ registry: windowsRegistry(), services, source, memory: holdMemory(stateFolder) }),
  );
}

/** Before the agent goes: without it nobody would ever release them. @returns why some are still held, in words */
export async function releaseAllHolds(stateFolder: string): Promise<readonly string[]> {
  const held = Object.keys(await holdMemory(stateFolder).read()).map((id) => ContentSourceId.parse(id));
  const holds = holdsIn(stateFolder);
  const failed: string[] = [];
  for (const id of held) {
    const released = await holds.releaseHold(id);
    if (released.kind === "fault") failed.push(`${id} is still held: ${released.because}`);
  }
  return failed;
}

export function windowsMachine(options: WindowsMachineOptions): Machine {
  const { boot, stateFolder, programFolder = dirname(process.execPath), toolFolder, log, doctor } = options;
  const registry = windowsRegistry();
  const runTool = windowsTools(registry, toolFolder);
  const windows = windowsFolder();
  const past = { windows, diary: join(stateFolder, FILES.systemLog) };
  return {
    ...windowsFiles({ stateFolder }),
    ownFolders: [stateFolder, programFolder],
    forgetsBecause: () => whyForgetful(runTool),
    kernelBoot: () => Promise.resolve(boot),
    bootPast: (since) => windowsBootPast(past, runTool, log, boot.bootedAt, since),
    facts: () => windowsFacts(registry, platformRole()),
    services: services.services,
    serviceStart: services.serviceStart,
    setServiceStart: services.setServiceStart,
    ...holdsIn(stateFolder),
    restart: (noticeMs, reason) => restartWindows(noticeMs, reason, runTool),
    registry,
    serviceControl: windowsServiceControl,
    safeModes: safeModes(bootEntries(runTool), () => whySafeModeIsForbidden(runTool, registry, windows.slice(0, 2))),
    people: windowsPeople(),
    updates: windowsUpdates({ run: runTool, registry, manifests: join(windows, "servicing", "Packages") }, holdFile),
    defender: defender(runTool, registry),
    drivers: drivers(runTool, join(stateFolder, FILES.drivers)),
    diagnostics: windowsDiagnostics({ stateFolder, windows, runTool, doctor }),
  };
}

/**
 * To be called when Windows says that the machine woke up. True if this is another boot from now on (Fast Startup and
 * hibernation are): the process should end, to be started again and report it. Takes up to a minute, as the log may come late.
 */
export function isAnotherBoot({
  stateFolder,
  toolFolder,
}: Pick<WindowsMachineOptions, "stateFolder" | "toolFolder">): Promise<boolean> {
  const runTool = windowsTools(windowsRegistry(), toolFolder);
  return noticeResume({ diary: join(stateFolder, FILES.systemLog), runTool, remember: rememberResume });
}
