/**
 * When machines are used: offices open and close where they are, laptops come and go, servers restart at night.
 *
 * Each machine has exactly one thing of its life in the calendar, whatever else happens to it meanwhile.
 */
import type { Bytes } from "../detection/rows.ts";
import { DEVICE_CLASSES } from "../detection/types.ts";
import { type Calendar, MINUTE, SECOND } from "./calendar.ts";
import { type DrillDice, habit } from "./dice.ts";
import { KIND, pack } from "./kinds.ts";
import { type Machines, STATE } from "./machines.ts";
import { DAY_MINUTES, dayOf, type Times } from "./times.ts";

export interface Ways {
  /** Of machines that go home, those that are switched off at the plug. */
  readonly uncleanShare: number;
  /** Minutes, of the time at which the machines of a site are left. */
  readonly closingDeviation: number;
  /** All sites of a zone close at this minute of their day; null: each when it does. */
  readonly closesAt: number | null;
  /** Of laptops that are shut, those whose goodbye gets through. */
  readonly lidGoodbyes: number;
}

export const ORDINARY_WAYS: Ways = { uncleanShare: 0.02, closingDeviation: 25, closesAt: null, lidGoodbyes: 0.6 };

const STEP = { come: 0, eat: 1, eaten: 2, go: 3 } as const;
const LATEST_MORNING = 11 * 60;

export class Lives {
  readonly #machines: Machines;
  readonly #calendar: Calendar;
  readonly #times: Times;
  readonly #dice: DrillDice;
  readonly #ways: Ways;
  readonly #step: Bytes;

  constructor(machines: Machines, calendar: Calendar, times: Times, dice: DrillDice, ways: Ways) {
    this.#machines = machines;
    this.#calendar = calendar;
    this.#times = times;
    this.#dice = dice;
    this.#ways = ways;
    this.#step = machines.rows.byte();
  }

