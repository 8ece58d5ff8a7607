/**
 * A fleet that lives, event by event, and tells the real detector what a controller would hear of it.
 *
 * Played again with the same options it does the same; nothing in it knows a clock or a dice of its own.
 */
import { Rows } from "../detection/rows.ts";
import type { Detector, Finding } from "../detection/types.ts";
import { Calendar, SECOND } from "./calendar.ts";
import { Contents } from "./contents.ts";
import { DrillDice } from "./dice.ts";
import { type FleetShape, makeFleet } from "./fleet-shape.ts";
import { argumentOf, KIND, kindOf, serialOf } from "./kinds.ts";
import { Lives, type Ways } from "./lives.ts";
import { Machines } from "./machines.ts";
import { Mishaps, type Trouble } from "./mishaps.ts";
import { harmlessReleases, Releases } from "./releases.ts";
import { Telling } from "./telling.ts";
import { Times } from "./times.ts";
import type { Words } from "./words.ts";

export interface WorldOptions {
  readonly seed: number;
  readonly shape: FleetShape;
  /** Of the week, UTC, Monday 0:00 is 0. */
  readonly startMinute: number;
  readonly ticks: number;
  readonly heartbeatMs: number;
  readonly trouble: Trouble;
  readonly ways: Ways;
  readonly harmlessPerDay: number;
  /** Null: nobody watches. */
  readonly detector: Detector | null;
  readonly words: Words | null;
}

export class World {
  readonly calendar: Calendar;
  readonly times: Times;
  readonly contents: Contents;
  readonly telling: Telling;
  readonly machines: Machines;
  readonly releases: Releases;
  readonly mishaps: Mishaps;
  /** What else is due for a device. */
  onOther: (kind: number, device: number, argument: number, tick: number) => void = () => undefined;
  events = 0;
  readonly #lives: Lives;
  readonly #detector: Detector | null;

  constructor(options: WorldOptions) {
    const { seed, shape, ticks, detector, heartbeatMs } = options;
    const dice = new DrillDice(`world/${seed}`);
    const fleet = makeFleet(shape, seed);
    this.#detector = detector;
    this.times = new Times(options.startMinute);
    this.calendar = new Calendar(ticks, Math.ceil(shape.size * 2.1) + 1_024);
    const rows = new Rows(shape.size);
    this.contents = new Contents(rows, shape.size);
    const { contents, times } = this;
    this.telling = new Telling({ fleet, rows, contents, times, detector, words: options.words });
    this.calendar.soon = (device) => {
      if (device >= shape.size) return; // it concerns no device
      rows.touch(device);
      detector?.expect(device);
    };
    this.machines = new Machines({
      fleet,
      rows,
      calendar: this.calendar,
      contents: this.contents,
      telling: this.telling,
      dice: dice.of("machines"),
      heartbeatMs,
      gateways: shape.gateways,
    });
    this.releases = new Releases(this.machines, this.contents, this.telling, this.calendar, dice.of("releases"));
    this.mishaps = new Mishaps(
      this.machines,
      this.calendar,
      dice.of("mishaps"),
      shape.gateways,
      options.trouble,
      (from, until) => this.telling.deaf(from, until),
    );
    this.#lives = new Lives(this.machines, this.calendar, this.times, dice.of("lives"), options.ways);
    for (let device = 0; device < shape.size; device++) this.#lives.begin(device);
    if (options.harmlessPerDay > 0) {
      const plan = this.mishaps.plan.bind(this.mishaps);
      harmlessReleases(this.releases, plan, dice.of("harmless"), ticks, options.harmlessPerDay);
    }
  }

  /**
   * @param found is asked after each answer of the detector, and each minute, whether that is enough. A controller waits a
   * second until all it hears is in, so it knows what is found a second after the moment to which that applies
   */
  run(found: (findings: readonly Finding[], tick: number) => boolean): void {
    const { calendar, telling } = this;
    let waiting: readonly Finding[] = [];
    for (let tick = calendar.now; tick < calendar.end; tick++) {
      calendar.now = tick;
      while (calendar.take()) {
        this.events++;
        this.#happen(calendar.what, calendar.device, tick);
      }
      if (tick % SECOND !== 0) continue;
      const findings = waiting;
      waiting = this.#ask(tick);
      if ((findings.length > 0 || tick % (60 * SECOND) === 0) && found(findings, tick)) return;
    }
    telling.hasNews = false;
  }

  #ask(tick: number): readonly Finding[] {
    if (this.#detector === null) return [];
    const now = this.times.at(tick);
    const { wakeAt } = this.#detector;
    if (!this.telling.hasNews && (wakeAt === null || wakeAt > now)) return [];
    this.telling.hasNews = false;
    return this.#detector.advance(now);
  }

  #happen(what: number, device: number, tick: number): void {
    switch (kindOf(what)) {
      case KIND.life:
        return this.#lives.onLife(device, tick);
      case KIND.drop:
        return this.machines.onDrop(device, serialOf(what), tick);
      case KIND.back:
        return this.machines.onBack(device, serialOf(what), tick);
      case KIND.arrive:
        return this.releases.onArrive(device, argumentOf(what), tick);
      case KIND.catchUp:
        return this.releases.onCatchUp(device, tick);
      case KIND.tell:
        return this.releases.onTell(device, argumentOf(what), tick);
      case KIND.restart:
        return this.releases.onRestart(device, tick);
      case KIND.mishap:
        return this.mishaps.onMishap(argumentOf(what), tick);
      case KIND.happening:
        return this.mishaps.onHappening(device, tick);
      default:
        return this.onOther(kindOf(what), device, argumentOf(what), tick);
    }
  }
}
