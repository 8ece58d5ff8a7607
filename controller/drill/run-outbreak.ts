/**
 * One faulty version in one simulated fleet, watched by the real detector: when it was noticed, convicted and stopped, and
 * who had it by then.
 */
import { createDetector } from "../detection/detector.ts";
import type { DetectionRule, Detector, DetectorSettings, Finding } from "../detection/types.ts";
import { MINUTE, SECOND, TICK_MS } from "./calendar.ts";
import { DrillDice, habit } from "./dice.ts";
import type { FleetShape } from "./fleet-shape.ts";
import { Harm } from "./harm.ts";
import { KIND } from "./kinds.ts";
import { Liars } from "./liars.ts";
import { patchNight } from "./mishaps.ts";
import type { Outbreak, Scenario } from "./outbreak.ts";

import { Watch } from "./watch.ts";
import type { Words } from "./words.ts";
import { World } from "./world.ts";
import { shapeOf, troubleOf, waysOf } from "./world-of-scenario.ts";

export const ALPHA = 0.05;
export const HEARTBEAT_MS = 20_000;
export const SILENCE_MS = 600_000;
const DAY_MINUTES = 1_440;
/** From the verdict until machines hold the content: the order goes out at once, and agents take it within seconds. */
const HOLD_TICKS = 10 * SECOND;
const FAULTY = "faulty";
const TWIN = "twin";
/** Products that no harmless release has. */
const FAULTY_PRODUCT = 0;
const TWIN_PRODUCT = 63;

export interface OutbreakOptions {
  readonly scenario: Scenario;
  readonly seed: number;
  readonly size: number;
  readonly shape?: Partial<FleetShape>;
  readonly without?: ReadonlySet<DetectionRule>;
  readonly heartbeatMs?: number;
  /** How long the fleet lives before the push, and is learnt; 8 days, and less for more than 20,000 machines. */
  readonly warmUpMinutes?: number;
  /** False: nobody watches, and only the vendor withdraws. */
  readonly hasProduct?: boolean;
  /** False: the verdict stops nothing, so that the spread and the cost of watching it can be seen. */
  readonly stops?: boolean;
  /** When the world ends; `end`: when nothing more will be hurt; `horizon`: not before that. */
  readonly until?: "verdict" | "end" | "horizon";
  /** Harmless versions that come out a day, too; 3. */
  readonly harmlessPerDay?: number;
  /** Minutes after the push when the world ends at the latest. */
  readonly horizonMinutes?: number;
  /** Hears what the machines say. */
  readonly words?: Words;
  /** Hears what is found, when the controller knows it: milliseconds since 1970. */
  readonly found?: (findings: readonly Finding[], at: number) => void;
  /** In the place of the detector that production has. */
  readonly detector?: (settings: DetectorSettings) => Detector;
}

/** With what a bench wants to know beside it; times in milliseconds from the first exposure, null: never. */
export interface WatchedOutbreak extends Outbreak {
  /** The faulty version was first named, if only as a suspect. */
  readonly suspected: number | null;
  /** The first verdict after which the controller may act by itself. */
  readonly acts: number | null;
  readonly massSilence: number | null;
  /** The first report of a machine that it has hurt, and the last one before the verdict. */
  readonly firstReport: number | null;
  readonly lastReport: number | null;
  /** Reports of crashed machines that each are an observation of its own, told until the verdict. */
  readonly reportsAtVerdict: number;
  /** Convicted, and neither faulty nor its twin. */
  readonly wronged: readonly string[];
}

export function runOutbreak(options: OutbreakOptions): WatchedOutbreak {
  const { scenario, seed, size } = options;
  const warmUpMinutes = options.warmUpMinutes ?? warmUpOf(size);
  const pushTick = warmUpMinutes * MINUTE;
  const horizonMinutes = options.horizonMinutes ?? scenario.push.minutes + scenario.harm.delayMinutes + 240;
  const heartbeatMs = options.heartbeatMs ?? HEARTBEAT_MS;
  const { without } = options;
  const settings = { alpha: ALPHA, heartbeatMs, silenceMs: SILENCE_MS, ...(without === undefined ? {} : { without }) };
  const detector = options.hasProduct === false ? null : (options.detector ?? createDetector)(settings);
  // Drills are on working days, each seed on one of them.
  const startMinute = Math.floor(habit(seed, 81) * 5) * DAY_MINUTES + scenario.push.hour * 60 - warmUpMinutes;
  const world = new World({
    seed,
    shape: { ...shapeOf(scenario), ...options.shape, size },
    startMinute,
    ticks: pushTick + Math.ceil(horizonMinutes) * MINUTE,
    heartbeatMs,
    trouble: troubleOf(scenario),
    ways: waysOf(scenario),
    harmlessPerDay: options.harmlessPerDay ?? 3,
    detector,
    words: options.words ?? null,
  });
  const push = new Push(world, options, detector, pushTick);
  world.run((findings, tick) => {
    if (findings.length > 0) options.found?.(findings, world.times.at(tick));
    return push.watch.hear(findings, tick) || push.isOver(tick);
  });
  return push.outbreak();
}

/** A week shows how machines live; of large fleets a few hours have to do, with the stated defaults for what is learnt. */
function warmUpOf(size: number): number {
  if (size <= 20_000) return 8 * DAY_MINUTES;
  return size <= 100_000 ? DAY_MINUTES : 90;
}

