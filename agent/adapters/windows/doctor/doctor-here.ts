/** The doctor, with the parts of the machine that it runs on. */
import { readCatalogue } from "../../catalogue.ts";
import type { SystemProxy } from "../../proxy/line.ts";
import type { Installed } from "../installed.ts";
import { mayChange, securityOf } from "../native/folder-security.ts";
import { windowsRegistry } from "../registry.ts";
import { ADMINISTRATORS, readPermissions, SYSTEM } from "../security-descriptor.ts";
import { windowsTools } from "../windows-tools.ts";
import { runDoctor } from "./run-doctor.ts";

export async function examineThisMachine(
  { stateFolder, toolFolder }: Installed,
  serviceName: string,
  systemProxy: SystemProxy | undefined,
  json: boolean,
): Promise<0 | 1> {
  const registry = windowsRegistry();
  if (toolFolder !== undefined && !json)
    process.stdout.write(`Windows' programs are taken from ${toolFolder}, as ToolFolder in the registry says.\n`);
  return runDoctor({
    folder: stateFolder,
    serviceName,
    sources: [...readCatalogue().values()],
    registry,
    run: windowsTools(registry, toolFolder),
    access: { mayChange, othersIn },
    systemProxy,
    now: () => Date.now(),
    json,
    write: (text) => void process.stdout.write(text),
  });
}

/** Accounts beside the system's own that the folder is open to. */
function othersIn(folder: string): readonly string[] | undefined | number {
  const security = securityOf(folder);
  if (typeof security === "number") return security;
  return readPermissions(security)
    .allowed?.map(({ account }) => account)
    .filter((account) => account !== SYSTEM && account !== ADMINISTRATORS);
}
