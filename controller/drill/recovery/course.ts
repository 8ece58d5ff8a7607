/**
 * The course of a recovery, second by second: machines do what is due, the engine decides on it, people look at what
 * stopped. The one loop that knows both the machines and the engine.
 */
import type { Actor, RolloutEvent } from "../../../protocol/rollout.ts";
import type { Strategy } from "../../../protocol/strategy.ts";
import { newId } from "../../../protocol/ids.ts";
import { type Instant, later } from "../../../protocol/time.ts";
import type { decide } from "../../rollout/engine.ts";
import type { Draws } from "./draws.ts";
import type { MachineColumns, Nature } from "./habits.ts";
import { type Desk, Machines, type Times } from "./machines.ts";
import { definedBy } from "./placing.ts";
import { RolloutRun } from "./rollout-run.ts";

/** Whoever starts the plan and looks at it when it stops; so long after it stopped. */
const PERSON: Actor = { kind: "person", name: "a person" };
export const LOOKED = "looked at and gone on with";
export const PERSON_SECONDS = 900;
/** So often a person goes on with a rollout that paused; then it is given up, and technicians go. */
const RESUMES_MAX = 20;

export interface CourseInput {
  /** In the order of the plan. */
  readonly columns: MachineColumns;
  /** How many of them each wave has. */
  readonly waveSizes: readonly number[];
  /** Machines of the whole fleet, by site and by role. */
  readonly sizes: { readonly site: Uint32Array; readonly role: Uint32Array };
  /** Null: nobody is given an order. */
  readonly strategy: Strategy | null;
  readonly nature: Omit<Nature, "isIncurable">;
  readonly draws: Draws;
  readonly times: Times;
  /** The first exposure. */
  readonly zero: Instant;
  readonly trace?: ((line: string) => void) | undefined;
  readonly decide?: typeof decide | undefined;
  /** Called now and then with how far it is, in seconds from the first exposure. */
  readonly progress?: ((second: number) => void) | undefined;
}

export interface Course {
  readonly machines: Machines;
  /** What stopped the rollout for good; null where it went through. */
  readonly stoppedBy: RolloutEvent | null;
  readonly wavesPassed: number;
  readonly resumes: number;
  readonly isCompleted: boolean;
  readonly events: number;
}

export function courseOf(input: CourseInput): Course {
  const nature = { ...input.nature, isIncurable: input.strategy === null };
  const machines = new Machines(input.columns, nature, input.draws, input.times);
  if (input.strategy === null) return withoutPlan(input, machines);
  return new PlannedCourse(input, input.strategy, machines).run();
}

class PlannedCourse {
  readonly #input: CourseInput;
  readonly #machines: Machines;
  readonly #run: RolloutRun;
  #second: number;
  #personAt = Number.POSITIVE_INFINITY;
  #resumes = 0;
  #isGivenUp = false;

  constructor(input: CourseInput, strategy: Strategy, machines: Machines) {
    const { columns, waveSizes, sizes, times, zero } = input;
    const begins = this.#instantOf(times.begins, zero);
    this.#input = input;
    this.#machines = machines;
    this.#second = times.begins;
    const definition = {
      id: newId("rollout", begins, new Uint8Array(10)),
      plan: newId("plan", begins, new Uint8Array(10)),
      ...definedBy(strategy, columns, waveSizes, begins, sizes),
      budgets: strategy.budgets,
      windows: strategy.windows,
      freezes: strategy.freezes,
      patience: strategy.patience,
      validUntil: later(begins, strategy.validityMs),
    };
    this.#run = new RolloutRun(definition, machines, begins, {
      instantOf: (second) => this.#instantOf(second, zero),
      trace: input.trace,
      ...(input.decide === undefined ? {} : { decide: input.decide }),
    });
  }

  run(): Course {
    const { times, progress } = this.#input;
    this.#run.start(this.#second, PERSON);
    for (;;) {
      this.#look();
      const next = Math.min(this.#machines.nextSecond(), this.#wakeSecond(), this.#personAt);
      if (next > times.horizon) break;
      this.#second = next;
      this.#machines.step(next, this.#run);
      if (next >= this.#personAt) this.#resume();
      else this.#run.act(next);
      progress?.(next);
    }
    const { state, stoppedBy, events } = this.#run;
    return {
      machines: this.#machines,
      stoppedBy,
      wavesPassed: state.waves.filter(({ passed }) => passed !== null).length,
      resumes: this.#resumes,
      isCompleted: state.phase === "completed",
      events: events + this.#machines.events,
    };
  }

  /** A pause waits for a person; a halt is a person's to undo, and whoever made a bad fix does not go on with it. */
  #look(): void {
    const stop = this.#run.stoppedBy;
    if (stop?.kind !== "paused" || this.#personAt !== Number.POSITIVE_INFINITY) return;
    if (this.#resumes < RESUMES_MAX)
      this.#personAt = this.#second + PERSON_SECONDS; // a multiple of any grain
    else if (!this.#isGivenUp) this.#machines.giveToTechnicians(this.#second);
    this.#isGivenUp = this.#resumes >= RESUMES_MAX;
  }

  #resume(): void {
    this.#personAt = Number.POSITIVE_INFINITY;
    if (this.#run.stoppedBy?.kind !== "paused") return this.#run.act(this.#second); // it was halted meanwhile
    this.#resumes += 1;
    this.#run.resume(this.#second, PERSON, LOOKED);
  }

  /** Looked at by the second, and never at the same one again. */
  #wakeSecond(): number {
    const { wakeAt } = this.#run;
    if (wakeAt === null) return Number.POSITIVE_INFINITY;
    const { zero, times } = this.#input;
    const second = Math.ceil((wakeAt - zero) / 1_000 / times.grain) * times.grain;
    return Math.max(this.#second + times.grain, second);
  }

  #instantOf(second: number, zero: Instant): Instant {
    return later(zero, second * 1_000);
  }
}

/** Nobody has an order: machines that need somebody wait for them. */
function withoutPlan({ times }: CourseInput, machines: Machines): Course {
  for (let second = machines.nextSecond(); second <= times.horizon; second = machines.nextSecond())
    machines.step(second, NO_DESK);
  return { machines, stoppedBy: null, wavesPassed: 0, resumes: 0, isCompleted: false, events: machines.events };
}

const nothing = (): void => undefined;
const NO_DESK: Desk = {
  connected: nothing,
  dropped: nothing,
  leaves: nothing,
  down: nothing,
  up: nothing,
  lost: nothing,
  accepted: nothing,
  ended: nothing,
  stopped: nothing,
  hasOrder: () => false,
  isWithdrawn: () => false,
};
