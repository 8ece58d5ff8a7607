/**
 * Places of the registry that no step may touch, whatever a policy allows: how the machine starts, which programs Windows
 * starts by itself, and the agent. There is no step that takes a command line, and no value of the registry is one either.
 *
 * Windows shows one place under several names: HKLM\SYSTEM\CurrentControlSet is one of ControlSet001, ControlSet002, and
 * 32-bit programs have their own SOFTWARE. Each is looked at as what it is.
 */
import type { RegistryKey } from "../../protocol/registry.ts";

const CONTROL_SET = /^system\\(?:currentcontrolset|controlset\d{3}|clone)\\/;
/** Under a control set. The session manager moves files at the start, and starts programs before anything else. */
const OF_CONTROL_SET = [
  "control\\safeboot",
  "control\\bitlockerstatus",
  "control\\session manager",
  "control\\lsa",
  "services\\ringback",
  "services\\ringbackagent",
  "services\\eventlog\\application\\ringback",
];
/** Under HKLM. BCD00000000 is the boot configuration itself, mounted by Windows. */
const OF_MACHINE = ["bcd00000000", "sam", "security", "system\\select", "system\\setup"];
/** Under SOFTWARE, and under that of 32-bit programs. */
const OF_SOFTWARE = [
  "ringback",
  "ringback.thisboot",
  "microsoft\\windows\\currentversion\\run",
  "microsoft\\windows\\currentversion\\runonce",
  "microsoft\\windows\\currentversion\\runonceex",
  "microsoft\\windows\\currentversion\\policies\\explorer\\run",
  "microsoft\\windows nt\\currentversion\\image file execution options",
  "microsoft\\windows nt\\currentversion\\silentprocessexit",
  "microsoft\\windows nt\\currentversion\\winlogon",
  "microsoft\\windows nt\\currentversion\\windows",
  "microsoft\\active setup",
];
/** Values of a service that name what it runs. */
const PROGRAM_OF_SERVICE = /^(?:imagepath|servicedll|failurecommand)$/i;

export function isForbiddenKey(key: RegistryKey, valueName: string): boolean {
  const path = key.slice("HKLM\\".length).toLowerCase();
  if (CONTROL_SET.test(path)) {
    const inner = path.replace(CONTROL_SET, "");
    return lies(inner, OF_CONTROL_SET) || (lies(inner, ["services"]) && PROGRAM_OF_SERVICE.test(valueName));
  }
  const software = /^software\\(?:wow6432node\\)?/;
  return lies(path, OF_MACHINE) || (software.test(path) && lies(path.replace(software, ""), OF_SOFTWARE));
}

const lies = (path: string, roots: readonly string[]): boolean =>
  roots.some((root) => path === root || path.startsWith(`${root}\\`));
