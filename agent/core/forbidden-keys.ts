/**
 * Keys of the registry that no step may touch, whatever a policy allows: how the machine starts, and the agent itself.
 *
 * Windows shows one place under several names: HKLM\SYSTEM\CurrentControlSet is one of ControlSet001, ControlSet002, and
 * 32-bit programs have their own SOFTWARE. Each is looked at as what it is.
 */
import type { RegistryKey } from "../../protocol/registry.ts";

const CONTROL_SET = /^system\\(?:currentcontrolset|controlset\d{3}|clone)\\/;
/** Under a control set. */
const OF_CONTROL_SET = [
  "control\\safeboot",
  "control\\bitlockerstatus",
  "services\\ringback",
  "services\\eventlog\\application\\ringback",
];
/** Under HKLM. BCD00000000 is the boot configuration itself, mounted by Windows. */
const OF_MACHINE = ["bcd00000000", "sam", "security", "software\\ringback", "software\\wow6432node\\ringback"];

/** HKLM\SYSTEM\Select says which control set the next start takes. */
export function isForbiddenKey(key: RegistryKey): boolean {
  const path = key.slice("HKLM\\".length).toLowerCase();
  const inSet = CONTROL_SET.test(path) ? path.replace(CONTROL_SET, "") : undefined;
  const lies = (inner: string, roots: readonly string[]): boolean =>
    roots.some((root) => inner === root || inner.startsWith(`${root}\\`));
  return path === "system\\select" || (inSet !== undefined ? lies(inSet, OF_CONTROL_SET) : lies(path, OF_MACHINE));
}
