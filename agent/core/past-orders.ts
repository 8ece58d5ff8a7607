/** What the journal tells of the orders before, for the rules about replay, generations and gaps. Pure. */
import { type Instant, later } from "../../protocol/time.ts";
import type { AdmissionFacts, SeenGeneration } from "./admission-facts.ts";
import { isDisruptive } from "./admission-time.ts";
import { elapsedMs } from "./elapsed.ts";
import type { Journal, OrderState } from "./journal.ts";

type Past = Pick<AdmissionFacts, "timeFloor" | "hasSeen" | "generationOf" | "attemptsOf" | "disruptedAt">;

export function pastOf(journal: Journal): Past {
  const orders = [...journal.orders.values()];
  const latest = (times: readonly Instant[]): Instant | undefined =>
    times.reduce<Instant | undefined>((last, time) => (last === undefined || time > last ? time : last), undefined);
  return {
    timeFloor: latest(orders.flatMap(({ issuedAt, freshAt }) => [issuedAt, freshAt])) ?? (0 as Instant),
    hasSeen: (digest) => orders.some((order) => order.digest === digest),
    generationOf: (source, era) =>
      orders
        .filter((order) => order.source === source && order.era === era)
        .reduce<SeenGeneration | undefined>(
          (seen, { generation, planId }) =>
            seen === undefined || generation > seen.generation ? { generation, planId } : seen,
          undefined,
        ),
    attemptsOf: (plan) => orders.filter(({ planId }) => planId === plan).length,
    disruptedAt: latest(orders.filter(hasDisturbed).map(({ freshAt, spans }) => later(freshAt, elapsedMs(spans)))),
  };
}

/** Did it begin a step that restarts the device or touches a service? */
const hasDisturbed = ({ steps }: OrderState): boolean =>
  steps.some(({ step, status }) => isDisruptive(step) && status !== "not-begun" && status !== "not-applicable");
