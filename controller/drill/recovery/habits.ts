/** What is known of the machines of a drill, and the assumptions about how they behave. Times are whole seconds. */
import { DRAW, type Draws } from "./draws.ts";
import type { Staff } from "./technicians.ts";

export const RUNGS = ["online", "moments", "guardian", "visit"] as const;
export type Rung = (typeof RUNGS)[number];
export const [ONLINE, MOMENTS, GUARDIAN] = [0, 1, 2] as const;

/** One entry a machine of the plan, in the order of the plan. */
export interface MachineColumns {
  readonly size: number;
  /** What chance goes by: the same machine in every run, wherever it stands in the plan. */
  readonly key: Uint32Array;
  readonly site: Uint32Array;
  readonly siteCount: number;
  readonly role: Uint8Array;
  /** Index into `RUNGS`. */
  readonly rung: Uint8Array;
  /** The second at which it is hurt, plus one; 0: it took the faulty version and is well. */
  readonly hurtAt: Uint32Array;
  /** The second at which it gets well without us, plus one; 0: it does not. */
  readonly healsAt?: Uint32Array;
}

export interface Nature {
  /** Does the cure restart the machine? */
  readonly restarts: boolean;
  /** Nothing can be rolled back: nobody takes an order, and no standing order helps. */
  readonly isIncurable: boolean;
  /** Share of the machines given the cure that it makes worse: they do not come back. */
  readonly worseShare: number;
  readonly staff: Staff;
}

/** Orders that fail on a good day: a locked file, a full disk. */
const FAILS_SHARE = 0.005;
/** Machines that are well but switched off or away when the plan begins, and for how long at most. */
const AWAY = { share: 0.08, leastSeconds: 60, mostSeconds: 43_200 } as const;
/** Moments of network in a loop: so long each, and ever rarer, as loops end up waiting in the recovery environment. */
const MOMENT = { least: 20, most: 60 } as const;
const GAP = { first: 240, growth: 1.25, most: 3_600 } as const;
/** Three starts that fail, then the start into safe mode or recovery. */
const SAFE_START = { least: 600, most: 1_500 } as const;

/** How long things take, by chance of the machine. */
export class Habits {
  readonly #draws: Draws;
  readonly #key: Uint32Array;
  readonly #hurtAt: Uint32Array;

  constructor(draws: Draws, { key, hurtAt }: Pick<MachineColumns, "key" | "hurtAt">) {
    this.#draws = draws;
    this.#key = key;
    this.#hurtAt = hurtAt;
  }

  fails(machine: number): boolean {
    return this.#share(machine, DRAW.fails) < FAILS_SHARE;
  }
  isMadeWorse(machine: number, share: number): boolean {
    return this.#share(machine, DRAW.worse) < share;
  }
  /** A nudge, and the agent looks into its mailbox. */
  pickUp(machine: number, nth: number): number {
    return this.#between(1, 5, machine, DRAW.pickUp, nth);
  }
  /** Steps before the restart; a machine in a loop hurries. */
  steps(machine: number, isHurried: boolean): number {
    return isHurried ? this.#between(3, 10, machine, DRAW.order) : this.#between(15, 40, machine, DRAW.order);
  }
  restart(machine: number): number {
    return this.#between(90, 300, machine, DRAW.boot);
  }
  /** Until the services are up and stay up. */
  settle(machine: number): number {
    return this.#between(60, 180, machine, DRAW.settle);
  }
  check(machine: number): number {
    return this.#between(5, 15, machine, DRAW.settle, 1);
  }
  moment(machine: number, nth: number): number {
    return this.#between(MOMENT.least, MOMENT.most, machine, DRAW.moment, nth);
  }
  /** From the end of a moment to the next; the first counts from the crash. */
  gap(machine: number, nth: number): number {
    const least = Math.min(GAP.most, GAP.first * GAP.growth ** nth);
    return Math.round(least * (0.8 + 0.4 * this.#share(machine, DRAW.gap, nth)));
  }
  visitSeconds(machine: number, minutes: number): number {
    return Math.max(1, Math.round(minutes * 60 * (0.7 + 0.6 * this.#share(machine, DRAW.visit))));
  }
  /** When the guardian has brought a machine back that was hurt at `second`. */
  healedAt(machine: number, second: number): number {
    return second + this.#between(SAFE_START.least, SAFE_START.most, machine, DRAW.heal);
  }

  /** Where a machine is when the plan begins. */
  at(machine: number, rung: number, second: number): Beginning {
    const hurtAt = (this.#hurtAt[machine] ?? 0) - 1;
    if (hurtAt < 0 || hurtAt > second) return this.#well(machine, hurtAt, second);
    if (rung === MOMENTS) return this.#inLoop(machine, hurtAt, second);
    if (rung === GUARDIAN) return { is: "healing", due: Math.max(second + 1, this.healedAt(machine, hurtAt)) };
    return rung === ONLINE ? { is: "there", due: null } : { is: "lost", due: null };
  }

  #well(machine: number, hurtAt: number, second: number): Beginning {
    if (this.#share(machine, DRAW.away) >= AWAY.share) return { is: "there", due: hurtAt < 0 ? null : hurtAt };
    return {
      is: "away",
      due: second + this.#between(AWAY.leastSeconds, AWAY.mostSeconds, machine, DRAW.begin),
      nth: 0,
    };
  }

  #inLoop(machine: number, hurtAt: number, second: number): Beginning {
    let comes = hurtAt + this.gap(machine, 0);
    for (let nth = 1; ; nth += 1) {
      if (comes > second) return { is: "away", due: comes, nth };
      const goes = comes + this.moment(machine, nth);
      if (goes > second) return { is: "in-moment", due: goes, nth };
      comes = goes + this.gap(machine, nth);
    }
  }

  #share(machine: number, purpose: Parameters<Draws["share"]>[1], nth = 0): number {
    return this.#draws.share(this.#key[machine] ?? 0, purpose, nth);
  }
  #between(least: number, most: number, machine: number, purpose: Parameters<Draws["share"]>[1], nth = 0): number {
    return this.#draws.between(least, most, this.#key[machine] ?? 0, purpose, nth);
  }
}

/** `due`: when it does its next thing by itself; `nth`: of its moments. */
export type Beginning =
  | { readonly is: "there"; readonly due: number | null }
  | { readonly is: "away" | "in-moment"; readonly due: number; readonly nth: number }
  | { readonly is: "healing"; readonly due: number }
  | { readonly is: "lost"; readonly due: null };

export const isThere = ({ is }: Beginning): boolean => is === "there" || is === "in-moment";
