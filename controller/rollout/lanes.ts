/** Which lanes the ready devices of a rollout queue in. Devices that the same budgets bind share a lane. */
import type { AtOnce, Budgeted } from "./budgets.ts";

/** "No budget here", where the number of a site or role would stand. */
export const NONE = -1;

/** Where each device stands: its wave, and the numbers of its site and role. */
export interface Placing {
  readonly wave: Uint8Array;
  readonly site: Int32Array;
  readonly role: Int32Array;
}

/** @property atOnce the role of which only so many may be under way, down or not */
interface Lane {
  readonly wave: number;
  readonly site: number;
  readonly role: number;
  readonly atOnce: number;
}
interface LanePlan {
  readonly lanes: readonly Lane[];
  /** For each device, the lane in which it queues while it is up, and while it is down. */
  readonly budgetLanes: Int32Array;
  readonly downLanes: Int32Array;
}

export function planLanes({ wave, site, role }: Placing, sites: Budgeted, roles: Budgeted, atOnce: AtOnce): LanePlan {
  const lanes: Lane[] = [];
  const numbers = new Map<number, number>();
  const laneOf = (ofWave: number, ofSite: number, ofRole: number, ofAtOnce: number): number => {
    const place = (ofWave * (sites.size + 1) + ofSite + 1) * (roles.size + 1) + ofRole + 1;
    const key = place * (roles.size + 1) + ofAtOnce + 1;
    const number = numbers.get(key) ?? lanes.push({ wave: ofWave, site: ofSite, role: ofRole, atOnce: ofAtOnce }) - 1;
    numbers.set(key, number);
    return number;
  };
  const budgetLanes = new Int32Array(wave.length);
  const downLanes = new Int32Array(wave.length);
  for (let slot = 0; slot < wave.length; slot += 1) {
    const [ofSite, ofRole] = [site[slot] ?? NONE, role[slot] ?? NONE];
    const limitedSite = sites.isLimited(ofSite) ? ofSite : NONE;
    const oneByOne = atOnce.isLimited(ofRole) ? ofRole : NONE;
    budgetLanes[slot] = laneOf(wave[slot] ?? 0, limitedSite, roles.isLimited(ofRole) ? ofRole : NONE, oneByOne);
    downLanes[slot] = laneOf(wave[slot] ?? 0, NONE, NONE, oneByOne);
  }
  return { lanes, budgetLanes, downLanes };
}

/** What has been chosen of each site and role so far in one decision. */
export class Taken {
  readonly #sites = new Map<number, number>();
  readonly #roles = new Map<number, number>();
  readonly #atOnce = new Map<number, number>();
  ofSite(site: number): number {
    return this.#sites.get(site) ?? 0;
  }
  ofRole(role: number): number {
    return this.#roles.get(role) ?? 0;
  }
  atOnce(role: number): number {
    return this.#atOnce.get(role) ?? 0;
  }
  add({ site, role, atOnce }: Pick<Lane, "site" | "role" | "atOnce">): void {
    this.#sites.set(site, this.ofSite(site) + 1);
    this.#roles.set(role, this.ofRole(role) + 1);
    this.#atOnce.set(atOnce, this.atOnce(atOnce) + 1);
  }
}