/** The faulty version on its way. */
class Push {
  readonly watch: Watch;
  readonly #world: World;
  readonly #options: OutbreakOptions;
  readonly #liars: Liars | null;
  #harm: Harm | null = null;
  #endsTick = Infinity;
  #closedTick: number | null = null;

  constructor(world: World, options: OutbreakOptions, detector: Detector | null, tick: number) {
    this.#world = world;
    this.#options = options;
    this.watch = new Watch(world.contents.names, FAULTY, (verdictTick) => this.#onVerdict(verdictTick));
    const { machines, telling, calendar } = world;
    const { liars } = options.scenario;
    const dice = new DrillDice(`outbreak/${options.seed}`).of("liars");
    this.#liars = liars === undefined ? null : new Liars({ ...liars, machines, telling, calendar, dice });
    machines.hides = (device) => this.#liars?.isLiar(device) === true;
    world.onOther = (what, device, argument, now) => {
      if (what === KIND.hurt) this.#harm?.onHurt(device, now);
      else if (what === KIND.moment) this.#harm?.onMoment(device, argument, now);
      else this.#liars?.onLie(device, argument, now);
    };
    world.mishaps.plan(tick, () => this.#begin(detector, tick));
  }

  #begin(detector: Detector | null, tick: number): void {
    const { scenario, seed } = this.#options;
    const { machines, contents, calendar, releases, mishaps } = this.#world;
    const dice = new DrillDice(`outbreak/${seed}`);
    const { minutes, share, withdrawnAfterMinutes } = scenario.push;
    const twin = scenario.hasTwin === true ? contents.add(TWIN, TWIN_PRODUCT, 1) : null;
    const slot = releases.release(tick, {
      name: FAULTY,
      product: FAULTY_PRODUCT,
      share,
      arrival: { kind: "push", minutes },
      restartShare: 0,
    });
    const harm = new Harm(machines, calendar, dice.of("harm"), scenario, slot);
    this.#liars?.onPush(slot, tick);
    this.#harm = harm;
    this.watch.harm = harm;
    machines.whenUp = (device, now) => harm.onUp(device, now);
    machines.whenCrashTold = (device, now) => this.watch.countReport(device, machines.fleet, now);
    machines.pointsAt = (device) => harm.pointsAt(device);
    releases.whenTaken = (device, taken, now) => {
      if (taken !== slot) return true;
      if (twin !== null && contents.take(device, twin, now)) releases.tell(device, twin, now);
      this.#liars?.onTaken(device, now);
      return harm.onTaken(device, now);
    };
    if (withdrawnAfterMinutes !== null) this.#closeAt(tick + withdrawnAfterMinutes * MINUTE);
    if (scenario.meanwhile === "patch-night") patchNight(machines, mishaps, dice.of("night"), tick + 20 * MINUTE);
    if (scenario.meanwhile === "gateways") {
      for (const gateway of [0, 1, 2])
        mishaps.plan(tick + (10 + 20 * gateway) * MINUTE, (now) => mishaps.restartGateway(gateway, now));
    }
    const noticedAfter = scenario.harm.noticedByPeopleAfterMinutes;
    if (noticedAfter === null || detector === null) return;
    mishaps.plan(tick + (scenario.harm.delayMinutes + noticedAfter) * MINUTE, (now) => {
      if (harm.firstCrashTick !== null) this.watch.declare(now);
    });
  }

  #onVerdict(tick: number): void {
    if (this.#options.stops !== false) this.#closeAt(tick + HOLD_TICKS);
    if (this.#options.until === "verdict") this.#endsTick = tick;
  }

  #closeAt(tick: number): void {
    this.#world.mishaps.plan(tick, (now) => {
      if (this.#harm !== null) this.#world.releases.close(this.#harm.slot);
      this.#closedTick ??= now;
      this.#endsTick = Math.min(this.#endsTick, now);
    });
  }

  isOver(tick: number): boolean {
    if (tick < this.#endsTick || this.#harm === null || this.#options.until === "horizon") return false;
    // Withdrawn before people have noticed: they still will.
    const isToBeNoticed = this.#options.scenario.harm.noticedByPeopleAfterMinutes !== null;
    if (isToBeNoticed && this.#options.hasProduct !== false && this.watch.verdict === null) return false;
    return this.#options.until === "verdict" || this.#harm.waiting === 0;
  }

  outbreak(): WatchedOutbreak {
    const { scenario, seed } = this.#options;
    const harm = this.#harm;
    if (harm === null) throw new RangeError("the world ended before the push began");
    const first = harm.firstExposureTick;
    const since = (tick: number | null): number | null =>
      tick === null || first === null ? null : (tick - first) * TICK_MS;
    const { incident, verdict, halt, suspected, acts, massSilence, firstReport, lastReport } = this.watch;
    const { exposedAt, hurtAt } = harm;
    return {
      scenario,
      fleet: this.#world.machines.fleet.columns,
      seed,
      moments: {
        firstCrash: since(harm.firstCrashTick),
        incident: since(incident),
        verdict: since(verdict),
        halt: since(halt),
        closed: since(this.#closedTick),
      },
      exposedAt,
      hurtAt,
      ...this.watch.counts,
      convicted: [...this.watch.convicted],
      events: this.#world.events,
      suspected: since(suspected),
      acts: since(acts),
      massSilence: since(massSilence),
      firstReport: since(firstReport),
      lastReport: since(lastReport),
      wronged: [...this.watch.convicted].filter((name) => name !== TWIN && (name !== FAULTY || scenario.isNegative)),
    };
  }
}
