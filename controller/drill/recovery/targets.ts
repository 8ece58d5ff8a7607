/**
 * Which machines of an outbreak a plan is made for: all that took the faulty version, but for those that their guardian
 * had brought back before.
 */
import type { Outbreak, Reach } from "../outbreak.ts";
import { DRAW, type Draws } from "./draws.ts";
import { GUARDIAN, Habits, type MachineColumns, RUNGS } from "./habits.ts";
import { permuted } from "./plan-order.ts";

export interface Candidates extends MachineColumns {
  /** The second at which it took the faulty version. */
  readonly tookAt: Uint32Array;
}

interface Targets {
  readonly candidates: Candidates;
  /** Those that were back before the plan began, and when. */
  readonly earlier: Candidates & { readonly healedAt: Uint32Array };
}

const secondOf = (tenths: number): number => Math.floor((tenths - 1) / 10);

export function targetsOf(outbreak: Outbreak, draws: Draws, begins: number, isCurable: boolean): Targets {
  const { fleet, scenario, exposedAt, hurtAt } = outbreak;
  let size = 0;
  for (let device = 0; device < fleet.size; device += 1) if ((exposedAt[device] ?? 0) > 0) size += 1;
  const all: Candidates = {
    size,
    siteCount: fleet.siteCount,
    key: new Uint32Array(size),
    site: new Uint32Array(size),
    role: new Uint8Array(size),
    rung: new Uint8Array(size),
    hurtAt: new Uint32Array(size),
    tookAt: new Uint32Array(size),
  };
  for (let device = 0, target = 0; device < fleet.size; device += 1) {
    const took = exposedAt[device] ?? 0;
    if (took === 0) continue;
    const hurt = hurtAt[device] ?? 0;
    all.key[target] = device;
    all.site[target] = fleet.site[device] ?? 0;
    all.role[target] = fleet.role[device] ?? 0;
    all.rung[target] = rungOf(scenario.reach, draws.share(device, DRAW.rung));
    all.hurtAt[target] = hurt === 0 ? 0 : secondOf(hurt) + 1;
    all.tookAt[target] = secondOf(took);
    target += 1;
  }
  return apart(all, draws, begins, isCurable);
}

function apart(all: Candidates, draws: Draws, begins: number, isCurable: boolean): Targets {
  const habits = new Habits(draws, all);
  const healedAt = new Uint32Array(all.size);
  const [earlier, left] = [new Uint32Array(all.size), new Uint32Array(all.size)];
  let [earlierSize, leftSize] = [0, 0];
  for (let target = 0; target < all.size; target += 1) {
    const hurtAt = (all.hurtAt[target] ?? 0) - 1;
    const isGuarded = isCurable && hurtAt >= 0 && all.rung[target] === GUARDIAN;
    healedAt[target] = isGuarded ? habits.healedAt(target, hurtAt) : 0;
    if (isGuarded && (healedAt[target] ?? 0) <= begins) earlier[earlierSize++] = target;
    else left[leftSize++] = target;
  }
  return {
    candidates: permuted(all, left.subarray(0, leftSize)),
    earlier: permuted({ ...all, healedAt }, earlier.subarray(0, earlierSize)),
  };
}

/** What a machine that is hurt needs, by a number from 0 to 1. */
export function rungOf(reach: Reach, share: number): number {
  let below = 0;
  for (const [rung, name] of RUNGS.entries()) {
    below += reach[name];
    if (share < below) return rung;
  }
  return RUNGS.length - 1;
}
