/** All that the agent does with files on a Windows machine, put together: the members of `Machine` and the known-good store. */
import type { Machine } from "../../ports.ts";
import { FILES } from "../files.ts";
import { attempt } from "./file-fault.ts";
import { Files } from "./files.ts";
import { ntdllFiles } from "./native/ntdll-files.ts";
import type { Nt } from "./nt.ts";
import { Quarantine } from "./quarantine.ts";

export interface WindowsFilesOptions {
  /** Absolute, on a drive: `C:\ProgramData\Ringback`. It is there already, and only the agent may write there. */
  readonly stateFolder: string;
  /** Windows itself; tests put one that fails in its place. */
  readonly nt?: Nt;
}

export type WindowsFiles = Pick<Machine, "files" | "quarantine" | "quarantined" | "restore">;

export function windowsFiles({ stateFolder, nt = ntdllFiles }: WindowsFilesOptions): WindowsFiles {
  const files = new Files(nt);
  const quarantine = new Quarantine(nt, stateFolder, FILES.quarantine);
  return {
    files: (glob) => attempt(`read ${glob}`, () => files.matching(glob)),
    quarantine: (plan, facts) => attempt(`quarantine ${facts.path}`, () => quarantine.take(plan, facts)),
    quarantined: (plan) => attempt("read the quarantine", () => quarantine.list(plan)),
    restore: (entry) => attempt(`restore ${entry.path}`, () => quarantine.putBack(entry)),
  };
}
