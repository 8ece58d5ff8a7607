/**
 * What the package was installed with, as it stands in the registry (`agent-key.ts`).
 *
 *     StateFolder       where the agent keeps its state; the installer writes %ProgramData%\Ringback
 *     ControllerUrl     https://controller.example:8443; several with a semicolon between them
 *     TokenFile         the file with the enrolment token: read at the first enrolment, then removed. The token itself
 *                       never stands in the registry or in a log
 *     CaSha256, TrustRootSha256, DeviceGroup, Binding
 *     Proxy             system (without it, too), none, or http://proxy.example:3128
 *     KeepState         1: uninstalling leaves the agent's state. The installer looks at it, the agent does not
 *     ToolFolder        Windows' programs (bcdedit, ...) are looked for here and not where Windows keeps them. Not written
 *                       by the installer; for machines on which they lie elsewhere, and for rehearsals. No way in: whoever
 *                       can write this key can replace the agent's own program. `doctor` shows it
 */
export interface Installed {
  readonly stateFolder: string;
  readonly controllers: readonly string[];
  readonly tokenFile: string | undefined;
  readonly caSha256: string | undefined;
  readonly trustRootSha256: string | undefined;
  readonly group: string | undefined;
  readonly binding: string | undefined;
  readonly proxy: string | undefined;
  readonly toolFolder: string | undefined;
}

/** @param read `readAgentKey` on Windows. @throws NotInstalled */
export function readInstalled(read: (name: string) => string | undefined): Installed {
  const stateFolder = read("StateFolder")?.replace(/\\+$/, "");
  if (stateFolder === undefined) throw new NotInstalled();
  return {
    stateFolder,
    controllers: (read("ControllerUrl") ?? "").split(";").flatMap((url) => (url.trim() === "" ? [] : [url.trim()])),
    tokenFile: read("TokenFile"),
    caSha256: read("CaSha256"),
    trustRootSha256: read("TrustRootSha256"),
    group: read("DeviceGroup"),
    binding: read("Binding"),
    proxy: read("Proxy"),
    toolFolder: read("ToolFolder"),
  };
}

export class NotInstalled extends Error {
  override readonly name = "NotInstalled";
  readonly code = "not-installed";
  constructor() {
    super(
      "the agent is not installed on this machine: HKEY_LOCAL_MACHINE\\SOFTWARE\\Ringback\\Agent names no StateFolder. " +
        "Install the package; nothing was done",
    );
  }
}
