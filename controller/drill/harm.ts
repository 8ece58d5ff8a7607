/** What the faulty version does to the machines that take it, and when. */
import type { Bytes } from "../detection/rows.ts";
import { type Calendar, MINUTE, SECOND } from "./calendar.ts";
import { type DrillDice, habit } from "./dice.ts";
import { KIND, pack } from "./kinds.ts";
import { type Machines, STATE } from "./machines.ts";
import { DRILL_ROLES, type Scenario } from "./outbreak.ts";

/** Of a machine that crashes, comes back, and crashes again. */
const REPEATS = 4;
/** From one boot of a loop to the next. */
const LOOP_TICKS = 100 * SECOND;
/** Moments of network of a machine that are played: what comes after them changes nothing for detection. */
const MOMENTS = 2;
const MOMENT = { begins: 0, ends: 1, recovery: 2 } as const;

export class Harm {
  readonly slot: number;
  /** Ticks since the first exposure, plus one; 0: never. */
  readonly exposedAt: Uint32Array;
  readonly hurtAt: Uint32Array;
  firstExposureTick: number | null = null;
  firstCrashTick: number | null = null;
  exposed = 0;
  hurt = 0;
  /** Will be hurt, and are not yet. */
  waiting = 0;
  readonly #machines: Machines;
  readonly #calendar: Calendar;
  readonly #dice: DrillDice;
  readonly #scenario: Scenario;
  /** 1: it will be hurt when next it can. */
  readonly #doomed: Bytes;
  readonly #crashes: Bytes;

  constructor(machines: Machines, calendar: Calendar, dice: DrillDice, scenario: Scenario, slot: number) {
    const { size } = machines.fleet.columns;
    this.#machines = machines;
    this.#calendar = calendar;
    this.#dice = dice;
    this.#scenario = scenario;
    this.slot = slot;
    this.exposedAt = new Uint32Array(size);
    this.hurtAt = new Uint32Array(size);
    this.#doomed = machines.rows.byte();
    this.#crashes = machines.rows.byte();
  }

  /** @returns whether the machine lives to tell of it */
  onTaken(device: number, tick: number): boolean {
    this.firstExposureTick ??= tick;
    this.exposedAt[device] = tick - this.firstExposureTick + 1;
    this.exposed++;
    const { harm, isNegative } = this.#scenario;
    if (isNegative || !this.#canBeHurt(device) || !this.#dice.chance(harm.share)) return true;
    this.waiting++;
    this.#doomed.set(device, 1);
    if (harm.instant) {
      this.onHurt(device, tick);
      return false;
    }
    this.#hurtAfter(device, tick, harm.delayMinutes * MINUTE + this.#dice.between(SECOND, 20 * SECOND));
    return true;
  }

  /** A machine that comes up with the faulty version on its disk runs into it at once. */
  onUp(device: number, tick: number): void {
    if (this.#doomed.get(device) === 1 && this.#scenario.harm.delayMinutes === 0) {
      this.#hurtAfter(device, tick, this.#dice.between(5 * SECOND, 40 * SECOND));
    }
  }

  onHurt(device: number, tick: number): void {
    const state = this.#machines.state.get(device);
    if (this.#doomed.get(device) !== 1) return;
    if (state === STATE.off || state === STATE.down) {
      if (this.#scenario.harm.delayMinutes > 0) this.#hurtAfter(device, tick, 10 * MINUTE);
      return; // otherwise when it comes up
    }
    if (state === STATE.dead) return;
    this.#doomed.set(device, 0);
    this.waiting -= this.hurtAt[device] === 0 ? 1 : 0;
    if (this.hurtAt[device] === 0) {
      this.hurtAt[device] = tick - (this.firstExposureTick ?? tick) + 1;
      this.hurt++;
      this.firstCrashTick ??= tick;
    }
    this.#strike(device, tick);
  }

  onMoment(device: number, which: number, tick: number): void {
    if (this.#machines.state.get(device) !== STATE.dead) return;
    if (which === MOMENT.ends) return this.#dieAgain(device, tick);
    this.#machines.connect(device, tick);
    const lasts = which === MOMENT.recovery ? MINUTE : this.#dice.between(3 * SECOND, 12 * SECOND);
    this.#calendar.add(tick + lasts, device, pack(KIND.moment, 0, MOMENT.ends));
  }

  #strike(device: number, tick: number): void {
    const { harm } = this.#scenario;
    const signal = harm.signal ?? "bugcheck";
    switch (harm.effect) {
      case "crash-once":
      case "crash-again":
        this.#machines.crash(device, tick, signal);
        this.#machines.comeBackAt(device, tick + this.#restartTicks());
        if (harm.effect === "crash-again" && this.#countCrash(device) <= REPEATS) {
          this.#doomed.set(device, 1);
          this.#hurtAfter(device, tick, this.#restartTicks() + this.#dice.between(2 * MINUTE, 20 * MINUTE));
        }
        return;
      case "boot-loop":
        this.#dieAgain(device, tick);
        return this.#loop(device, tick);
      case "no-network":
      case "recovery-prompt":
        this.#machines.fallSilent(device, tick);
        this.#machines.state.set(device, STATE.dead);
        return;
      case "service-lost":
      case "data-lost":
      case "slow":
      case "install-fails":
      case "none":
        return; // it goes on and says nothing: people have to notice
    }
  }

  #countCrash(device: number): number {
    const crashes = this.#crashes.get(device) + 1;
    this.#crashes.set(device, crashes);
    return crashes;
  }

  #dieAgain(device: number, tick: number): void {
    this.#machines.crash(device, tick, this.#scenario.harm.signal ?? "bugcheck");
    this.#machines.state.set(device, STATE.dead);
  }

  /** The boots with a moment of network, and the recovery environment that opens by itself after two failed boots. */
  #loop(device: number, tick: number): void {
    const { networkShare, recoveryShare } = this.#scenario.harm.loops ?? { networkShare: 0, recoveryShare: 0 };
    let boots = 0;
    for (let moment = 0; moment < MOMENTS && networkShare > 0; moment++) {
      boots += 1 + Math.floor(Math.log(1 - this.#dice.unit()) / Math.log(1 - Math.min(networkShare, 0.999)));
      const at = tick + boots * LOOP_TICKS + this.#dice.between(-30 * SECOND, 30 * SECOND);
      this.#calendar.add(at, device, pack(KIND.moment, 0, MOMENT.begins));
    }
    if (!this.#dice.chance(recoveryShare)) return;
    const opens = this.#dice.between(6 * MINUTE, 11 * MINUTE);
    this.#calendar.add(tick + opens, device, pack(KIND.moment, 0, MOMENT.recovery));
  }

  #hurtAfter(device: number, tick: number, wait: number): void {
    this.#calendar.add(tick + wait, device, pack(KIND.hurt));
  }

  #restartTicks(): number {
    return Math.min(45 * SECOND + this.#dice.logNormal(50 * SECOND, 0.6), 20 * MINUTE);
  }

  #canBeHurt(device: number): boolean {
    const { columns } = this.#machines.fleet;
    const { modelShare, role } = this.#scenario.harm;
    if (modelShare !== null && columns.model[device] !== 1) return false;
    return role === undefined || DRILL_ROLES[columns.role[device] ?? 0] === role;
  }

  /** For dumps: the slot of the version that they point at, if at any. */
  pointsAt(device: number): number | null {
    const share = this.#scenario.harm.dumpShare ?? 0;
    const isOurs = habit(device, 61) < share && (this.hurtAt[device] ?? 0) > 0;
    return isOurs ? this.slot : null;
  }
}
