/**
 * What a plan's strategies would come to: the recovery of given machines, simulated with the real rollout engine, for a
 * proposal to show. Pure, and quick enough to be asked while somebody waits: of many machines a sample is simulated.
 */
import type { z } from "zod";
import type { CurvePoint } from "../../protocol/api-proposals.ts";
import type { CountOrShare, Strategy } from "../../protocol/strategy.ts";
import { at } from "../../protocol/time.ts";
import { DRILL_ROLES, type Reach } from "./outbreak.ts";
import { courseOf } from "./recovery/course.ts";
import { DRAW, Draws } from "./recovery/draws.ts";
import { Habits, type MachineColumns, RUNGS } from "./recovery/habits.ts";
import { Returns } from "./recovery/measure.ts";
import { orderOf, permuted } from "./recovery/plan-order.ts";
import { wavesOf } from "./recovery/placing.ts";
import type { Staff } from "./recovery/technicians.ts";

export interface WhatIfDevice {
  readonly site: string;
  /** One of `DRILL_ROLES`, or any other: it is treated as a workstation. */
  readonly role: string;
  /** How it can be brought back, as far as is known. */
  readonly reach: keyof Reach;
  /** Does it serve nobody now? A machine that only carries the version is up, and counts against budgets when taken. */
  readonly isDown: boolean;
}
export interface WhatIfQuestion {
  readonly devices: readonly WhatIfDevice[];
  /**
   * Waves by selector are taken in the order of the devices: a drill knows no names. Null: nobody is given an order, and
   * somebody goes to each machine.
   */
  readonly strategies: readonly { readonly name: string; readonly strategy: Strategy | null }[];
  readonly seed: number;
  /** Beyond so many machines a sample is simulated; 5,000 if it is not said. */
  readonly sampleMax?: number;
  /** Machines of the whole fleet, by site and by role: what shares in budgets are shares of. Only the devices, if not said. */
  readonly fleet?: { readonly site: (site: string) => number; readonly role: (role: string) => number };
  /** Who goes to machines that need somebody; one technician for 200 machines if it is not said. */
  readonly staff?: Staff;
  /** Do the steps restart the machine? Yes, if it is not said. */
  readonly restarts?: boolean;
}
export interface WhatIfAnswer {
  readonly strategy: string;
  readonly curve: z.infer<typeof CurvePoint>[];
  readonly half: number | null;
  readonly ninety: number | null;
  readonly ninetyNine: number | null;
  readonly because: string;
}

/** So many machines are simulated at most. */
const SAMPLE_MAX = 5_000;
/** The world is looked at every so many seconds: coarser than a controller looks, and many times as quick. */
const GRAIN = 15;
/** Machines that are down have been for some time when the plan begins. */
const BEGINS = 3_600;
const ZERO = at("2024-07-19T09:00:00Z");
/** Whoever only visits is watched for so long. */
const VISITS_SECONDS = 14 * 86_400;
/** A wave that is no more than this of the sample keeps its number: what its gate needs does not shrink with a sample. */
const KEPT_SHARE = 0.1;

/** One answer a strategy, in their order. Minutes count from the plan's start; all targets count, down or not. */
export function whatIf(question: WhatIfQuestion): readonly WhatIfAnswer[] {
  const { devices, strategies, seed } = question;
  if (devices.length === 0) return strategies.map(({ name }) => nothingToDo(name));
  const sampleMax = question.sampleMax ?? SAMPLE_MAX;
  const every = Math.max(1, devices.length / sampleMax);
  const sample = Array.from(
    { length: Math.min(devices.length, sampleMax) },
    (_, i) => devices[Math.floor(i * every)] as WhatIfDevice, // i * every is below the length
  );
  const draws = new Draws(seed);
  const placed = columnsOf(sample, draws, question, sample.length / devices.length);
  const columns = permuted(placed.columns, orderOf(placed.columns, new Habits(draws, placed.columns), draws, BEGINS));
  return strategies.map(({ name, strategy }) => {
    const share = sample.length / devices.length;
    const asked = { columns, sizes: placed.sizes, draws, question, share };
    return strategy === null
      ? answer(name, null, { ...asked, columns: allDown(columns) })
      : answer(name, share < 1 ? scaled(strategy, share, sample.length) : strategy, asked);
  });
}

