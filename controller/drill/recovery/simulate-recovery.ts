/**
 * How the machines of an outbreak come back under one strategy. Pure: the same outbreak, seed and strategy give the same
 * recovery, to the last line of its trace.
 */
import type { Strategy } from "../../../protocol/strategy.ts";
import { at, later } from "../../../protocol/time.ts";
import { DRILL_ROLES, type Outbreak } from "../outbreak.ts";
import { type Course, type CourseInput, courseOf } from "./course.ts";
import { Draws } from "./draws.ts";
import { Habits, type Rung } from "./habits.ts";
import { type Measured, Returns } from "./measure.ts";
import { orderOf, permuted } from "./plan-order.ts";
import { wavesOf } from "./placing.ts";
import type { Staff } from "./technicians.ts";
import { luckyAt } from "./lucky.ts";
import { type Candidates, targetsOf } from "./targets.ts";

export interface RecoveryOptions {
  readonly name: string;
  /** Made for so many machines as the plan has; null: nobody is given an order, everybody waits for a technician. */
  readonly strategy: ((targets: number) => Strategy) | null;
  readonly staff: Staff;
  readonly seed: number;
  /** From the verdict to the plan's beginning: proposing, looking, approving. */
  readonly approvalMinutes: number;
  /** Share of machines that the cure makes worse. */
  readonly badFixShare: number;
  readonly progress?: (second: number) => void;
}

export interface Recovery extends Measured {
  readonly strategy: string;
  /** Machines that were hurt, and those of the plan: hurt or only carrying the faulty version. */
  readonly hurt: number;
  readonly targets: number;
  /** Minutes from the first exposure; null: there was nothing to plan. */
  readonly beganAt: number | null;
  readonly end: "went through" | "stopped" | "not finished" | "no plan";
  readonly because: string;
  /** Machines that the cure made worse. */
  readonly worsened: number;
  /** How often a person had to look at a pause and go on. */
  readonly resumes: number;
  readonly byRung: Readonly<Record<Rung, number>>;
  /** From the crash until it serves again; a machine that the cure made worse counts from then on. */
  readonly machineHoursDown: number;
  /**
   * Of machines that took the faulty version: from when nobody takes it any more (held, or withdrawn by its vendor), or
   * from taking it if that came later, until good content is back. Without a plan only of those that were hurt.
   */
  readonly machineHoursUnprotected: number;
  readonly events: number;
}

/** So long a drill is followed. */
export const HORIZON_DAYS = 30;
const HORIZON = HORIZON_DAYS * 86_400;
/** The day of the reference incident; a drill has to have a day for its windows and working hours. */
const DAY_BEGAN = at("2024-07-19T00:00:00Z");
/** Where detection named nothing, people find out what it is this long after they noticed. */
const PEOPLE_FIND_OUT_MINUTES = 60;
/** And where nobody watches, they notice so long after the first crash. */
const PEOPLE_NOTICE_MINUTES = 60;

/** Everything that a recovery starts from. */
export interface RecoveryPlan {
  readonly input: CourseInput & { readonly columns: Candidates };
  /** Those that their guardian had brought back before. */
  readonly earlier: Candidates & { readonly healedAt: Uint32Array };
}

export function planRecovery(outbreak: Outbreak, options: RecoveryOptions): RecoveryPlan {
  const { scenario } = outbreak;
  const draws = new Draws(options.seed);
  const noticed = noticedAt(outbreak);
  const begins = noticed + options.approvalMinutes * 60;
  const isCurable = options.strategy !== null && scenario.playbook !== null;
  const { candidates, earlier } = targetsOf(outbreak, draws, begins, isCurable);
  const inOrder = permuted(candidates, orderOf(candidates, new Habits(draws, candidates), draws, begins));
  const strategy = isCurable && candidates.size > 0 ? (options.strategy?.(candidates.size) ?? null) : null;
  const waves = strategy === null ? null : wavesOf(strategy, inOrder);
  const chosen = waves?.order ?? null;
  const columns = chosen === null ? inOrder : permuted(inOrder, Uint32Array.from(chosen));
  const input = {
    columns: options.strategy === null ? { ...columns, healsAt: luckyAt(outbreak, columns, draws, begins) } : columns,
    waveSizes: waves?.sizes ?? [],
    sizes: sizesOf(outbreak),
    strategy,
    nature: { restarts: scenario.restarts, worseShare: options.badFixShare, staff: options.staff },
    draws,
    times: {
      begins,
      horizon: HORIZON,
      visitsFrom: noticed + options.staff.onTheirWayMinutes * 60,
      midnight: -Math.round(scenario.push.hour * 3_600),
      grain: grainOf(columns.size),
    },
    zero: later(DAY_BEGAN, Math.round(scenario.push.hour * 3_600) * 1_000),
    progress: options.progress,
  };
  return { input, earlier };
}

