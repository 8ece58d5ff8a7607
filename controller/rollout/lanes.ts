/** Which lanes the ready devices of a rollout queue in. Devices that the same budgets bind share a lane. */
import type { Budgeted } from "./budgets.ts";

/** "No budget here", where the number of a site or role would stand. */
export const NONE = -1;

/** Where each device stands: its wave, and the numbers of its site and role. */
export interface Placing {
  readonly wave: Uint8Array;
  readonly site: Int32Array;
  readonly role: Int32Array;
}

interface LanePlan {
  readonly lanes: readonly { readonly wave: number; readonly site: number; readonly role: number }[];
  /** For each device, the lane in which it queues while it is up. */
  readonly budgetLanes: Int32Array;
  /** For each wave, the lane of devices that no budget concerns. */
  readonly openLanes: readonly number[];
}

export function planLanes(
  waveCount: number,
  { wave, site, role }: Placing,
  sites: Budgeted,
  roles: Budgeted,
): LanePlan {
  const lanes: { wave: number; site: number; role: number }[] = [];
  const numbers = new Map<number, number>();
  const laneOf = (ofWave: number, ofSite: number, ofRole: number): number => {
    const key = (ofWave * (sites.size + 1) + ofSite + 1) * (roles.size + 1) + ofRole + 1;
    const number = numbers.get(key) ?? lanes.push({ wave: ofWave, site: ofSite, role: ofRole }) - 1;
    numbers.set(key, number);
    return number;
  };
  const openLanes = Array.from({ length: waveCount }, (_, ofWave) => laneOf(ofWave, NONE, NONE));
  const budgetLanes = new Int32Array(wave.length);
  for (let slot = 0; slot < wave.length; slot += 1) {
    const [ofSite, ofRole] = [site[slot] ?? NONE, role[slot] ?? NONE];
    const limitedSite = sites.isLimited(ofSite) ? ofSite : NONE;
    budgetLanes[slot] = laneOf(wave[slot] ?? 0, limitedSite, roles.isLimited(ofRole) ? ofRole : NONE);
  }
  return { lanes, budgetLanes, openLanes };
}

/** What has been chosen of each site and role so far in one decision. */
export class Taken {
  readonly #sites = new Map<number, number>();
  readonly #roles = new Map<number, number>();
  ofSite(site: number): number {
    return this.#sites.get(site) ?? 0;
  }
  ofRole(role: number): number {
    return this.#roles.get(role) ?? 0;
  }
  add(site: number, role: number): void {
    this.#sites.set(site, this.ofSite(site) + 1);
    this.#roles.set(role, this.ofRole(role) + 1);
  }
}
