/**
 * `ringback-agent doctor`: examines this machine, prints what was found, and writes a transcript that a user can send.
 *
 * What calls Windows is loaded here only, so that a native library that cannot be loaded is said and is no crash.
 */
import { stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readCatalogue } from "../../catalogue.ts";
import type { SystemProxy } from "../../proxy/line.ts";
import type { Installed } from "../installed.ts";
import { keepNewest } from "../keep-newest.ts";
import { SERVICE_NAME } from "../service-name.ts";
import { type DoctorOptions, type Examination, examine } from "./examine.ts";
import { NATIVE, tellVerdicts, worksNot } from "./verdict.ts";

export interface DoctorRun {
  /** @throws if the agent is not installed; then its folder is looked for where the package makes it */
  readonly installed: () => Pick<Installed, "stateFolder" | "toolFolder">;
  readonly systemProxy: SystemProxy | undefined;
  readonly json: boolean;
  readonly write: (text: string) => void;
}

/** Where the package makes the state folder. */
const USUAL_FOLDER = "C:\\ProgramData\\Ringback";

type OnWindows = Pick<DoctorOptions, "registry" | "run" | "access" | "volume">;

const TRANSCRIPTS_MAX = 10;
const TRANSCRIPT = /^doctor-[\dTZ-]+\.txt$/;

/** @returns the exit code: 0 if all that the agent needs works, 1 if not */
export async function runDoctor(run: DoctorRun): Promise<0 | 1> {
  const { stateFolder, toolFolder } = placesOf(run);
  const { verdicts, transcript, exitCode } = await examineMachine(stateFolder, toolFolder, run.systemProxy);
  const path = await keep(transcript, [stateFolder, tmpdir()]);
  const where = path === undefined ? "A transcript could not be written anywhere." : `A transcript is in ${path}.`;
  run.write(
    run.json
      ? `${JSON.stringify({ works: exitCode === 0, transcript: path ?? null, verdicts }, undefined, 2)}\n`
      : `${tellVerdicts(verdicts)}\n${where}\n`,
  );
  return exitCode;
}

function placesOf({ installed }: DoctorRun): Pick<Installed, "stateFolder" | "toolFolder"> {
  try {
    return installed();
  } catch {
    return { stateFolder: USUAL_FOLDER, toolFolder: undefined };
  }
}

/** @param toolFolder instead of where Windows keeps its programs */
export async function examineMachine(
  folder: string,
  toolFolder: string | undefined,
  systemProxy: SystemProxy | undefined,
): Promise<Examination> {
  let windows: OnWindows;
  try {
    windows = await loadWindows(toolFolder);
  } catch (error) {
    const because = error instanceof Error ? error.message : String(error);
    const verdicts = [worksNot(NATIVE, because, "everything: the agent cannot call Windows")];
    return { verdicts, transcript: tellVerdicts(verdicts), exitCode: 1 };
  }
  const sources = [...readCatalogue().values()];
  return examine({ folder, toolFolder, serviceName: SERVICE_NAME, systemProxy, sources, now: Date.now, ...windows });
}

async function loadWindows(toolFolder: string | undefined): Promise<OnWindows> {
  const [{ windowsRegistry }, { windowsTools }, { folderAccess }, { windowsFolder }] = await Promise.all([
    import("../registry.ts"),
    import("../windows-tools.ts"),
    import("./folder-access.ts"),
    import("../native/windows-folders.ts"),
  ]);
  const registry = windowsRegistry();
  const volume = windowsFolder().slice(0, 2);
  return { registry, volume, run: windowsTools(registry, toolFolder), access: folderAccess };
}

/** In the first folder that takes it. The state folder is never made here: its protection is not a doctor's work. */
async function keep(text: string, folders: readonly string[]): Promise<string | undefined> {
  const name = `doctor-${new Date().toISOString().replace(/[:.]/g, "-")}.txt`;
  for (const folder of folders) {
    try {
      if (!(await stat(folder)).isDirectory()) continue;
      const path = join(folder, name);
      await writeFile(path, text.replaceAll("\n", "\r\n"), { flag: "wx" });
      await keepNewest(folder, TRANSCRIPT, TRANSCRIPTS_MAX, name);
      return path;
    } catch {
      continue;
    }
  }
  return undefined;
}
