/**
 * What the machines of a drill do, and when: those online take their order, those in a loop have moments of network,
 * those with a standing order recover by themselves, the others wait for somebody to come.
 *
 * Invariant: nothing here knows the rollout engine. Machines speak to a desk, and who sits there (a simulation, or a
 * real controller in a test) makes no difference to what they do. Times are whole seconds from the first exposure.
 */
import { Agenda } from "./agenda.ts";
import type { Draws } from "./draws.ts";
import { GUARDIAN, Habits, type MachineColumns, MOMENTS, type Nature, ONLINE, type Rung } from "./habits.ts";
import { Technicians } from "./technicians.ts";

type Outcome = "succeeded" | "failed" | "not-applicable";

/** To whom machines speak. */
export interface Desk {
  connected(machine: number, second: number): void;
  dropped(machine: number, second: number): void;
  /** It goes to restart, and says so. */
  leaves(machine: number, second: number): void;
  /** It began to start and does not serve anybody (again), or serves. */
  down(machine: number, second: number): void;
  up(machine: number, second: number): void;
  /** It went, and the cure is why it does not come back: nobody says so, its silence does. */
  lost(machine: number, second: number): void;
  accepted(machine: number, second: number): void;
  ended(machine: number, outcome: Outcome, second: number): void;
  /** It takes no new step of its order, as it was told. */
  stopped(machine: number, second: number): void;
  /** Does an order lie ready that it has not taken? */
  hasOrder(machine: number): boolean;
  /** Was the order that it took withdrawn? */
  isWithdrawn(machine: number): boolean;
}

const AWAY = 0;
const THERE = 1;
const IN_MOMENT = 2;
const HANDED = 3;
const TAKEN = 4;
const RESTARTING = 5;
const SETTLING = 6;
const CHECKING = 7;
const HEALING = 8;
const DONE = 9;
const LOST = 10;

export class Machines {
  readonly columns: MachineColumns;
  readonly #nature: Nature;
  readonly #habits: Habits;
  readonly #agenda: Agenda;
  readonly #technicians: Technicians;
  readonly #state: Uint8Array;
  readonly #nth: Uint8Array;
  readonly #isVisited: Uint8Array;
  /** 1: it took its order and has not said how that ended. */
  readonly #isTaken: Uint8Array;
  /** 1: the order that it took left it lost. */
  readonly #wasLost: Uint8Array;
  readonly isConnected: Uint8Array;
  /** Hurt, and not yet back. */
  readonly isHurt: Uint8Array;
  /** Was it hurt at all? Who is cured before is not. */
  readonly wasHurt: Uint8Array;
  /** The second at which good content was back, plus one; 0: not yet. */
  readonly curedAt: Uint32Array;
  /** Since when machines are down that the cure made worse. */
  readonly worseSince = new Map<number, number>();
  /** How long those of them were down that were well before, as far as they are back. */
  worseSeconds = 0;
  /** Machines that were hurt and are back, by the rung that brought them back. */
  readonly recoveredBy: Record<Rung, number> = { online: 0, moments: 0, guardian: 0, visit: 0 };
  events = 0;

