/** What a machine is, in the words that detection has for it. Pure. */
import type { BootReport } from "../../protocol/boot.ts";
import type { Role } from "../../protocol/names.ts";
import type { DeviceClass } from "../detection/types.ts";

const BY_ROLE: readonly (readonly [RegExp, DeviceClass])[] = [
  [/server|domain-controller|database|hypervisor|gateway/, "server"],
  [/laptop|notebook|mobile|tablet/, "mobile"],
  [/kiosk|till|pos|clinical|signage|control|monitor/, "always-on"],
];

/** How machines of a role live, until the fleet's own history says more. */
export const classOf = (role: Role): DeviceClass => BY_ROLE.find(([pattern]) => pattern.test(role))?.[1] ?? "office";

/** Windows and hardware as a report names them; null: it does not say. The build without its revision. */
export function machineOf(boot: BootReport): { readonly system: string | null; readonly model: string | null } {
  const { build, maker, model } = (boot as MachineReport).machine ?? {};
  const named = [maker, model].filter((part) => part !== null && part !== undefined).join(" ");
  return {
    system: build === null || build === undefined ? null : build.split(".").slice(0, 3).join("."),
    model: named === "" ? null : named,
  };
}

/** Agents that do not say yet what they are leave it out. */
interface MachineReport {
  readonly machine?: { readonly build?: string | null; readonly maker?: string | null; readonly model?: string | null };
}
