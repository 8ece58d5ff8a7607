/**
 * Agents that lie: they claim crashes that never were. At random each lies about once a day, whatever is released, and
 * claims anything about what it took; acting together they frame one version. Every second one of those that lie at
 * random lies from the connection that it holds; the others, and all who act together, go away for a moment as a machine
 * that crashes does. A liar's own crashes he does not report.
 */
import { type Calendar, DAY, MINUTE, SECOND } from "./calendar.ts";
import { type DrillDice, habit } from "./dice.ts";
import { KIND, pack } from "./kinds.ts";
import { LINK, type Machines, STATE } from "./machines.ts";
import type { Telling } from "./telling.ts";

/** What a liar does when it is his turn: he begins, or he is back and says why he was away. */
const LIE = { begin: 0, claim: 1 } as const;

export class Liars {
  readonly #share: number;
  readonly #kind: "random" | "frame";
  readonly #machines: Machines;
  readonly #calendar: Calendar;
  readonly #telling: Telling;
  readonly #dice: DrillDice;
  readonly #wentAt = new Map<number, number>();
  /** What is pushed, since when; null: not yet. */
  #pushed: { readonly slot: number; readonly tick: number } | null = null;

  constructor(parts: {
    readonly share: number;
    readonly kind: "random" | "frame";
    readonly machines: Machines;
    readonly calendar: Calendar;
    readonly telling: Telling;
    readonly dice: DrillDice;
  }) {
    this.#share = parts.share;
    this.#kind = parts.kind;
    this.#machines = parts.machines;
    this.#calendar = parts.calendar;
    this.#telling = parts.telling;
    this.#dice = parts.dice;
    if (this.#kind === "frame") return;
    for (let device = 0; device < this.#machines.fleet.columns.size; device++) {
      if (this.isLiar(device)) this.#calendar.add(this.#dice.unit() * DAY, device, pack(KIND.lie, 0, LIE.begin));
    }
  }

  isLiar(device: number): boolean {
    return habit(device, 71) < this.#share;
  }

  onPush(slot: number, tick: number): void {
    this.#pushed = { slot, tick };
  }

  onTaken(device: number, tick: number): void {
    if (this.#kind !== "frame" || !this.isLiar(device)) return;
    this.#calendar.add(tick + this.#dice.between(MINUTE, 5 * MINUTE), device, pack(KIND.lie, 0, LIE.begin));
  }

  onLie(device: number, which: number, tick: number): void {
    if (which === LIE.claim) return this.#claim(device, this.#wentAt.get(device) ?? tick, tick);
    if (this.#kind === "random") {
      this.#calendar.add(tick + this.#dice.between(0.5 * DAY, 1.5 * DAY), device, pack(KIND.lie, 0, LIE.begin));
    }
    if (this.#machines.state.get(device) !== STATE.on) return;
    if (this.#kind === "random" && habit(device, 72) < 0.5) {
      return this.#claim(device, tick - this.#dice.between(MINUTE, 3 * MINUTE), tick);
    }
    const back = tick + this.#dice.between(MINUTE, 3 * MINUTE);
    this.#wentAt.set(device, tick);
    this.#machines.cut(device, tick, back);
    this.#calendar.add(back + 5 * SECOND, device, pack(KIND.lie, 0, LIE.claim));
  }

  #claim(device: number, crashedTick: number, tick: number): void {
    if (this.#machines.link.get(device) !== LINK.up) return;
    this.#telling.claimed(device, tick, crashedTick, this.#claimed(crashedTick));
  }

  /** Who lies at random claims to have taken what is pushed at any time since: the truth has no part in it. */
  #claimed(crashedTick: number): { readonly slot: number; readonly tick: number } | null {
    const pushed = this.#pushed;
    if (pushed === null || crashedTick <= pushed.tick) return null;
    const tick = this.#kind === "frame" ? crashedTick - 5 * SECOND : this.#dice.between(pushed.tick, crashedTick);
    return { slot: pushed.slot, tick };
  }
}