interface Asked {
  readonly columns: MachineColumns;
  readonly sizes: { readonly site: Uint32Array; readonly role: Uint32Array };
  readonly draws: Draws;
  readonly question: WhatIfQuestion;
  readonly share: number;
}

function answer(
  name: string,
  strategy: Strategy | null,
  { columns, sizes, draws, question, share }: Asked,
): WhatIfAnswer {
  const { size } = columns;
  const horizon = BEGINS + (strategy === null ? VISITS_SECONDS : Math.ceil(strategy.validityMs / 1_000));
  const staff = question.staff ?? staffFor(question.devices.length);
  const waveSizes = strategy === null ? [] : wavesOf(strategy, columns).sizes;
  const { machines, stoppedBy, resumes } = courseOf({
    columns,
    waveSizes,
    sizes,
    strategy,
    nature: {
      restarts: question.restarts ?? true,
      worseShare: 0,
      staff: {
        ...staff,
        technicians: Math.max(1, Math.round(staff.technicians * (staff.each === "site" ? 1 : share))),
      },
    },
    draws,
    times: {
      begins: BEGINS,
      horizon,
      visitsFrom: BEGINS + staff.onTheirWayMinutes * 60,
      midnight: -9 * 3_600,
      grain: GRAIN,
    },
    zero: ZERO,
  });
  const returns = new Returns(horizon);
  for (const cured of machines.curedAt) if (cured > 0) returns.add(cured - 1 - BEGINS);
  const { curve, half, ninety, ninetyNine, recovered } = returns.measured(size);
  const of = share < 1 ? `A sample of ${size} of ${question.devices.length} machines: ` : "";
  const visited = machines.recoveredBy.visit;
  const parts = [
    `${of}${percent(recovered / size)} are back within ${strategy === null ? "two weeks" : "the plan's validity"}`,
    ...(visited > 0 ? [`${percent(visited / size)} after somebody went there (${staffWords(staff)})`] : []),
    ...(resumes > 0 ? [`it pauses ${resumes === 1 ? "once" : `${resumes} times`} for a person to look`] : []),
    ...(stoppedBy === null ? [] : ["it does not go through by itself"]),
  ];
  return { strategy: name, curve: [...curve], half, ninety, ninetyNine, because: `${parts.join("; ")}.` };
}

const percent = (share: number): string => `${Math.round(share * 1_000) / 10} %`;

export const staffFor = (machines: number): Staff => ({
  technicians: Math.max(1, Math.ceil(machines / 200)),
  each: "fleet",
  minutesAMachine: 20,
  hours: { from: 8, to: 18 },
  onTheirWayMinutes: 60,
});

function staffWords({ technicians, minutesAMachine, hours }: Staff): string {
  const who = technicians === 1 ? "one technician" : `${technicians} technicians`;
  const when = hours === null ? "day and night" : `from ${hours.from} to ${hours.to} o'clock`;
  return `taken for granted: ${who}, ${minutesAMachine} minutes a machine, ${when}`;
}

/** A machine that is up but carries the version needs its visit as well. */
function allDown(columns: MachineColumns): MachineColumns {
  return { ...columns, hurtAt: columns.hurtAt.map((second) => (second === 0 ? BEGINS : second)) };
}

function nothingToDo(strategy: string): WhatIfAnswer {
  const because = "There is no machine to bring back.";
  return { strategy, curve: [], half: null, ninety: null, ninetyNine: null, because };
}

