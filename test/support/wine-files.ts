/** The agent's file calls, made in a Windows process under Wine: many at once, because a process costs a third of a second. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { FileFacts } from "../../agent/ports.ts";
import { temporaryFolder } from "./temporary-folder.ts";
import { onDriveZ, type WineMachine, type WineRun } from "./wine.ts";

export type FileCall =
  | { readonly do: "files"; readonly glob: string }
  /** Of the file that is at `path`, or what it is said to be by `changed`. */
  | { readonly do: "quarantine"; readonly plan: string; readonly path: string; readonly changed?: Partial<FileFacts> }
  | { readonly do: "quarantined"; readonly plan: string }
  | { readonly do: "restore"; readonly plan: string; readonly path: string }
  /** @param times created, accessed, written: in units of 100 ns since 1601 */
  | {
      readonly do: "make";
      readonly path: string;
      readonly text: string;
      readonly times: readonly string[];
      readonly attributes: number;
    }
  | { readonly do: "look"; readonly path: string }
  /** As anybody would. */
  | { readonly do: "write"; readonly path: string; readonly text: string }
  | { readonly do: "remove"; readonly path: string }
  | {
      readonly do: "quarantine-at-restart";
      readonly plan: string;
      readonly path: string;
      readonly readByBootDrivers: boolean;
    }
  /** Keeps the file open to the end of the process. @param share whether others may read (1) or nothing (0) */
  | { readonly do: "hold-open"; readonly path: string; readonly share: 0 | 1 }
  | { readonly do: "protect"; readonly path: string; readonly asOwnAccount: boolean }
  | { readonly do: "keep"; readonly paths: readonly string[] }
  | { readonly do: "holds"; readonly sha256: string }
  | { readonly do: "put-back"; readonly path: string; readonly sha256: string };

export interface Script {
  readonly stateFolder: string;
  readonly calls: readonly FileCall[];
  /** Of the known-good store. */
  readonly bytesMax?: number;
}

export async function runFileCalls(machine: WineMachine, script: Script, dieAfter?: number): Promise<WineRun> {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "script.json");
  await writeFile(path, JSON.stringify(script));
  const env = dieAfter === undefined ? {} : { RINGBACK_TEST_DIE_AFTER: `${dieAfter}` };
  return await machine.node("test/wine/programs/files.ts", [onDriveZ(path)], env);
}

/** What came of each call. */
export async function fileCalls(machine: WineMachine, script: Script): Promise<readonly unknown[]> {
  const { exitCode, output } = await runFileCalls(machine, script);
  if (exitCode !== 0) throw new Error(output);
  return JSON.parse(output) as unknown[];
}
