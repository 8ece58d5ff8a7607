/** What a machine is, in the words that detection has for it. Pure. */
import type { BootReport, MachineFacts } from "../../protocol/boot.ts";
import type { Role } from "../../protocol/names.ts";
import type { DeviceClass } from "../detection/types.ts";

export type Chassis = NonNullable<MachineFacts["chassis"]>;

const BY_ROLE: readonly (readonly [RegExp, DeviceClass])[] = [
  [/server|domain-controller|database|hypervisor|gateway/, "server"],
  [/laptop|notebook|mobile|tablet/, "mobile"],
  [/kiosk|till|pos|clinical|signage|control|monitor/, "always-on"],
];

/** What the machine itself says counts where its role says nothing: a cart with a laptop in it is a clinical device. */
const BY_CHASSIS: Readonly<Record<Chassis, DeviceClass>> = {
  portable: "mobile",
  server: "server",
  desktop: "office",
  virtual: "office", // somebody's desktop: servers say that they are servers
  other: "office",
};

/** How such machines live, until the fleet's own history says more. @param chassis null: it has not said */
export function classOf(role: Role, chassis: Chassis | null): DeviceClass {
  const byRole = BY_ROLE.find(([pattern]) => pattern.test(role))?.[1];
  return byRole ?? (chassis === null ? "office" : BY_CHASSIS[chassis]);
}

/** The machine as a report names it; null: it does not say. The build without its revision. */
export function machineOf(boot: Pick<BootReport, "machine">): {
  readonly system: string | null;
  readonly model: string | null;
  readonly chassis: Chassis | null;
  readonly zone: string | null;
} {
  // Agents that do not say yet what they are leave it out.
  const { build = null, maker = null, model = null, chassis = null, utcOffsetMinutes = null } = boot.machine ?? {};
  const named = [maker, model].filter((part) => part !== null).join(" ");
  return {
    system: build === null ? null : build.split(".").slice(0, 3).join("."),
    model: named === "" ? null : named,
    chassis,
    zone: utcOffsetMinutes === null ? null : `UTC${utcOffsetMinutes < 0 ? "" : "+"}${utcOffsetMinutes}`,
  };
}
