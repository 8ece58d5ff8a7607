/**
 * Agents that lie: they claim crashes that never were. At random each lies about once a day, whatever is released, and
 * claims anything about what it took; acting together they frame one version. Every second one of those that lie at
 * random lies from the connection that it holds; the others, and all who act together, go away for a moment as a machine
 * that crashes does. A liar's own crashes he does not report.
 */
import type { ContentAtCrash, Detector } from "../detection/types.ts";
import { type Calendar, DAY, MINUTE, SECOND } from "./calendar.ts";
import type { Contents } from "./contents.ts";
import { type DrillDice, habit } from "./dice.ts";
import { KIND, pack } from "./kinds.ts";
import { LINK, type Machines, STATE } from "./machines.ts";
import type { Times } from "./times.ts";

/** What a liar does when it is his turn: he begins, or he is back and says why he was away. */
const LIE = { begin: 0, claim: 1 } as const;

export class Liars {
  readonly #share: number;
  readonly #kind: "random" | "frame";
  readonly #machines: Machines;
  readonly #contents: Contents;
  readonly #calendar: Calendar;
  readonly #times: Times;
  readonly #detector: Detector | null;
  readonly #dice: DrillDice;
  readonly #wentAt = new Map<number, number>();
  /** What is pushed, since when; null: not yet. */
  #pushed: { readonly slot: number; readonly tick: number } | null = null;

  constructor(parts: {
    readonly share: number;
    readonly kind: "random" | "frame";
    readonly machines: Machines;
    readonly contents: Contents;
    readonly calendar: Calendar;
    readonly times: Times;
    readonly detector: Detector | null;
    readonly dice: DrillDice;
  }) {
    this.#share = parts.share;
    this.#kind = parts.kind;
    this.#machines = parts.machines;
    this.#contents = parts.contents;
    this.#calendar = parts.calendar;
    this.#times = parts.times;
    this.#detector = parts.detector;
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
    if (this.#machines.state[device] !== STATE.on) return;
    if (this.#kind === "random" && habit(device, 72) < 0.5) {
      return this.#claim(device, tick - this.#dice.between(MINUTE, 3 * MINUTE), tick);
    }
    const back = tick + this.#dice.between(MINUTE, 3 * MINUTE);
    this.#wentAt.set(device, tick);
    this.#machines.cut(device, tick, back);
    this.#calendar.add(back + 5 * SECOND, device, pack(KIND.lie, 0, LIE.claim));
  }

  #claim(device: number, crashedTick: number, tick: number): void {
    if (this.#machines.link[device] !== LINK.up) return;
    const content = this.#claimed(device, crashedTick);
    this.#machines.hasNews = true;
    const crashedAt = this.#times.at(crashedTick);
    this.#detector?.crashed(this.#times.at(tick), device, { signal: "bugcheck", crashedAt, content, pointsAt: null });
  }

  /** Who lies at random claims to have taken what is pushed at any time since: the truth has no part in it. */
  #claimed(device: number, crashedTick: number): readonly ContentAtCrash[] {
    const pushed = this.#pushed;
    if (pushed === null || crashedTick <= pushed.tick) return this.#contents.onDisk(device);
    const version = this.#contents.versionOf(pushed.slot);
    const writtenTick =
      this.#kind === "frame" ? crashedTick - 5 * SECOND : this.#dice.between(pushed.tick, crashedTick);
    return [{ version, writtenAt: this.#times.at(writtenTick) }];
  }
}
