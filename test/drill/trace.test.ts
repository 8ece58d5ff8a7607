/**
 * The drill decides as the controller does: the same machines, at the real orchestrator with its store and mailboxes and
 * in the drill, leave the same trace of events and device rows, to the last letter.
 */
import { expect, test } from "vitest";
import { courseOf } from "../../controller/drill/recovery/course.ts";
import { planRecovery, type RecoveryOptions } from "../../controller/drill/recovery/simulate-recovery.ts";
import { stagedStrategy } from "../../controller/drill/strategies.ts";
import { later } from "../../protocol/time.ts";
import { anOutbreak } from "../support/an-outbreak.ts";
import { NOON } from "../support/fleet-builders.ts";
import { LiveRecovery, SETTLED_MS } from "../support/live-recovery.ts";
import { mustBeSame } from "../support/same-trace.ts";

const options = (over: Partial<RecoveryOptions>): RecoveryOptions => ({
  name: "in stages",
  strategy: (targets) => stagedStrategy(targets).strategy,
  staff: { technicians: 20, each: "fleet", minutesAMachine: 20, hours: null, onTheirWayMinutes: 30 },
  seed: 11,
  approvalMinutes: 10,
  badFixShare: 0,
  ...over,
});

const HOUR = 3_600;

test.each([
  { name: "of a thousand machines", size: 1_000, over: {}, wish: {}, hours: 8, kinds: ["wave-opened", "completed"] },
  {
    name: "of a cure that makes half the machines worse",
    size: 120,
    over: { badFixShare: 0.5 },
    wish: { reach: { online: 0.6, moments: 0.4, guardian: 0, visit: 0 } },
    hours: 6,
    kinds: ["halted"],
  },
  {
    name: "of a canary that nobody can reach",
    size: 60,
    over: {},
    wish: { hurtShare: 1, reach: { online: 0, moments: 0, guardian: 0.1, visit: 0.9 } },
    hours: 24,
    kinds: ["paused", "resumed"],
  },
])(
  "the trace $name is the same at the controller",
  async ({ size, over, wish, hours, kinds }) => {
    const outbreak = anOutbreak({ size, hurtShare: 0.7, ...wish });
    const { input } = planRecovery(outbreak, options(over));
    const { columns, times } = input;
    const sizes = { site: new Uint32Array(columns.siteCount), role: new Uint32Array(6) };
    for (const site of columns.site) sizes.site[site] = (sizes.site[site] ?? 0) + 1;
    for (const role of columns.role) sizes.role[role] = (sizes.role[role] ?? 0) + 1;
    // The controller of the test knows the machines of the plan, and has known them for an hour when it begins.
    const alike = {
      ...input,
      sizes,
      zero: later(NOON, SETTLED_MS - times.begins * 1_000),
      times: { ...times, horizon: times.begins + hours * HOUR, grain: 10 },
    };
    const drill: string[] = [];
    courseOf({ ...alike, trace: (line) => void drill.push(line) });
    const live = await LiveRecovery.run(alike);
    for (const kind of kinds) expect(drill.some((line) => line.includes(`"kind":"${kind}"`))).toBe(true);
    mustBeSame(drill, live);
  },
  120_000,
);
