/** The programs of this Windows, found by what the system itself says. */
import { join } from "node:path";
import { RegistryKey } from "../../../protocol/registry.ts";
import type { Registry } from "../../machine-parts.ts";
import type { Result } from "../../ports.ts";
import { decodeCodePage, oemCodePage } from "./native/code-page.ts";
import { systemFolder } from "./native/windows-folders.ts";
import type { RunTool } from "./ports.ts";
import { runToolIn } from "./run-tool.ts";

const DEFENDER = RegistryKey.parse("HKLM\\SOFTWARE\\Microsoft\\Windows Defender");
/** Where Defender's programs may lie. A value that names another place is believed by nobody. */
const DEFENDER_FOLDER =
  /^[A-Z]:\\(?:ProgramData\\Microsoft\\Windows Defender\\Platform\\[0-9][0-9.-]{1,40}|Program Files\\Windows Defender)\\?$/i;

/** @param folder instead of Windows' own: all programs are taken from it, as tests need */
export function windowsTools(registry: Registry, folder?: string): RunTool {
  const page = oemCodePage();
  const places = {
    folder: folder ?? systemFolder(),
    mpCmdRun: () => findMpCmdRun(registry),
    decodeOem: (bytes: Uint8Array) => decodeCodePage(page, bytes),
  };
  return runToolIn(places, folder !== undefined);
}

async function findMpCmdRun(registry: Registry): Promise<Result<string>> {
  const read = await registry.read(DEFENDER, "InstallLocation");
  if (read.kind === "fault") return read;
  const folder = read.value?.kind === "string" || read.value?.kind === "expand-string" ? read.value.text : undefined;
  if (folder !== undefined && DEFENDER_FOLDER.test(folder)) return { kind: "ok", value: join(folder, "MpCmdRun.exe") };
  const seen = folder === undefined ? "the registry does not say where it is" : `the registry says ${folder}`;
  const because = `Defender's MpCmdRun.exe is not found: ${seen}, which is no folder of Defender's`;
  return { kind: "fault", fault: "not-found", because };
}
