/**
 * People who go to machines: so many of them, so long a machine, in their hours. Who waits is visited by role.
 *
 * Pure: it is told who needs a visit and who is finished, and says who begins and when that ends.
 */
import { DRILL_ROLES } from "../outbreak.ts";

export interface Staff {
  readonly technicians: number;
  /** Do they go wherever they are needed, or has each site so many of its own? */
  readonly each: "fleet" | "site";
  readonly minutesAMachine: number;
  /** Hours of the day (UTC) in which a visit may begin; null: day and night. */
  readonly hours: { readonly from: number; readonly to: number } | null;
  /** How long after the decision the first of them stands at a machine. */
  readonly onTheirWayMinutes: number;
}

/** Visited first to last: what many others need, then who cannot work around it. */
const PRIORITY: readonly (typeof DRILL_ROLES)[number][] = [
  "domain-controller",
  "server",
  "clinical",
  "till",
  "workstation",
  "laptop",
];
const RANK_OF_ROLE = DRILL_ROLES.map((role) => PRIORITY.indexOf(role));
const RANKS = PRIORITY.length;
const NOBODY = -1;
const DAY = 86_400;

export interface Visit {
  readonly machine: number;
  readonly endsAt: number;
}

export class Technicians {
  readonly #staff: Staff;
  readonly #from: number;
  readonly #midnight: number;
  readonly #role: Uint8Array;
  readonly #site: Uint32Array;
  readonly #secondsOf: (machine: number) => number;
  readonly #idle: Int32Array;
  /** Queues by site and rank: first, last, and who stands behind whom. */
  readonly #first: Int32Array;
  readonly #last: Int32Array;
  readonly #behind: Int32Array;
  readonly #isAsked: Uint8Array;

  /**
   * @param from the second at which the first of them may stand at a machine
   * @param midnight a second at which a day (UTC) begins; may be negative
   * @param secondsOf how long the visit of this machine takes
   */
  constructor(
    staff: Staff,
    { from, midnight }: { readonly from: number; readonly midnight: number },
    machines: { readonly role: Uint8Array; readonly site: Uint32Array; readonly siteCount: number },
    secondsOf: (machine: number) => number,
  ) {
    this.#staff = staff;
    this.#from = from;
    this.#midnight = midnight;
    this.#role = machines.role;
    this.#site = machines.site;
    this.#secondsOf = secondsOf;
    const groups = staff.each === "site" ? Math.max(1, machines.siteCount) : 1;
    this.#idle = new Int32Array(groups).fill(staff.technicians);
    this.#first = new Int32Array(groups * RANKS).fill(NOBODY);
    this.#last = new Int32Array(groups * RANKS).fill(NOBODY);
    this.#behind = new Int32Array(machines.role.length).fill(NOBODY);
    this.#isAsked = new Uint8Array(machines.role.length);
  }

  /** The machine waits for a visit; asking twice is once. */
  ask(machine: number): void {
    if (this.#isAsked[machine] === 1) return;
    this.#isAsked[machine] = 1;
    const queue = this.#groupOf(machine) * RANKS + (RANK_OF_ROLE[this.#role[machine] ?? 0] ?? RANKS - 1);
    const last = this.#last[queue] ?? NOBODY;
    if (last === NOBODY) this.#first[queue] = machine;
    else this.#behind[last] = machine;
    this.#last[queue] = machine;
  }

  isAsked(machine: number): boolean {
    return this.#isAsked[machine] === 1;
  }

  /** Whoever was at this machine is free for the next one. */
  leave(machine: number): void {
    const group = this.#groupOf(machine);
    this.#idle[group] = (this.#idle[group] ?? 0) + 1;
  }

  /** Who is visited next where this machine stands, now that somebody is free or somebody waits. */
  next(near: number, second: number): Visit | undefined {
    const group = this.#groupOf(near);
    if ((this.#idle[group] ?? 0) <= 0) return undefined;
    for (let rank = 0; rank < RANKS; rank += 1) {
      const queue = group * RANKS + rank;
      const machine = this.#first[queue] ?? NOBODY;
      if (machine === NOBODY) continue;
      this.#first[queue] = this.#behind[machine] ?? NOBODY;
      if (this.#first[queue] === NOBODY) this.#last[queue] = NOBODY;
      this.#idle[group] = (this.#idle[group] ?? 0) - 1;
      const begins = this.#opens(Math.max(second, this.#from));
      return { machine, endsAt: begins + this.#secondsOf(machine) };
    }
    return undefined;
  }

  #groupOf(machine: number): number {
    return this.#staff.each === "site" ? (this.#site[machine] ?? 0) : 0;
  }

  /** The first second from then on at which a visit may begin. */
  #opens(second: number): number {
    const { hours } = this.#staff;
    if (hours === null) return second;
    const today = Math.floor((second - this.#midnight) / DAY) * DAY + this.#midnight;
    const [from, to] = [today + hours.from * 3_600, today + hours.to * 3_600];
    if (second < from) return from;
    return second < to ? second : from + DAY;
  }
}
