/**
 * Places of the registry that no step may touch, whatever a policy allows: how the machine starts, which programs and
 * libraries Windows takes up by itself, and the agent. There is no step that takes a command line, and no value of the
 * registry is one either. No such list is whole: what counts first is which keys policy and device name.
 *
 * Windows shows one place under several names: HKLM\SYSTEM\CurrentControlSet is one of ControlSet001, ControlSet002, and
 * 32-bit programs have their own SOFTWARE. Each is looked at as what it is.
 */
import type { RegistryKey } from "../../protocol/registry.ts";
import { isNeeded } from "./needed-services.ts";

const CONTROL_SET = /^system\\(?:currentcontrolset|controlset\d{3}|clone)\\/;
/** Under a control set. The session manager moves files at the start, and starts programs before anything else. */
const OF_CONTROL_SET = [
  "control\\bitlockerstatus",
  "control\\bootverificationprogram",
  "control\\ci",
  "control\\class",
  "control\\deviceguard",
  "control\\hivelist",
  "control\\lsa",
  "control\\lsaextensionconfig",
  "control\\minint",
  "control\\networkprovider",
  "control\\print\\environments",
  "control\\print\\monitors",
  "control\\print\\providers",
  "control\\productoptions",
  "control\\safeboot",
  "control\\securityproviders",
  "control\\session manager",
  "control\\terminal server\\addins",
  "control\\terminal server\\winstations",
  "enum",
  "services\\eventlog\\application\\ringback",
  "services\\ringback",
  "services\\ringbackagent",
  "services\\w32time\\timeproviders",
  "services\\winsock2",
];
/** Under HKLM. BCD00000000 is the boot configuration itself, mounted by Windows. */
const OF_MACHINE = [
  "bcd00000000",
  "components",
  "drivers",
  "sam",
  "security",
  "system\\driverdatabase",
  "system\\mounteddevices",
  "system\\select",
  "system\\setup",
];
/** Under SOFTWARE, and under that of 32-bit programs. */
const OF_SOFTWARE = [
  "classes",
  "microsoft\\.netframework",
  "microsoft\\active setup",
  "microsoft\\amsi",
  "microsoft\\command processor",
  "microsoft\\cryptography\\defaults",
  "microsoft\\cryptography\\oid",
  "microsoft\\netsh",
  "microsoft\\windows nt\\currentversion\\accessibility",
  "microsoft\\windows nt\\currentversion\\aedebug",
  "microsoft\\windows nt\\currentversion\\appcompatflags",
  "microsoft\\windows nt\\currentversion\\drivers32",
  "microsoft\\windows nt\\currentversion\\image file execution options",
  "microsoft\\windows nt\\currentversion\\profilelist",
  "microsoft\\windows nt\\currentversion\\schedule",
  "microsoft\\windows nt\\currentversion\\silentprocessexit",
  "microsoft\\windows nt\\currentversion\\svchost",
  "microsoft\\windows nt\\currentversion\\windows",
  "microsoft\\windows nt\\currentversion\\winlogon",
  "microsoft\\windows\\currentversion\\app paths",
  "microsoft\\windows\\currentversion\\explorer\\browser helper objects",
  "microsoft\\windows\\currentversion\\group policy\\scripts",
  "microsoft\\windows\\currentversion\\policies\\explorer\\run",
  "microsoft\\windows\\currentversion\\run",
  "microsoft\\windows\\currentversion\\runonce",
  "microsoft\\windows\\currentversion\\runonceex",
  "microsoft\\windows\\currentversion\\shellserviceobjects",
  "microsoft\\windows\\windows error reporting\\hangs",
  "microsoft\\windows\\windows error reporting\\runtimeexceptionhelpermodules",
  "openssh",
  "policies\\microsoft\\fve",
  "policies\\microsoft\\windows\\deviceguard",
  "policies\\microsoft\\windows\\system\\scripts",
  "ringback",
  "ringback.thisboot",
];
/** Values of a service, or of a key below it, that name what it runs or loads, or as whom. */
const PROGRAM_OF_SERVICE =
  /^(?:imagepath|servicedll|failurecommand|objectname|library|dllname|serverlevelplugindll|application|appparameters)$/i;
/** Values of a service itself that say whether it is there when Windows starts. */
const START_OF_SERVICE = /^(?:start|type|errorcontrol|group|tag|dependonservice|dependongroup)$/i;

export function isForbiddenKey(key: RegistryKey, valueName: string): boolean {
  const path = key.slice("HKLM\\".length).toLowerCase();
  if (CONTROL_SET.test(path)) {
    const inner = path.replace(CONTROL_SET, "");
    // Values of the key `Control` itself name, among others, a library of the service control manager.
    return inner === "control" || lies(inner, OF_CONTROL_SET) || isStartOfService(inner, valueName);
  }
  const software = /^software\\(?:wow6432node\\)?/;
  return lies(path, OF_MACHINE) || (software.test(path) && lies(path.replace(software, ""), OF_SOFTWARE));
}

function isStartOfService(inner: string, valueName: string): boolean {
  const [root, service = "", ...below] = inner.split("\\");
  if (root !== "services") return false;
  return (
    PROGRAM_OF_SERVICE.test(valueName) || (below.length === 0 && isNeeded(service) && START_OF_SERVICE.test(valueName))
  );
}

const lies = (path: string, roots: readonly string[]): boolean =>
  roots.some((root) => path === root || path.startsWith(`${root}\\`));
