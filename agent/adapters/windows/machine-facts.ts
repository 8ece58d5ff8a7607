/** What a Windows machine is: its build, who made it, and what kind it is. From the registry and one question to Windows. */
import { MachineFacts } from "../../../protocol/boot.ts";
import type { Registry } from "../../machine-parts.ts";
import { readEdition } from "./readiness/edition.ts";

/** POWER_PLATFORM_ROLE: desktop, mobile, workstation, enterprise server, SOHO server, appliance, performance server, slate. */
const CHASSIS = [null, "desktop", "portable", "desktop", "server", "server", "other", "server", "portable"] as const;

/**
 * The revision is left out: it changes with every update, and stands in the registry as a content version of its own.
 * A server that is a virtual machine is a server first: that says how it lives.
 *
 * @param role as POWER_PLATFORM_ROLE counts them
 */
export async function windowsFacts(registry: Registry, role: number): Promise<MachineFacts> {
  const { build, maker, model, isVirtual, productType } = await readEdition(registry);
  const byRole = CHASSIS[role] ?? null;
  const isServer = productType !== undefined && productType !== "WinNT";
  return {
    build: sayableOr(null, build === undefined ? undefined : `10.0.${build.split(".")[0]}`),
    maker: sayableOr(null, maker),
    model: sayableOr(null, model),
    chassis: isServer ? "server" : isVirtual === true ? "virtual" : byRole,
    utcOffsetMinutes: winterOffsetMinutes((month) => new Date(YEAR, month).getTimezoneOffset()),
  };
}

/** Any year will do: what is asked is the zone, not the day. */
const YEAR = 2_026;

/**
 * The same all year, so that nobody seems to move when clocks are put forward: summer time is always the one ahead.
 *
 * @param behindUtc minutes that the machine's clock is behind UTC in a month, as `Date` counts them
 */
export function winterOffsetMinutes(behindUtc: (month: number) => number): number {
  return 0 - Math.max(behindUtc(0), behindUtc(6));
}

/** Makers fill these in as they like. */
function sayableOr(otherwise: null, found: string | undefined): string | null {
  const said = found?.trim();
  return MachineFacts.shape.model.safeParse(said).success ? (said as string) : otherwise;
}
