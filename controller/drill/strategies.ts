/**
 * The strategies that a drill compares, sized to the fleet. Data, like those that people write: each is one that
 * `Strategy` accepts.
 *
 * The canary bakes for longer than a machine may be silent, so that a cure from which machines do not come back is seen
 * before the next wave opens; that is the whole point of it.
 */
import { Strategy } from "../../protocol/strategy.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

export interface NamedStrategy {
  readonly name: string;
  readonly because: string;
  readonly strategy: Strategy;
}

const PATIENCE = { offerMs: 10 * MINUTE, silentMs: 15 * MINUTE, orderMs: 2 * HOUR } as const;

/** @param size machines of the plan */
export function stagedStrategy(size: number): NamedStrategy {
  const canary = Math.min(200, Math.max(1, Math.ceil(size / 100)));
  const gate = { successShareMin: 0.9, failureShareMax: 0.1, sampleMin: { share: 0.3 }, deadlineMs: 4 * HOUR };
  return {
    name: "in stages",
    because: `${canary === 1 ? "One machine" : `${canary} machines`} first, watched for 20 minutes; then 5 %, 25 % and the rest, each after its gate.`,
    strategy: Strategy.parse({
      waves: [
        { name: "canary", take: { count: canary }, gate: { ...gate, bakeMs: 20 * MINUTE } },
        { name: "early", take: { percent: 5 }, gate: { ...gate, bakeMs: 20 * MINUTE } },
        { name: "broad", take: { percent: 25 }, gate: { ...gate, bakeMs: 5 * MINUTE } },
        { name: "rest", take: { rest: true }, gate: { ...gate, bakeMs: 5 * MINUTE, deadlineMs: 24 * HOUR } },
      ],
      budgets: {
        inFlightMax: Math.max(20, Math.ceil(size / 4)),
        downMaxPerSite: { share: 0.2 },
        roles: [{ role: "domain-controller", downMax: { share: 0.1 } }],
      },
      patience: PATIENCE,
      validityMs: 14 * 24 * HOUR,
    }),
  };
}

export function onceStrategy(size: number): NamedStrategy {
  const gate = { successShareMin: 0.5, failureShareMax: 0.5, sampleMin: { share: 0.3 }, bakeMs: 0 };
  return {
    name: "all at once",
    because:
      "One wave, no canary, no budgets: the fastest when the cure is good, and nothing stands in the way of a bad one.",
    strategy: Strategy.parse({
      waves: [{ name: "all", take: { rest: true }, gate: { ...gate, deadlineMs: 24 * HOUR } }],
      budgets: { inFlightMax: Math.max(1, size) },
      patience: PATIENCE,
      validityMs: 14 * 24 * HOUR,
    }),
  };
}

export function carefulStrategy(size: number): NamedStrategy {
  const gate = { successShareMin: 0.95, failureShareMax: 0.05, sampleMin: { share: 0.3 }, bakeMs: HOUR };
  const wave = (name: string, take: object) => ({ name, take, gate: { ...gate, deadlineMs: 12 * HOUR } });
  return {
    name: "slow and careful",
    because: "Six waves, an hour of watching after each, few machines down at a site and of a role.",
    strategy: Strategy.parse({
      waves: [
        wave("canary", { count: Math.min(50, Math.max(1, Math.ceil(size / 200))) }),
        wave("1 per cent", { percent: 1 }),
        wave("5 per cent", { percent: 4 }),
        wave("20 per cent", { percent: 15 }),
        wave("half", { percent: 30 }),
        wave("rest", { rest: true }),
      ],
      budgets: {
        inFlightMax: Math.max(10, Math.ceil(size / 20)),
        downMaxPerSite: { share: 0.05 },
        downMaxPerRole: { share: 0.2 },
        roles: [{ role: "domain-controller", downMax: { share: 0.05 } }],
      },
      patience: PATIENCE,
      validityMs: 14 * 24 * HOUR,
    }),
  };
}

/** The one that is meant first; the others to compare it with. */
export const ownStrategies = (size: number): readonly NamedStrategy[] => [
  stagedStrategy(size),
  onceStrategy(size),
  carefulStrategy(size),
];
