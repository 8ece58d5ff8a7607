/**
 * What goes wrong on ordinary days, whatever is updated: single machines that crash, hang or lose their network; sites
 * without power or uplink; gateways that restart; a controller that is away for a minute.
 *
 * Rates are of a machine and day. They are assumptions of ours: no public source gives them for such a fleet. A hundredth
 * of the machines brings a third of the crashes, and a fifth of all crashes comes just after a start, when updates come too.
 */
import { DEVICE_CLASSES } from "../detection/types.ts";
import { type Calendar, DAY, HOUR, MINUTE, SECOND } from "./calendar.ts";
import { type DrillDice, habit, mixed } from "./dice.ts";
import { KIND, pack } from "./kinds.ts";
import { LINK, type Machines, STATE } from "./machines.ts";

export interface Trouble {
  readonly bugchecks: number;
  readonly hangs: number;
  /** Single steady machines that lose their network. */
  readonly cuts: number;
  /** Laptops between two radio cells. */
  readonly radioGaps: number;
  readonly deaths: number;
  /** Of a site and day. */
  readonly powerCuts: number;
  readonly uplinkCuts: number;
  /** Several machines of a site that crash within minutes, for a reason of their own. */
  readonly clumps: number;
  /** Of a gateway and day; of the controller and day. */
  readonly gatewayRestarts: number;
  readonly controllerRestarts: number;
}

export const ORDINARY_TROUBLE: Trouble = {
  bugchecks: 0.003,
  hangs: 0.004,
  cuts: 0.01,
  radioGaps: 3,
  deaths: 0.0002,
  powerCuts: 0.005,
  uplinkCuts: 0.015,
  clumps: 0.003,
  gatewayRestarts: 0.3,
  controllerRestarts: 0.1,
};

export class Mishaps {
  readonly #machines: Machines;
  readonly #calendar: Calendar;
  readonly #dice: DrillDice;
  readonly #happenings: ((tick: number) => void)[] = [];
  readonly #kinds: { readonly perDay: number; readonly happens: (tick: number) => void }[];
  readonly #due: number[];
  readonly #tellDeaf: (from: number, until: number) => void;

