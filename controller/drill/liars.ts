/**
 * Agents that lie: they claim crashes that nobody saw, from the connection that they hold. At random they lie about anything;
 * acting together they frame one version. A liar's own crashes he does not report.
 */
import type { Detector } from "../detection/types.ts";
import { type Calendar, HOUR, MINUTE } from "./calendar.ts";
import type { Contents } from "./contents.ts";
import { type DrillDice, habit } from "./dice.ts";
import { KIND, pack } from "./kinds.ts";
import { LINK, type Machines } from "./machines.ts";
import type { Times } from "./times.ts";

/** Over how long the lies of those who lie at random are spread. */
const SPREAD = 6 * HOUR;

export class Liars {
  readonly #share: number;
  readonly #kind: "random" | "frame";
  readonly #machines: Machines;
  readonly #contents: Contents;
  readonly #calendar: Calendar;
  readonly #times: Times;
  readonly #detector: Detector | null;
  readonly #dice: DrillDice;
  readonly #slot: number;
  /** How long the version takes to reach all. */
  readonly #arrivalMs: number;
  #beginTick = 0;

  constructor(parts: {
    readonly share: number;
    readonly kind: "random" | "frame";
    readonly machines: Machines;
    readonly contents: Contents;
    readonly calendar: Calendar;
    readonly times: Times;
    readonly detector: Detector | null;
    readonly dice: DrillDice;
    readonly slot: number;
    readonly arrivalMs: number;
  }) {
    this.#share = parts.share;
    this.#kind = parts.kind;
    this.#machines = parts.machines;
    this.#contents = parts.contents;
    this.#calendar = parts.calendar;
    this.#times = parts.times;
    this.#detector = parts.detector;
    this.#dice = parts.dice;
    this.#slot = parts.slot;
    this.#arrivalMs = parts.arrivalMs;
  }

  isLiar(device: number): boolean {
    return habit(device, 71) < this.#share;
  }

  begin(tick: number): void {
    this.#beginTick = tick;
    if (this.#kind === "frame") return;
    for (let device = 0; device < this.#machines.fleet.columns.size; device++) {
      if (this.isLiar(device)) this.#calendar.add(tick + this.#dice.unit() * SPREAD, device, pack(KIND.lie));
    }
  }

  onTaken(device: number, tick: number): void {
    if (this.#kind !== "frame" || !this.isLiar(device)) return;
    this.#calendar.add(tick + this.#dice.between(MINUTE, 5 * MINUTE), device, pack(KIND.lie));
  }

  onLie(device: number, tick: number): void {
    if (this.#machines.link[device] !== LINK.up) return;
    const at = this.#times.at(tick);
    const crashedAt = at - 60_000 - this.#dice.below(120_000);
    const writtenAt = this.#kind === "frame" ? crashedAt - 5_000 : this.#claimedAt(device);
    const version = this.#contents.versionOf(this.#slot);
    const content = writtenAt < crashedAt ? [{ version, writtenAt }] : [];
    this.#machines.hasNews = true;
    this.#detector?.crashed(at, device, { signal: "bugcheck", crashedAt, content, pointsAt: null });
  }

  /** Who lies at random claims to have taken it as if he were anybody: the truth has no part in it. */
  #claimedAt(device: number): number {
    return this.#times.at(this.#beginTick) + habit(device, 72) * this.#arrivalMs;
  }
}
