/** One drill from the first exposure to the last machine, under every strategy. Pure but for the time it takes. */
import type { Strategy } from "../../../protocol/strategy.ts";
import type { Outbreak, Scenario } from "../outbreak.ts";
import { type Recovery, type RecoveryOptions, simulateRecovery } from "../recovery/simulate-recovery.ts";
import type { Staff } from "../recovery/technicians.ts";
import { carefulStrategy, onceStrategy, stagedStrategy } from "../strategies.ts";

export interface DrillWish {
  readonly scenario: Scenario;
  readonly fleet: number;
  readonly seed: number;
  readonly staff: Staff;
  readonly badFixShare: number;
  /** Somebody's own, with the name of its file. */
  readonly own: { readonly name: string; readonly strategy: Strategy } | null;
}

interface Exposure {
  readonly exposed: number;
  readonly hurt: number;
}

export interface DrillReport {
  readonly schema: "ringback.drill/1";
  readonly scenario: Pick<Scenario, "name" | "title" | "replays" | "isNegative">;
  readonly assumptions: readonly string[];
  readonly fleet: number;
  readonly seed: number;
  readonly staff: Staff;
  readonly badFixShare: number;
  /** Minutes from the first exposure; null: never. */
  readonly minutes: { readonly [Moment in keyof Outbreak["moments"]]: number | null };
  readonly convicted: readonly string[];
  readonly atIncident: Exposure | null;
  readonly atVerdict: Exposure | null;
  readonly inTheEnd: Exposure;
  /** The same push where nobody watches. */
  readonly withoutProduct: Exposure;
  /** The strategy that was asked for first, "no product" last. Empty where nothing was hurt. */
  readonly recoveries: readonly Recovery[];
  readonly events: number;
}

/** Plays the first half; the command brings the real one, a test may bring a small one. */
export type PlayOutbreak = (wish: { readonly hasProduct: boolean }) => Outbreak;
export type Tell = (what: string) => void;

const APPROVAL_MINUTES = 10;
const OUR_ASSUMPTIONS = [
  "the content is held on every machine ten seconds after the verdict: a rule lets the controller act, or somebody signs at once",
  "a plan begins 10 minutes after the verdict; where nothing is convicted, people find out an hour after they noticed",
  "8 % of the machines that are well are away at first, for up to 12 hours; 0.5 % of the orders fail and need a visit",
  "a restart takes 1.5 to 5 minutes, and a machine counts as back 1 to 3 minutes after it",
  "moments of network come after 4 minutes, then ever more rarely, at last once an hour",
  "the guardian needs 10 to 25 minutes from the crash",
  "no product: people know what to do two hours after the first crash; one restart in twenty brings a machine back that has moments of network",
];

export function drillReport(wish: DrillWish, play: PlayOutbreak, tell: Tell): DrillReport {
  const { scenario, fleet, seed } = wish;
  tell(`watching ${fleet.toLocaleString("en")} machines until it is halted`);
  const outbreak = play({ hasProduct: true });
  const strategies: (Pick<RecoveryOptions, "name" | "strategy"> & { strategy: (targets: number) => Strategy })[] = [
    ...(wish.own === null ? [] : [{ name: wish.own.name, strategy: always(wish.own.strategy) }]),
    { name: "in stages", strategy: (targets) => stagedStrategy(targets).strategy },
    { name: "all at once", strategy: (targets) => onceStrategy(targets).strategy },
    { name: "slow and careful", strategy: (targets) => carefulStrategy(targets).strategy },
  ];
  const inTheEnd = countsOf(outbreak);
  const common = { staff: wish.staff, seed, approvalMinutes: APPROVAL_MINUTES, badFixShare: wish.badFixShare };
  const isCurable = scenario.playbook !== null;
  const recoveries: Recovery[] = [];
  if (inTheEnd.hurt > 0) {
    for (const { name, strategy } of isCurable ? strategies : strategies.slice(0, 1)) {
      tell(`recovery: ${isCurable ? name : "visits only"}`);
      recoveries.push(simulateRecovery(outbreak, { ...common, name: isCurable ? name : "visits only", strategy }));
    }
  }
  const watched = { minutes: minutesOf(outbreak), convicted: outbreak.convicted, events: outbreak.events };
  const atIncident = exposureAt(outbreak.moments.incident, outbreak.exposedAtIncident, outbreak.hurtAtIncident);
  const atVerdict = exposureAt(outbreak.moments.verdict, outbreak.exposedAtVerdict, outbreak.hurtAtVerdict);

  tell("the same push where nobody watches");
  const unwatched = play({ hasProduct: false });
  const withoutProduct = countsOf(unwatched);
  if (withoutProduct.hurt > 0) {
    tell("recovery: no product");
    recoveries.push(simulateRecovery(unwatched, { ...common, badFixShare: 0, name: "no product", strategy: null }));
  }
  const { name, title, replays, isNegative } = scenario;
  return {
    schema: "ringback.drill/1",
    scenario: { name, title, replays, isNegative },
    assumptions: [...scenario.assumptions, ...OUR_ASSUMPTIONS],
    fleet,
    seed,
    staff: wish.staff,
    badFixShare: wish.badFixShare,
    ...watched,
    atIncident,
    atVerdict,
    inTheEnd,
    withoutProduct,
    recoveries,
    events: recoveries.reduce((sum, { events }) => sum + events, watched.events + unwatched.events),
  };
}

const always = (strategy: Strategy) => (): Strategy => strategy;

const exposureAt = (moment: number | null, exposed: number, hurt: number): Exposure | null =>
  moment === null ? null : { exposed, hurt };

function countsOf({ exposedAt, hurtAt }: Outbreak): Exposure {
  let [exposed, hurt] = [0, 0];
  for (const at of exposedAt) if (at > 0) exposed += 1;
  for (const at of hurtAt) if (at > 0) hurt += 1;
  return { exposed, hurt };
}

function minutesOf({ moments }: Outbreak): DrillReport["minutes"] {
  const minutes = (ms: number | null): number | null => (ms === null ? null : Math.round(ms / 600) / 100);
  const { firstCrash, incident, verdict, halt, closed } = moments;
  return {
    firstCrash: minutes(firstCrash),
    incident: minutes(incident),
    verdict: minutes(verdict),
    halt: minutes(halt),
    closed: minutes(closed),
  };
}
