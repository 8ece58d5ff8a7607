/** Machines of a drill as the engine knows them, and the waves that the strategy puts them in. */
import type { DeviceId } from "../../../protocol/ids.ts";
import type { Role, Site } from "../../../protocol/names.ts";
import type { Selectable } from "../../../protocol/selector.ts";
import type { Strategy } from "../../../protocol/strategy.ts";
import type { PlacedDevice, RolloutDefinition } from "../../rollout/types.ts";
import { assignWaves } from "../../rollout/waves.ts";
import { DRILL_ROLES } from "../outbreak.ts";

/** Short, because millions of them are held. No device has such an id, so none could ever be meant by it. */
const drillDevice = (machine: number): DeviceId => `dev_drill${machine.toString(36)}` as DeviceId;
const machineOf = (device: DeviceId): number => Number.parseInt(device.slice("dev_drill".length), 36);

export const siteName = (site: number): Site => `Site ${site}` as Site; // of the alphabet of names
export const roleName = (role: number): Role => (DRILL_ROLES[role] ?? "workstation") as Role; // as above

interface Places {
  readonly size: number;
  readonly site: Uint32Array;
  readonly role: Uint8Array;
}

/**
 * How many machines each wave takes and, where waves choose by selector, which: their numbers in the order of the plan.
 *
 * @throws RangeError if waves leave machines out, or the first takes none: as planning refuses such a strategy
 */
export function wavesOf(
  { waves }: Strategy,
  { size, site, role }: Places,
): { readonly sizes: readonly number[]; readonly order: readonly number[] | null } {
  const chooses = waves.some(({ take }) => "selector" in take);
  // Where waves only count, it does not matter whom: one stands for millions.
  const anyone: Selectable = { id: drillDevice(0), site: siteName(0), role: roleName(0), ...NOTHING_MORE };
  const selectable = (machine: number): Selectable => ({
    id: drillDevice(machine),
    site: siteName(site[machine] ?? 0),
    role: roleName(role[machine] ?? 0),
    ...NOTHING_MORE,
  });
  const assigned = assignWaves(
    waves,
    Array.from({ length: size }, (_, machine) => (chooses ? selectable(machine) : anyone)),
  );
  if (assigned.leftOver.length > 0)
    throw new RangeError(
      `The waves leave ${assigned.leftOver.length} of ${size} machines out. End with a wave that takes the rest: take: {rest: true}.`,
    );
  if (assigned.waves[0]?.length === 0)
    throw new RangeError("The first wave takes no machine, so it can never show that the plan works.");
  const sizes = assigned.waves.map(({ length }) => length);
  return { sizes, order: chooses ? assigned.waves.flatMap((ids) => ids.map(machineOf)) : null };
}

/** A drill has no groups; all that a plan is made for run the faulty version. */
const NOTHING_MORE = { isSilentSince: () => false, isIn: (): boolean => false, runs: (): boolean => true };

type Definition = Pick<RolloutDefinition, "waves" | "siteSizes" | "roleSizes">;

/** @param sizes machines of the whole fleet by site and role: what shares in budgets are shares of */
export function definedBy(
  strategy: Strategy,
  places: Places,
  waveSizes: readonly number[],
  notBefore: RolloutDefinition["waves"][number]["notBefore"],
  sizes: { readonly site: Uint32Array; readonly role: Uint32Array },
): Definition {
  const sites = Array.from(sizes.site, (_, site) => siteName(site)); // one text a site, however many stand there
  let next = 0;
  return {
    waves: strategy.waves.map(({ name, gate }, wave) => {
      const first = next;
      next += waveSizes[wave] ?? 0;
      const devices = Array.from({ length: waveSizes[wave] ?? 0 }, (_, nth): PlacedDevice => {
        const machine = first + nth;
        const site = sites[places.site[machine] ?? 0] ?? siteName(0);
        return { id: drillDevice(machine), site, role: roleName(places.role[machine] ?? 0) };
      });
      return { name, gate, notBefore, devices };
    }),
    siteSizes: new Map(Array.from(sizes.site, (count, site) => [sites[site] ?? siteName(site), count])),
    roleSizes: new Map(Array.from(sizes.role, (count, role) => [roleName(role), count])),
  };
}
