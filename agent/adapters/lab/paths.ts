/**
 * Where a Windows path lies in a machine's folder: `C:\Windows` is `M/C/Windows`, whatever the case.
 *
 * Invariant: nothing outside the machine's folder is ever named. Every part is looked at by itself and a link is never
 * followed; what is ambiguous is a fault.
 */
import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import { isSameName } from "../../../protocol/windows-path.ts";
import type { Fault, Result } from "../../ports.ts";
import { faultOf, isNoSuchFile } from "../fault-of.ts";

const escapes = (because: string): Fault => ({ kind: "fault", fault: "path-escapes", because });

/** The folder's real path, or nothing if there is no such folder. */
export async function locateFolder(machine: string, folder: string): Promise<Result<string | undefined>> {
  const [drive = "", ...parts] = folder.split("\\").filter((part) => part !== "");
  let path = join(machine, drive.slice(0, 1).toUpperCase());
  if (!/^[A-Za-z]:$/.test(drive)) return escapes(`${folder} is not on a drive`);
  for (const [i, part] of [".", ...parts].entries()) {
    if (i > 0) {
      const name = await locateName(path, part);
      if (name.kind === "fault" || name.value === undefined) return name;
      path = join(path, name.value);
    }
    try {
      const facts = await lstat(path);
      if (facts.isSymbolicLink()) return escapes(`${folder} leads through a link`);
      if (!facts.isDirectory()) return { kind: "ok", value: undefined };
    } catch (error) {
      return isNoSuchFile(error) ? { kind: "ok", value: undefined } : faultOf(error, `look at ${folder}`);
    }
  }
  return { kind: "ok", value: path };
}

/** How a name is spelled on the disk. Two names that differ in case only cannot both be meant. */
export async function locateName(folder: string, name: string): Promise<Result<string | undefined>> {
  try {
    const names = (await readdir(folder)).filter((entry) => isSameName(entry, name));
    if (names.length > 1) return escapes(`${name} is there in more than one spelling`);
    return { kind: "ok", value: names[0] };
  } catch (error) {
    return isNoSuchFile(error) ? { kind: "ok", value: undefined } : faultOf(error, `look for ${name}`);
  }
}