export function simulateRecovery(outbreak: Outbreak, options: RecoveryOptions): Recovery {
  const { input, earlier } = planRecovery(outbreak, options);
  const { columns, strategy, times } = input;
  const course = courseOf(input);
  const closedAt = stoppedAt(outbreak);
  return {
    strategy: options.name,
    ...summed({ columns, earlier, course, closedAt, isPlanned: strategy !== null }),
    targets: columns.size,
    beganAt: strategy === null ? null : times.begins / 60,
    ...endOf(course, strategy, outbreak.scenario.playbook),
    worsened: course.machines.worseSince.size,
    resumes: course.resumes,
    events: course.events,
  };
}

/** A look at a large rollout costs as much as a look at a small one, but more happens between two of them. */
const grainOf = (machines: number): number => (machines > 1_000_000 ? 15 : machines > 50_000 ? 5 : 1);

/** The second at which it is known what is wrong: the verdict, or people found out. */
function noticedAt({ moments, scenario }: Outbreak): number {
  const { verdict, incident, firstCrash } = moments;
  if (verdict !== null) return Math.ceil(verdict / 1_000);
  if (incident !== null) return Math.ceil(incident / 1_000) + PEOPLE_FIND_OUT_MINUTES * 60;
  const noticed = scenario.harm.noticedByPeopleAfterMinutes ?? PEOPLE_NOTICE_MINUTES;
  return Math.ceil((firstCrash ?? 0) / 1_000) + (noticed + PEOPLE_FIND_OUT_MINUTES) * 60;
}

/** The second from which nobody takes it any more; where nothing stopped it, when people know. */
function stoppedAt(outbreak: Outbreak): number {
  const { closed } = outbreak.moments;
  return closed === null ? noticedAt(outbreak) : Math.floor(closed / 1_000);
}

function sizesOf({ fleet }: Outbreak): { readonly site: Uint32Array; readonly role: Uint32Array } {
  const [site, role] = [new Uint32Array(fleet.siteCount), new Uint32Array(DRILL_ROLES.length)];
  for (let device = 0; device < fleet.size; device += 1) {
    const [ofSite, ofRole] = [fleet.site[device] ?? 0, fleet.role[device] ?? 0];
    site[ofSite] = (site[ofSite] ?? 0) + 1;
    role[ofRole] = (role[ofRole] ?? 0) + 1;
  }
  return { site, role };
}

function endOf(course: Course, strategy: Strategy | null, playbook: string | null): Pick<Recovery, "end" | "because"> {
  if (strategy === null) {
    const because = playbook === null ? "Nothing can be rolled back: somebody has to go to each machine." : "No plan.";
    return { end: "no plan", because };
  }
  const { stoppedBy, wavesPassed, isCompleted } = course;
  const wave = strategy.waves[wavesPassed]?.name ?? "the last";
  if (stoppedBy !== null && "because" in stoppedBy)
    return { end: "stopped", because: `Stopped in wave ${wavesPassed + 1} (${wave}): ${stoppedBy.because}` };
  if (isCompleted) return { end: "went through", because: "Every wave has passed its gate." };
  return {
    end: "not finished",
    because: `Wave ${wavesPassed + 1} (${wave}) had not passed its gate at the end of the drill.`,
  };
}

interface Summing {
  readonly columns: Candidates;
  readonly earlier: Candidates & { readonly healedAt: Uint32Array };
  readonly course: Course;
  readonly closedAt: number;
  readonly isPlanned: boolean;
}
type Sums = Measured & Pick<Recovery, "hurt" | "byRung" | "machineHoursDown" | "machineHoursUnprotected">;

function summed({ columns, earlier, course, closedAt, isPlanned }: Summing): Sums {
  const { machines } = course;
  const returns = new Returns(HORIZON);
  let [hurt, down, unprotected] = [0, machines.worseSeconds, 0];
  const count = (wasHurt: boolean, hurtAt: number, tookAt: number, backAt: number): void => {
    const until = Math.min(HORIZON, backAt);
    // Without a plan nobody knows when machines that are well get good content.
    if (wasHurt || isPlanned) unprotected += Math.max(0, until - Math.max(tookAt, closedAt));
    if (!wasHurt) return;
    hurt += 1;
    down += Math.max(0, until - hurtAt);
    if (backAt <= HORIZON) returns.add(backAt);
  };
  for (let i = 0; i < earlier.size; i += 1)
    count(true, (earlier.hurtAt[i] ?? 0) - 1, earlier.tookAt[i] ?? 0, earlier.healedAt[i] ?? 0);
  for (let i = 0; i < columns.size; i += 1) {
    const cured = machines.curedAt[i] ?? 0;
    const backAt = cured === 0 ? Number.POSITIVE_INFINITY : cured - 1;
    count(machines.wasHurt[i] === 1, (columns.hurtAt[i] ?? 0) - 1, columns.tookAt[i] ?? 0, backAt);
  }
  const { guardian, ...others } = machines.recoveredBy;
  return {
    ...returns.measured(hurt),
    hurt,
    byRung: { ...others, guardian: guardian + earlier.size },
    machineHoursDown: Math.round(down / 3_600),
    machineHoursUnprotected: Math.round(unprotected / 3_600),
  };
}