/** Whoever recovers by itself has not been down for long, or it would be back. */
const hurtAt = (reach: keyof Reach, draws: Draws, machine: number): number =>
  BEGINS -
  (reach === "guardian"
    ? draws.between(0, 600, machine, DRAW.exposed)
    : draws.between(300, 3_300, machine, DRAW.exposed));

function columnsOf(
  devices: readonly WhatIfDevice[],
  draws: Draws,
  { fleet }: WhatIfQuestion,
  share: number,
): Pick<Asked, "columns" | "sizes"> {
  const sites = new Map<string, number>();
  const size = devices.length;
  const columns = {
    size,
    key: Uint32Array.from({ length: size }, (_, i) => i),
    site: new Uint32Array(size),
    role: new Uint8Array(size),
    rung: new Uint8Array(size),
    hurtAt: new Uint32Array(size),
  };
  const bySite: number[] = [];
  const byRole = new Uint32Array(DRILL_ROLES.length);
  for (const [i, { site, role, reach, isDown }] of devices.entries()) {
    const ofSite = sites.get(site) ?? sites.size;
    sites.set(site, ofSite);
    const ofRole = Math.max(0, (DRILL_ROLES as readonly string[]).indexOf(role));
    columns.site[i] = ofSite;
    columns.role[i] = ofRole;
    columns.rung[i] = RUNGS.indexOf(reach);
    if (isDown || reach !== "online") columns.hurtAt[i] = hurtAt(reach, draws, i) + 1;
    bySite[ofSite] = (bySite[ofSite] ?? 0) + 1;
    byRole[ofRole] = (byRole[ofRole] ?? 0) + 1;
  }
  if (fleet !== undefined) {
    const sampled = (count: number, least: number): number => Math.max(least, Math.round(count * share));
    for (const [site, number] of sites) bySite[number] = sampled(fleet.site(site), bySite[number] ?? 0);
    for (const [i, role] of DRILL_ROLES.entries()) byRole[i] = sampled(fleet.role(role), byRole[i] ?? 0);
  }
  return { columns: { ...columns, siteCount: sites.size }, sizes: { site: Uint32Array.from(bySite), role: byRole } };
}

/** Numbers of machines shrink with the sample, small waves apart; shares are shares of it already. */
function scaled(strategy: Strategy, share: number, sample: number): Strategy {
  const shrunk = (count: number): number => Math.max(1, Math.round(count * share));
  const shrunkOr = (wanted: CountOrShare): CountOrShare =>
    "count" in wanted ? { count: shrunk(wanted.count) } : wanted;
  const { budgets } = strategy;
  return {
    ...strategy,
    waves: strategy.waves.map(({ take, gate, ...wave }, i) => {
      const isKept = "count" in take && take.count <= sample * KEPT_SHARE && i < strategy.waves.length - 1;
      if (isKept) return { ...wave, take, gate };
      return {
        ...wave,
        take: takeOf(take, i === strategy.waves.length - 1, strategy.waves.length, shrunk),
        gate: { ...gate, sampleMin: shrunkOr(gate.sampleMin) },
      };
    }),
    budgets: {
      ...budgets,
      inFlightMax: shrunk(budgets.inFlightMax),
      ...(budgets.downMaxPerSite === undefined ? {} : { downMaxPerSite: shrunkOr(budgets.downMaxPerSite) }),
      ...(budgets.downMaxPerRole === undefined ? {} : { downMaxPerRole: shrunkOr(budgets.downMaxPerRole) }),
      sites: [],
      roles: budgets.roles.map(({ downMax, ...rest }) => ({ ...rest, downMax: shrunkOr(downMax) })),
    },
  };
}

type Take = Strategy["waves"][number]["take"];
function takeOf(take: Take, isLast: boolean, waves: number, shrunk: (count: number) => number): Take {
  if ("count" in take) return isLast ? { rest: true } : { count: shrunk(take.count) };
  if ("selector" in take) return isLast ? { rest: true } : { percent: 100 / waves };
  return take;
}