  constructor(
    machines: Machines,
    calendar: Calendar,
    dice: DrillDice,
    gateways: number,
    trouble: Trouble,
    tellDeaf: (from: number, until: number) => void,
  ) {
    this.#machines = machines;
    this.#calendar = calendar;
    this.#dice = dice;
    this.#tellDeaf = tellDeaf;
    const { size, siteCount } = machines.fleet.columns;
    this.#kinds = [
      { perDay: trouble.bugchecks * size, happens: (tick) => this.#stop(this.#crasher(), tick, "bugcheck") },
      { perDay: trouble.hangs * size, happens: (tick) => this.#stop(dice.below(size), tick, "restart") },
      { perDay: trouble.cuts * size, happens: (tick) => this.#loseNetwork(tick) },
      { perDay: trouble.radioGaps * size, happens: (tick) => this.#loseRadio(tick) },
      { perDay: trouble.deaths * size, happens: (tick) => this.#die(tick) },
      { perDay: trouble.powerCuts * siteCount, happens: (tick) => this.#outage(tick, true) },
      { perDay: trouble.uplinkCuts * siteCount, happens: (tick) => this.#outage(tick, false) },
      { perDay: trouble.clumps * siteCount, happens: (tick) => this.#clump(tick) },
      {
        perDay: trouble.gatewayRestarts * gateways,
        happens: (tick) => this.restartGateway(dice.below(gateways), tick),
      },
      { perDay: trouble.controllerRestarts, happens: (tick) => this.#restartController(tick) },
    ];
    this.#due = this.#kinds.map(() => 0);
    for (const index of this.#kinds.keys()) this.#next(index);
  }

  onMishap(index: number, tick: number): void {
    this.#kinds[index]?.happens(tick);
    this.#next(index);
  }

  /** Something that happens once. */
  plan(tick: number, happens: (tick: number) => void): void {
    this.#calendar.add(tick, this.#happenings.push(happens) - 1, pack(KIND.happening));
  }

  onHappening(index: number, tick: number): void {
    this.#happenings[index]?.(tick);
  }

  /** All who speak through it are cut off, and come back within a minute. */
  restartGateway(gateway: number | null, tick: number): void {
    const { size } = this.#machines.fleet.columns;
    for (let device = 0; device < size; device++) {
      if (this.#machines.link.get(device) !== LINK.up || this.#machines.state.get(device) !== STATE.on) continue;
      if (gateway !== null && this.#machines.gatewayOf(device) !== gateway) continue;
      this.#machines.cut(device, tick, tick + this.#dice.between(SECOND, MINUTE));
    }
  }

  /** Power or uplink of a site, sometimes only of a part of it. */
  outageAt(site: number, tick: number, isPower: boolean, part: number, lasts: number): void {
    const { siteStart } = this.#machines.fleet;
    const first = siteStart[site] ?? 0;
    const end = siteStart[site + 1] ?? first;
    const until = tick + lasts;
    const count = Math.ceil((end - first) * part);
    const from = first + this.#dice.below(end - first - count + 1);
    if (part === 1) this.#machines.siteDarkUntil[site] = until;
    for (let device = from; device < from + count; device++) {
      if (isPower && this.#losesPower(device)) this.#losePower(device, tick, until);
      else if (this.#machines.state.get(device) === STATE.on || this.#machines.state.get(device) === STATE.cut) {
        this.#machines.cut(device, tick, until + this.#dice.between(0, 40 * SECOND));
      }
    }
  }

  /** Due times keep their fractions: of millions of machines several things go wrong in one tick. */
  #next(index: number): void {
    const perDay = this.#kinds[index]?.perDay ?? 0;
    if (perDay === 0) return;
    const due = (this.#due[index] ?? 0) + this.#dice.exponential(DAY / perDay);
    this.#due[index] = due;
    this.#calendar.add(due, 0, pack(KIND.mishap, 0, index));
  }

  #crasher(): number {
    const { size } = this.#machines.fleet.columns;
    const roll = this.#dice.unit();
    if (roll < 0.2) return this.#machines.recentlyUp[this.#dice.below(this.#machines.recentlyUp.length)] ?? 0;
    if (roll < 0.53) return mixed(this.#dice.below(Math.ceil(size / 100)), 51) % size;
    return this.#dice.below(size);
  }

  #stop(device: number, tick: number, signal: "bugcheck" | "restart"): void {
    if (device < 0 || this.#machines.state.get(device) !== STATE.on) return;
    this.#machines.crash(device, tick, signal);
    this.#machines.comeBackAt(device, tick + this.#restartTicks());
  }

  #restartTicks(): number {
    return Math.min(45 * SECOND + this.#dice.logNormal(50 * SECOND, 0.6), 20 * MINUTE);
  }

  #loseNetwork(tick: number): void {
    const device = this.#dice.below(this.#machines.fleet.columns.size);
    if (this.#isMobile(device) || this.#machines.state.get(device) !== STATE.on) return;
    this.#machines.cut(device, tick, tick + this.#dice.logNormal(5 * MINUTE, 1.5));
  }

  #loseRadio(tick: number): void {
    const device = this.#dice.below(this.#machines.fleet.columns.size);
    if (!this.#isMobile(device) || this.#machines.state.get(device) !== STATE.on) return;
    const gap = this.#dice.chance(0.1) ? this.#dice.logNormal(10 * MINUTE, 1) : 2 + this.#dice.exponential(40 * SECOND);
    this.#machines.cut(device, tick, tick + gap);
  }

  #die(tick: number): void {
    const device = this.#dice.below(this.#machines.fleet.columns.size);
    if (this.#machines.state.get(device) !== STATE.on) return;
    this.#machines.fallSilent(device, tick);
    this.#machines.state.set(device, STATE.dead);
  }

  #outage(tick: number, isPower: boolean): void {
    const site = this.#dice.below(this.#machines.fleet.columns.siteCount);
    const part = this.#dice.chance(0.3) ? this.#dice.between(0.15, 0.9) : 1;
    const lasts = this.#dice.logNormal(isPower ? 20 * MINUTE : 6 * MINUTE, 1.2);
    this.outageAt(site, tick, isPower, part, lasts);
    if (!isPower && this.#dice.chance(0.2)) {
      const again = tick + lasts + this.#dice.between(MINUTE, 5 * MINUTE);
      this.plan(again, (later) => this.outageAt(site, later, false, part, this.#dice.logNormal(3 * MINUTE, 1)));
    }
  }

  /** Laptops have batteries, and most servers run on until power is back. */
  #losesPower(device: number): boolean {
    return !this.#isMobile(device) && (this.#classOf(device) !== "server" || habit(device, 52) < 0.4);
  }

  #losePower(device: number, tick: number, until: number): void {
    const { state } = this.#machines;
    if (state.get(device) === STATE.off || state.get(device) === STATE.dead) return;
    if (state.get(device) !== STATE.down) this.#machines.crash(device, tick, "restart");
    const startsAlone = this.#classOf(device) !== "office" || habit(device, 53) < 0.6;
    state.set(device, startsAlone ? STATE.down : STATE.off);
    if (startsAlone) this.#machines.comeBackAt(device, until + this.#dice.between(40 * SECOND, 4 * MINUTE));
    else this.#machines.stayAway(device);
  }

  #clump(tick: number): void {
    const { siteStart, columns } = this.#machines.fleet;
    const site = this.#dice.below(columns.siteCount);
    const first = siteStart[site] ?? 0;
    const count = (siteStart[site + 1] ?? first) - first;
    const isSlow = this.#dice.chance(0.3);
    for (let left = 3 + this.#dice.below(6); left > 0; left--) {
      const device = first + this.#dice.below(count);
      const at = tick + this.#dice.between(0, (isSlow ? 15 : 4) * MINUTE);
      this.plan(at, (later) => this.#stop(device, later, "bugcheck"));
    }
  }

  #restartController(tick: number): void {
    const until = tick + this.#dice.between(20 * SECOND, 3 * MINUTE);
    const { size } = this.#machines.fleet.columns;
    this.#machines.deafUntil = until;
    for (let device = 0; device < size; device++) {
      const isOn = this.#machines.link.get(device) === LINK.up && this.#machines.state.get(device) === STATE.on;
      if (isOn) this.#machines.cut(device, tick, until + this.#dice.between(SECOND, MINUTE));
    }
    this.plan(until, () => this.#tellDeaf(tick, until));
  }

  #isMobile(device: number): boolean {
    return this.#classOf(device) === "mobile";
  }

  #classOf(device: number): string {
    return DEVICE_CLASSES[this.#machines.fleet.columns.class[device] ?? 0] ?? "office";
  }
}

/** A night in which the servers and workstations of all sites restart within an hour, some of them slowly. */
export function patchNight(machines: Machines, mishaps: Mishaps, dice: DrillDice, tick: number): void {
  for (let device = 0; device < machines.fleet.columns.size; device++) {
    if (dice.chance(0.1)) continue;
    mishaps.plan(tick + dice.between(0, HOUR), (now) => {
      if (machines.state.get(device) !== STATE.on || machines.fleet.columns.class[device] === 3) return;
      machines.restart(
        device,
        now,
        dice.chance(0.08) ? dice.between(15 * MINUTE, HOUR) : dice.between(MINUTE, 6 * MINUTE),
      );
    });
  }
}
