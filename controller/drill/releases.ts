/** Versions come out and reach machines: pushed to all, site by site, or when a machine next starts. */
import { type Calendar, DAY, HOUR, MINUTE, SECOND } from "./calendar.ts";
import type { Contents } from "./contents.ts";
import type { DrillDice } from "./dice.ts";
import { KIND, pack } from "./kinds.ts";
import { LINK, type Machines, STATE } from "./machines.ts";
import type { Telling } from "./telling.ts";

type Arrival =
  /** Spread evenly over so many minutes; who is away takes it when he is back. */
  | { readonly kind: "push"; readonly minutes: number }
  /** Each site at a time of its own, and its machines within minutes of each other. */
  | { readonly kind: "site"; readonly minutes: number }
  /** When a machine next comes up. */
  | { readonly kind: "start" };

export interface Released {
  readonly name: string;
  readonly product: number;
  readonly share: number;
  readonly arrival: Arrival;
  /** Of those that take it, the share that then restarts, announced. */
  readonly restartShare: number;
}

export class Releases {
  /** @returns whether the machine lives to tell of it */
  whenTaken: (device: number, slot: number, tick: number) => boolean = () => true;
  readonly #machines: Machines;
  readonly #contents: Contents;
  readonly #telling: Telling;
  readonly #calendar: Calendar;
  readonly #dice: DrillDice;
  readonly #restartShare: number[] = [];
  readonly #isClosed: boolean[] = [];

  constructor(machines: Machines, contents: Contents, telling: Telling, calendar: Calendar, dice: DrillDice) {
    this.#machines = machines;
    this.#contents = contents;
    this.#telling = telling;
    this.#calendar = calendar;
    this.#dice = dice;
  }

  /** @returns its slot */
  release(tick: number, { name, product, share, arrival, restartShare }: Released): number {
    const slot = this.#contents.add(name, product, share);
    this.#restartShare[slot] = restartShare;
    this.#isClosed[slot] = false;
    const { columns } = this.#machines.fleet;
    const siteTicks = Array.from({ length: arrival.kind === "site" ? columns.siteCount : 0 }, () => this.#dice.unit());
    for (let device = 0; device < columns.size; device++) {
      if (!this.#contents.gets(device, slot)) continue;
      if (arrival.kind === "start")
        this.#contents.pending.set(device, this.#contents.pending.get(device) | (1 << slot));
      else {
        const siteTick = (siteTicks[columns.site[device] ?? 0] ?? 0) * arrival.minutes * MINUTE;
        const wait = arrival.kind === "push" ? this.#dice.unit() * arrival.minutes * MINUTE : siteTick;
        const own = arrival.kind === "push" ? 0 : this.#dice.between(0, 8 * MINUTE);
        this.#calendar.add(tick + wait + own, device, pack(KIND.arrive, 0, slot));
      }
    }
    return slot;
  }

  /** Nobody takes it any more: withdrawn, or held. */
  close(slot: number): void {
    this.#isClosed[slot] = true;
  }

  onArrive(device: number, slot: number, tick: number): void {
    if (this.#isClosed[slot] === true) return;
    if (this.#machines.state.get(device) === STATE.on) this.#take(device, slot, tick);
    else this.#contents.pending.set(device, this.#contents.pending.get(device) | (1 << slot));
  }

  onCatchUp(device: number, tick: number): void {
    for (let rest = this.#contents.pending.get(device); rest !== 0; rest &= rest - 1) {
      if (this.#machines.state.get(device) !== STATE.on) return;
      this.onArrive(device, 31 - Math.clz32(rest & -rest), tick);
    }
  }

  onTell(device: number, slot: number, tick: number): void {
    if (this.#machines.link.get(device) === LINK.up) this.tell(device, slot, tick);
    else this.#calendar.add(tick + 5 * MINUTE, device, pack(KIND.tell, 0, slot));
  }

  onRestart(device: number, tick: number): void {
    if (this.#machines.state.get(device) === STATE.on)
      this.#machines.restart(device, tick, this.#dice.between(MINUTE, 5 * MINUTE));
  }

  /** One in seven tells late: its outbox was full, its disk slow, its clock asked for first. */
  #take(device: number, slot: number, tick: number): void {
    if (!this.#contents.take(device, slot, tick) || !this.whenTaken(device, slot, tick)) return;
    if (this.#dice.chance(0.15)) {
      this.#calendar.add(tick + this.#dice.between(20 * SECOND, 10 * MINUTE), device, pack(KIND.tell, 0, slot));
    } else this.tell(device, slot, tick);
    const restartShare = this.#restartShare[slot] ?? 0;
    if (restartShare === 0 || !this.#dice.chance(restartShare)) return;
    this.#calendar.add(tick + this.#dice.between(MINUTE, HOUR), device, pack(KIND.restart));
  }

  /** The machine says what it has taken, if it has it still. */
  tell(device: number, slot: number, tick: number): void {
    if (this.#contents.has(device, slot)) this.#telling.tookContent(device, slot, tick);
  }
}

const PRODUCTS = 8;

/** Some three harmless versions a day, clumped: by site, at the start, or pushed within an hour or a day. */
export function harmlessReleases(
  releases: Releases,
  plan: (tick: number, happens: (tick: number) => void) => void,
  dice: DrillDice,
  end: number,
  perDay: number,
): void {
  let number = 0;
  for (let tick = dice.exponential(DAY / perDay); tick < end; tick += dice.exponential(DAY / perDay)) {
    const released: Released = {
      name: `harmless-${++number}`,
      product: 1 + dice.below(PRODUCTS),
      share: dice.chance(0.4) ? 1 : dice.between(0.2, 0.95),
      arrival: harmlessArrival(dice),
      restartShare: dice.chance(0.25) ? 0.5 : 0,
    };
    plan(tick, (now) => void releases.release(now, released));
  }
}

function harmlessArrival(dice: DrillDice): Arrival {
  const roll = dice.unit();
  if (roll < 0.25) return { kind: "push", minutes: 78 };
  if (roll < 0.5) return { kind: "push", minutes: 1_440 };
  return roll < 0.8 ? { kind: "site", minutes: dice.chance(0.5) ? 180 : 1_440 } : { kind: "start" };
}