  /** How a machine is found when the world begins. */
  begin(device: number): void {
    const minute = this.#minuteOf(device, 0);
    const kind = this.#classOf(device);
    if (kind === "office") return this.#beginOffice(device, minute);
    if (kind === "mobile") {
      const isDay = minute % DAY_MINUTES > 8 * 60 && minute % DAY_MINUTES < 19 * 60 && dayOf(minute) < 5;
      if (this.#dice.chance(isDay ? 0.5 : 0.05)) this.#machines.comeUp(device, 0);
      this.#plan(device, STEP.come, this.#dice.between(0, 60));
      return;
    }
    if (this.#dice.chance(0.995)) this.#machines.comeUp(device, 0);
    this.#planNight(device, minute);
  }

  onLife(device: number, tick: number): void {
    if (this.#machines.state.get(device) === STATE.dead) return;
    const kind = this.#classOf(device);
    if (kind === "office") this.#onOffice(device, tick);
    else if (kind === "mobile") this.#onMobile(device, tick);
    else this.#onNight(device, tick);
  }

  #beginOffice(device: number, minute: number): void {
    const inDay = minute % DAY_MINUTES;
    const isOpen = this.#works(device, dayOf(minute)) && inDay >= this.#opens(device) && inDay < this.#closes(device);
    if (this.#staysOn(device) || (isOpen && this.#dice.chance(0.94))) this.#machines.comeUp(device, 0);
    if (isOpen) this.#planLeaving(device, minute);
    else this.#planComing(device, minute);
  }

  #onOffice(device: number, tick: number): void {
    const minute = this.#minuteOf(device, tick);
    switch (this.#step.get(device)) {
      case STEP.come:
        if (this.#dice.chance(0.06)) return this.#planComing(device, minute); // nobody comes today
        this.#switchOn(device, tick);
        if (minute % DAY_MINUTES < LATEST_MORNING && this.#dice.chance(0.35)) {
          return this.#plan(device, STEP.eat, this.#dice.between(11.75 * 60, 13 * 60) - (minute % DAY_MINUTES));
        }
        return this.#planLeaving(device, minute);
      case STEP.eat:
        this.#switchOff(device, tick, "sleep");
        return this.#plan(device, STEP.eaten, this.#dice.between(25, 60));
      case STEP.eaten:
        this.#switchOn(device, tick);
        return this.#planLeaving(device, minute);
      default:
        if (!this.#staysOn(device)) this.#goHome(device, tick);
        return this.#planComing(device, minute);
    }
  }

  #goHome(device: number, tick: number): void {
    if (!this.#dice.chance(this.#ways.uncleanShare)) {
      return this.#switchOff(device, tick, this.#dice.chance(0.15) ? "sleep" : "shutdown");
    }
    if (this.#machines.state.get(device) !== STATE.on) return;
    this.#machines.crash(device, tick, "restart");
    this.#machines.state.set(device, STATE.off);
  }

  #onMobile(device: number, tick: number): void {
    const { state } = this.#machines;
    if (state.get(device) === STATE.off) {
      this.#switchOn(device, tick);
      return this.#plan(device, STEP.go, 3 + this.#dice.exponential(50));
    }
    if (state.get(device) === STATE.on) {
      if (this.#dice.chance(this.#ways.lidGoodbyes)) this.#machines.leave(device, tick, "sleep");
      else this.#machines.fallSilent(device, tick);
    }
    this.#machines.stayAway(device);
    state.set(device, STATE.off);
    const minute = this.#minuteOf(device, tick);
    const isEvening = minute % DAY_MINUTES > 18 * 60;
    const awayTill = isEvening ? DAY_MINUTES + this.#dice.between(7 * 60, 10 * 60) - (minute % DAY_MINUTES) : 0;
    const isFree = dayOf(minute + awayTill) % 7 >= 5;
    const away = awayTill + 2 + this.#dice.exponential(isFree ? 400 : 45);
    this.#plan(device, STEP.come, away);
  }

  /** Half of those that are always on restart every night, a third of the servers once a week. */
  #onNight(device: number, tick: number): void {
    if (this.#machines.state.get(device) === STATE.on) {
      this.#machines.restart(device, tick, this.#dice.between(50 * SECOND, 4 * MINUTE));
    }
    this.#planNight(device, this.#minuteOf(device, tick));
  }

  #planNight(device: number, minute: number): void {
    const isServer = this.#classOf(device) === "server";
    if (habit(device, 31) > (isServer ? 0.33 : 0.5)) return;
    const site = this.#siteOf(device);
    const at = 120 + habit(site, 32) * 120 + this.#dice.between(0, 20);
    const days = isServer ? (Math.floor(habit(site, 33) * 5) - dayOf(minute) + 7) % 7 : 0;
    const wait = days * DAY_MINUTES + at - (minute % DAY_MINUTES);
    this.#plan(device, STEP.go, wait > 30 ? wait : wait + (isServer ? 7 : 1) * DAY_MINUTES);
  }

  #switchOn(device: number, tick: number): void {
    if (this.#machines.state.get(device) === STATE.off) this.#machines.comeUp(device, tick);
  }

  #switchOff(device: number, tick: number, how: "sleep" | "shutdown"): void {
    if (this.#machines.state.get(device) === STATE.on) this.#machines.leave(device, tick, how);
    this.#machines.stayAway(device);
    this.#machines.state.set(device, STATE.off);
  }

  #planLeaving(device: number, minute: number): void {
    const wait = this.#dice.normal(this.#closes(device), this.#ways.closingDeviation) - (minute % DAY_MINUTES);
    this.#plan(device, STEP.go, Math.max(wait, this.#dice.between(1, 30)));
  }

  #planComing(device: number, minute: number): void {
    const inDay = minute % DAY_MINUTES;
    let days = inDay < this.#opens(device) - 60 ? 0 : 1;
    while (!this.#works(device, (dayOf(minute) + days) % 7)) days++;
    const at = this.#dice.normal(this.#opens(device), 20);
    this.#plan(device, STEP.come, Math.max(5, days * DAY_MINUTES + at - inDay));
  }

  #plan(device: number, step: number, inMinutes: number): void {
    this.#step.set(device, step);
    this.#calendar.add(this.#calendar.now + Math.max(SECOND, inMinutes * MINUTE), device, pack(KIND.life));
  }

  #opens(device: number): number {
    return 420 + habit(this.#siteOf(device), 41) * 120;
  }

  #closes(device: number): number {
    return this.#ways.closesAt ?? 960 + habit(this.#siteOf(device), 42) * 150;
  }

  /** One site in twenty works on all days. */
  #works(device: number, day: number): boolean {
    return day < 5 || habit(this.#siteOf(device), 43) < 0.05;
  }

  #staysOn(device: number): boolean {
    return habit(device, 44) < 0.1;
  }

  #siteOf(device: number): number {
    return this.#machines.fleet.columns.site[device] ?? 0;
  }

  #classOf(device: number): string {
    return DEVICE_CLASSES[this.#machines.fleet.columns.class[device] ?? 0] ?? "office";
  }

  #minuteOf(device: number, tick: number): number {
    const { zones, columns } = this.#machines.fleet;
    return this.#times.weekMinute(tick, zones[columns.region[device] ?? 0] ?? 0);
  }
}
