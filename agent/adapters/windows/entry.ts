/**
 * What the commands ask of Windows before anything else. To be imported by a call: what stands behind it loads the native
 * library, and where that cannot be loaded, because App Control forbids it for instance, `doctor` still has to say so.
 */
import { readAgentKey } from "./agent-key.ts";
import { type Installed, readInstalled } from "./installed.ts";
import { ntdllFiles } from "./native/ntdll-files.ts";
import { ownAccount } from "./native/own-account.ts";
import { protectFolder } from "./protected-folder.ts";
import { beTheOnlyOne } from "./single-instance.ts";

export { readKernelBoot } from "./kernel-boot.ts";

/** @throws NotInstalled */
export const installedHere = (): Installed => readInstalled(readAgentKey);

/** @throws FileFault if the folder is no safe place */
export const makeStateFolder = (folder: string): void => protectFolder(ntdllFiles, folder, undefined);

/**
 * This process is the agent of this machine from now on.
 *
 * @throws NotInstalled; FileFault if its folder is no safe place; Error if another agent runs
 */
export function takePlace(as: "service" | "person"): Installed {
  const installed = installedHere();
  // A service's account is used by nothing else. A person's is not trusted: any program of his could have made the folder.
  protectFolder(ntdllFiles, installed.stateFolder, as === "service" ? ownAccount() : undefined);
  beTheOnlyOne(installed.stateFolder);
  return installed;
}
