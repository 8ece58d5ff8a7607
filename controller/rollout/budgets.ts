/**
 * How many devices are down at each site, or of each role, and how many may be.
 *
 * A device counts as down once: because it is down, or because we have taken it. `room` says how many more that are up
 * may be taken; it is negative when more are down than the budget allows, which is not our doing but binds us.
 */
import type { CountOrShare } from "../../protocol/strategy.ts";
import { shareRoundedDown } from "./shares.ts";

export class Budgeted {
  readonly names: string[] = [];
  readonly downMax: number[] = [];
  readonly down: number[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #limitOf: (name: string) => number;

  constructor(limitOf: (name: string) => number) {
    this.#limitOf = limitOf;
  }

  get size(): number {
    return this.names.length;
  }

  /** The number by which a site or role is known from now on. */
  numberOf(name: string): number {
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    const number = this.names.length;
    this.#numbers.set(name, number);
    this.names.push(name);
    this.downMax.push(this.#limitOf(name));
    this.down.push(0);
    return number;
  }

  isLimited(number: number): boolean {
    return Number.isFinite(this.downMax[number]);
  }

  room(number: number): number {
    return (this.downMax[number] ?? Number.POSITIVE_INFINITY) - (this.down[number] ?? 0);
  }

  add(number: number, change: 1 | -1): void {
    this.down[number] = (this.down[number] ?? 0) + change;
  }
}

/** How many of a role have an order under way, down or not, and how many may. Roles have the numbers of their budget. */
export class AtOnce {
  readonly under: number[] = [];
  readonly #roles: Budgeted;
  readonly #maxOf: ReadonlyMap<string, number>;

  constructor(roles: Budgeted, maxOf: ReadonlyMap<string, number>) {
    this.#roles = roles;
    this.#maxOf = maxOf;
  }

  max(role: number): number {
    return this.#maxOf.get(this.#roles.names[role] ?? "") ?? Number.POSITIVE_INFINITY;
  }
  isLimited(role: number): boolean {
    return Number.isFinite(this.max(role));
  }
  room(role: number): number {
    return this.max(role) - (this.under[role] ?? 0);
  }
  add(role: number, change: 1 | -1): void {
    this.under[role] = (this.under[role] ?? 0) + change;
  }
}

/**
 * @param sizes devices of the whole fleet: what shares are shares of. A share is rounded down, but is at least one
 *   device: a site with three machines and a budget of a tenth could otherwise never be helped.
 * @param ofAll for every name that has no budget of its own; undefined for no limit
 */
export function budgetsOf(
  sizes: ReadonlyMap<string, number>,
  ofAll: CountOrShare | undefined,
  named: readonly { readonly name: string; readonly downMax: CountOrShare }[],
): Budgeted {
  const limits = new Map(named.map(({ name, downMax }) => [name, downMax]));
  return new Budgeted((name) => {
    const limit = limits.get(name) ?? ofAll;
    if (limit === undefined) return Number.POSITIVE_INFINITY;
    return "count" in limit ? limit.count : Math.max(1, shareRoundedDown(limit.share, sizes.get(name) ?? 0));
  });
}
