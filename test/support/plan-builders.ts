/** A playbook, a strategy and a plan request that are good; name only what the test is about. */
import { PlanRequest } from "../../protocol/api.ts";
import { Playbook } from "../../protocol/playbook.ts";
import type { Gate, Strategy } from "../../protocol/strategy.ts";
import { Strategy as StrategySchema } from "../../protocol/strategy.ts";
import type { z } from "zod";
import { aVersion } from "./fleet-builders.ts";

export const aGate = (over: Partial<Gate> = {}): Gate => ({
  successShareMin: 0.9,
  failureShareMax: 0.1,
  sampleMin: { count: 1 },
  bakeMs: 0,
  deadlineMs: 3_600_000,
  ...over,
});

/** Quarantines version 2 of `aVersion`, restarts and waits until the boot is good. */
export const aPlaybook = (over: Partial<z.input<typeof Playbook>> = {}): Playbook =>
  Playbook.parse({
    name: "channel-7",
    title: "Take channel 7 back",
    source: aVersion(2).source,
    steps: [
      {
        kind: "quarantine-file",
        files: "C:\\Windows\\System32\\drivers\\Acme\\C-00000007-*.sys",
        where: { sha256: [aVersion(2).sha256] },
        filesMax: 2,
      },
      { kind: "reboot", noticeMs: 0 },
      { kind: "await-healthy", services: [], settleMs: 1_000, withinMs: 3_600_000 },
    ],
    ...over,
  });

/** One canary, then the rest. */
export const aStrategy = (over: Partial<z.input<typeof StrategySchema>> = {}): Strategy =>
  StrategySchema.parse({
    waves: [
      { name: "canary", take: { count: 1 }, gate: aGate() },
      { name: "rest", take: { rest: true }, gate: aGate() },
    ],
    budgets: { inFlightMax: 100 },
    patience: { offerMs: 300_000, silentMs: 600_000, orderMs: 7_200_000 },
    validityMs: 86_400_000,
    ...over,
  });

export const aPlanRequest = (over: Partial<z.input<typeof PlanRequest>> = {}): z.output<typeof PlanRequest> =>
  PlanRequest.parse({
    title: "Take 7-2 back",
    playbook: aPlaybook(),
    strategy: aStrategy(),
    devices: { all: true },
    ...over,
  });
