/** What a lab machine can collect: its event log and its dumps; what it does not have is named in the folder. */
import { copyFile, cp, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { WindowsPath } from "../../../protocol/windows-path.ts";
import type { DiagnosticPart, Diagnostics } from "../../machine-parts.ts";
import { faultOf, isNoSuchFile } from "../fault-of.ts";
import { replaceFile } from "../replace-file.ts";

/** @param state the agent's state folder, which is `C:\ProgramData\Ringback` */
export function labDiagnostics(machine: string, state: string): Diagnostics {
  const collectPart = async (part: DiagnosticPart, folder: string): Promise<string> => {
    try {
      if (part === "event-log") await copyFile(join(machine, "events", "System.xml"), join(folder, "System.xml"));
      else if (part === "crash-dumps")
        await cp(join(machine, "C", "Windows", "Minidump"), join(folder, "Minidump"), { recursive: true });
      else return `${part}: a lab machine has none`;
      return `${part}: collected`;
    } catch (error) {
      if (!isNoSuchFile(error)) throw error;
      return `${part}: there is none`;
    }
  };
  return {
    async collect(name, parts) {
      const folder = join(state, "diagnostics", name);
      try {
        await mkdir(folder, { recursive: true });
        const said: string[] = [];
        for (const part of parts) said.push(await collectPart(part, folder));
        await replaceFile(join(folder, "contents.txt"), `${said.join("\n")}\n`);
        return { kind: "ok", value: WindowsPath.parse(`C:\\ProgramData\\Ringback\\diagnostics\\${name}`) };
      } catch (error) {
        return faultOf(error, "collect diagnostics");
      }
    },
  };
}
