/** What the journal tells of the orders before, for the rules about replay, generations and gaps. Pure. */
import type { BootId } from "../../protocol/boot.ts";
import { type Instant, later } from "../../protocol/time.ts";
import type { AdmissionFacts, SeenGeneration } from "./admission-facts.ts";
import { isDisruptive } from "./admission-time.ts";
import { elapsedMs } from "./elapsed.ts";
import type { Journal, OrderState } from "./journal.ts";

type Past = Pick<
  AdmissionFacts,
  "timeFloor" | "hasSeen" | "generationOf" | "attemptsOf" | "disruptedAt" | "disruptedAgoMs"
>;

/** This moment, by the device's own clocks. */
export interface OwnTime {
  readonly bootId: BootId;
  readonly uptimeMs: number;
  readonly now: Instant;
}

/** The latest time that an online key has signed here: it is later than that. */
export const timeFloorOf = ({ orders }: Journal): Instant =>
  Math.max(0, ...[...orders.values()].flatMap(({ issuedAt, freshAt }) => [issuedAt, freshAt])) as Instant;

export function pastOf(journal: Journal, own: OwnTime): Past {
  const orders = [...journal.orders.values()];
  const disturbing = orders.filter(hasDisturbed);
  const latest = (times: readonly Instant[]): Instant | undefined =>
    times.reduce<Instant | undefined>((last, time) => (last === undefined || time > last ? time : last), undefined);
  return {
    timeFloor: timeFloorOf(journal),
    hasSeen: (digest) => orders.some((order) => order.digest === digest),
    generationOf: (source, era) =>
      orders
        .filter((order) => order.source === source && order.era === era)
        .reduce<SeenGeneration | undefined>(
          (seen, { generation, planId, statement }) =>
            seen === undefined || generation > seen.generation ? { generation, planId, statement } : seen,
          undefined,
        ),
    attemptsOf: (plan) => orders.filter(({ planId }) => planId === plan).length,
    disruptedAt: latest(disturbing.map(({ freshAt, spans }) => later(freshAt, elapsedMs(spans)))),
    disruptedAgoMs: disturbing.length === 0 ? undefined : Math.min(...disturbing.map((order) => agoMs(order, own))),
  };
}

/** Within a boot by up-time. Over boots nobody knows how long the machine was off but the wall clock. */
function agoMs({ spans, lastAt }: OrderState, { bootId, uptimeMs, now }: OwnTime): number {
  const span = spans.get(bootId);
  return span === undefined ? Math.max(uptimeMs, now - lastAt) : uptimeMs - span.toMs;
}

/** Did it begin a step that restarts the device or touches a service? */
const hasDisturbed = ({ steps }: OrderState): boolean =>
  steps.some(({ step, status }) => isDisruptive(step) && status !== "not-begun" && status !== "not-applicable");