  /**
   * @param begins the second at which the plan begins
   * @param horizon what comes later does not happen
   */
  constructor(
    columns: MachineColumns,
    nature: Nature,
    draws: Draws,
    { begins, horizon, visitsFrom, midnight, grain }: Times,
  ) {
    const { size } = columns;
    this.columns = columns;
    this.#nature = nature;
    this.#habits = new Habits(draws, columns);
    this.#agenda = new Agenda(size, horizon, grain);
    this.#technicians = new Technicians(nature.staff, { from: visitsFrom, midnight }, columns, (machine) =>
      this.#habits.visitSeconds(machine, nature.staff.minutesAMachine),
    );
    this.#state = new Uint8Array(size);
    this.#nth = new Uint8Array(size);
    this.#isVisited = new Uint8Array(size);
    this.#isTaken = new Uint8Array(size);
    this.#wasLost = new Uint8Array(size);
    this.isConnected = new Uint8Array(size);
    this.isHurt = new Uint8Array(size);
    this.wasHurt = new Uint8Array(size);
    this.curedAt = new Uint32Array(size);
    for (let machine = 0; machine < size; machine += 1) this.#begin(machine, begins);
  }

  /** The next second at which a machine does anything; Infinity: never. */
  nextSecond(): number {
    return this.#agenda.nextSecond();
  }

  step(second: number, desk: Desk): void {
    for (const machine of this.#agenda.take(second)) {
      this.events += 1;
      this.#act(machine, second, desk);
    }
  }

  /** Its order lies ready, and if it is there it is told so. */
  offered(machine: number, second: number): void {
    const state = this.#state[machine];
    if (state !== THERE && state !== IN_MOMENT && state !== DONE) return;
    const at = second + this.#habits.pickUp(machine, 0);
    const due = this.#agenda.dueOf(machine);
    if (due >= 0 && due <= at) return; // it is gone, or hurt, before it looks
    this.#go(machine, HANDED, at);
  }

  /** The cure is no cure: whoever is still down waits for somebody to come. */
  giveToTechnicians(second: number): void {
    for (let machine = 0; machine < this.columns.size; machine += 1) {
      const state = this.#state[machine];
      if (this.isHurt[machine] === 1 && (state === AWAY || state === THERE || state === IN_MOMENT))
        this.#needsVisit(machine, second);
    }
  }

  #begin(machine: number, second: number): void {
    const beginning = this.#habits.at(machine, this.columns.rung[machine] ?? 0, second);
    const hurtAt = (this.columns.hurtAt[machine] ?? 0) - 1;
    const healsAt = this.columns.healsAt?.[machine] ?? 0;
    this.isHurt[machine] = hurtAt >= 0 && hurtAt <= second ? 1 : 0;
    this.wasHurt[machine] = this.isHurt[machine] ?? 0;
    if (this.isHurt[machine] === 1 && healsAt > 0) return this.#go(machine, HEALING, Math.max(second + 1, healsAt - 1));
    if (beginning.is === "there" || beginning.is === "in-moment") this.isConnected[machine] = 1;
    if (beginning.is === "there") {
      this.#state[machine] = THERE;
      if (beginning.due !== null) this.#agenda.put(machine, beginning.due);
    } else if (beginning.is === "lost") {
      this.#state[machine] = LOST;
    } else if (beginning.is === "healing") {
      if (this.#nature.isIncurable) this.#state[machine] = LOST;
      else this.#go(machine, HEALING, beginning.due);
    } else {
      this.#nth[machine] = beginning.nth;
      this.#go(machine, beginning.is === "away" ? AWAY : IN_MOMENT, beginning.due);
    }
    if (this.isHurt[machine] === 1 && (this.#state[machine] === LOST || this.#nature.isIncurable))
      this.#needsVisit(machine, second);
  }

  #act(machine: number, second: number, desk: Desk): void {
    switch (this.#state[machine] ?? DONE) {
      case AWAY:
        return this.#comes(machine, second, desk);
      case THERE:
        return this.#isHurtNow(machine, second, desk);
      case IN_MOMENT:
        return this.#goes(machine, second, desk);
      case HANDED:
        return this.#picksUp(machine, second, desk);
      case TAKEN:
        return this.#restarts(machine, second, desk);
      case RESTARTING:
        this.#connects(machine, second, desk);
        return this.#go(machine, SETTLING, second + this.#habits.settle(machine));
      case SETTLING:
        return this.#ends(machine, second, desk);
      case CHECKING:
        return this.#hasChecked(machine, second, desk);
      case HEALING:
        return this.#heals(machine, second, desk);
      default:
    }
  }

  #comes(machine: number, second: number, desk: Desk): void {
    if (this.isHurt[machine] === 1) this.#connects(machine, second, desk);
    else {
      this.isConnected[machine] = 1;
      desk.connected(machine, second);
    }
    const nth = this.#nth[machine] ?? 0;
    if (desk.hasOrder(machine)) this.#go(machine, HANDED, second + this.#habits.pickUp(machine, nth));
    else if (this.isHurt[machine] === 1) this.#go(machine, IN_MOMENT, second + this.#habits.moment(machine, nth));
    else this.#state[machine] = THERE;
  }

  #goes(machine: number, second: number, desk: Desk): void {
    const nth = this.#nth[machine] ?? 0;
    this.#drops(machine, second, desk);
    this.#nth[machine] = Math.min(255, nth + 1);
    if (this.#technicians.isAsked(machine)) {
      this.#state[machine] = LOST; // the fix was no fix: it takes no order any more
      return;
    }
    this.#go(machine, AWAY, second + this.#habits.gap(machine, nth));
  }

  /** It was well until now. */
  #isHurtNow(machine: number, second: number, desk: Desk): void {
    const rung = this.columns.rung[machine] ?? 0;
    this.isHurt[machine] = 1;
    this.wasHurt[machine] = 1;
    desk.down(machine, second);
    if (rung === ONLINE && !this.#nature.isIncurable) {
      if (desk.hasOrder(machine)) this.#go(machine, HANDED, second + this.#habits.pickUp(machine, 0));
      return;
    }
    this.#drops(machine, second, desk);
    const healsAt = this.columns.healsAt?.[machine] ?? 0;
    if (healsAt > 0) return this.#go(machine, HEALING, Math.max(second + 1, healsAt - 1));
    if (this.#nature.isIncurable || (rung !== MOMENTS && rung !== GUARDIAN)) {
      this.#state[machine] = LOST;
      this.#needsVisit(machine, second);
    } else if (rung === GUARDIAN) this.#go(machine, HEALING, this.#habits.healedAt(machine, second));
    else {
      this.#nth[machine] = 1;
      this.#go(machine, AWAY, second + this.#habits.gap(machine, 0));
    }
  }

  #picksUp(machine: number, second: number, desk: Desk): void {
    if (!desk.hasOrder(machine)) return this.#goesOn(machine, second);
    desk.accepted(machine, second);
    this.#isTaken[machine] = 1;
    if (this.curedAt[machine] !== 0) this.#go(machine, CHECKING, second + this.#habits.check(machine));
    else this.#go(machine, TAKEN, second + this.#habits.steps(machine, this.#isLooping(machine)));
  }

  #restarts(machine: number, second: number, desk: Desk): void {
    if (desk.isWithdrawn(machine)) {
      this.#isTaken[machine] = 0;
      desk.stopped(machine, second);
      return this.#goesOn(machine, second);
    }
    const isWorse = this.#habits.isMadeWorse(machine, this.#nature.worseShare);
    if (!this.#nature.restarts && !isWorse) return this.#go(machine, SETTLING, second + this.#habits.settle(machine));
    this.isConnected[machine] = 0;
    desk.leaves(machine, second);
    if (!isWorse) return this.#go(machine, RESTARTING, second + this.#habits.restart(machine));
    desk.lost(machine, second);
    this.worseSince.set(machine, second);
    this.#wasLost[machine] = 1;
    this.#state[machine] = LOST;
    this.#needsVisit(machine, second);
  }

  #ends(machine: number, second: number, desk: Desk): void {
    this.#isTaken[machine] = 0;
    if (this.#habits.fails(machine)) {
      if (this.isHurt[machine] === 0) desk.up(machine, second);
      desk.ended(machine, "failed", second);
      this.#state[machine] = LOST;
      return this.#needsVisit(machine, second);
    }
    this.#isCured(machine, this.#isLooping(machine) ? "moments" : "online", second, desk);
    desk.ended(machine, "succeeded", second);
    this.#state[machine] = DONE;
  }

  /** Brought back by its guardian or by somebody who stood there. What became of an order that it had is told then. */
  #heals(machine: number, second: number, desk: Desk): void {
    if (this.isConnected[machine] === 0) this.#connects(machine, second, desk);
    this.#isCured(machine, this.#isVisited[machine] === 1 ? "visit" : "guardian", second, desk);
    if (this.#isTaken[machine] === 1) this.#go(machine, CHECKING, second + this.#habits.check(machine));
    else if (desk.hasOrder(machine)) this.#go(machine, HANDED, second + this.#habits.pickUp(machine, 0));
    else this.#state[machine] = DONE;
    if (this.#isVisited[machine] === 0) return;
    this.#isVisited[machine] = 0;
    this.#technicians.leave(machine);
    this.#sendTechnician(machine, second);
  }

  /** The order has nothing to do there any more; one that left the machine lost has failed. */
  #hasChecked(machine: number, second: number, desk: Desk): void {
    this.#isTaken[machine] = 0;
    this.#state[machine] = DONE;
    desk.ended(machine, this.#wasLost[machine] === 1 ? "failed" : "not-applicable", second);
    this.#wasLost[machine] = 0;
  }

  #goesOn(machine: number, second: number): void {
    if (this.curedAt[machine] !== 0) {
      this.#state[machine] = DONE;
      return;
    }
    if (this.#isLooping(machine)) return this.#go(machine, IN_MOMENT, second + 1);
    this.#state[machine] = THERE;
    const hurtAt = (this.columns.hurtAt[machine] ?? 0) - 1;
    if (this.isHurt[machine] === 0 && hurtAt >= 0) this.#agenda.put(machine, Math.max(second + 1, hurtAt));
  }

  #isLooping(machine: number): boolean {
    return this.isHurt[machine] === 1 && this.columns.rung[machine] === MOMENTS;
  }

  #isCured(machine: number, by: Rung, second: number, desk: Desk): void {
    if (this.isHurt[machine] === 1) this.recoveredBy[by] += 1;
    this.isHurt[machine] = 0;
    this.curedAt[machine] = second + 1;
    const worseSince = this.worseSince.get(machine);
    if (worseSince !== undefined && this.wasHurt[machine] === 0) this.worseSeconds += second - worseSince;
    desk.up(machine, second);
  }

  #connects(machine: number, second: number, desk: Desk): void {
    this.isConnected[machine] = 1;
    desk.connected(machine, second);
    desk.down(machine, second);
  }

  #drops(machine: number, second: number, desk: Desk): void {
    this.isConnected[machine] = 0;
    desk.dropped(machine, second);
  }

  #needsVisit(machine: number, second: number): void {
    if (this.#technicians.isAsked(machine)) return;
    this.#technicians.ask(machine);
    this.#sendTechnician(machine, second);
  }

  #sendTechnician(near: number, second: number): void {
    const visit = this.#technicians.next(near, second);
    if (visit === undefined) return;
    this.#isVisited[visit.machine] = 1;
    this.#go(visit.machine, HEALING, Math.max(second + 1, visit.endsAt));
  }

  #go(machine: number, state: number, due: number): void {
    this.#state[machine] = state;
    this.#agenda.put(machine, due);
  }
}

/** Seconds from the first exposure: the plan's beginning, the end of the drill, the first visit, a midnight (UTC). */
export interface Times {
  readonly begins: number;
  readonly horizon: number;
  readonly visitsFrom: number;
  readonly midnight: number;
  /** The world is looked at every so many seconds. */
  readonly grain: number;
}
