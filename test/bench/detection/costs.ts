/** What detection and its simulation cost: July 2024 with every machine of it, and a live fleet of a million. */
import { scenarioOf } from "../../../controller/drill/scenarios.ts";
import type { Scenario } from "../../../controller/drill/outbreak.ts";
import type { BenchOptions, Figure } from "../bench.ts";
import { figure } from "../harness/figures.ts";
import { BenchProcess } from "../harness/processes.ts";
import type { Cost, OutbreakJob } from "./jobs.ts";
import type { RunCalls } from "./run-process.ts";
import { aFigure } from "./verdicts.ts";

/** A morning on which nothing happens but what always does, and a version on its way to all. */
const MORNING_MINUTES = 120;

export async function costFigures({ sizes, say }: BenchOptions): Promise<readonly Figure[]> {
  const { fleet = 0, live = 0, rounds = 0 } = sizes;
  const july = need("crowdstrike-2024");
  // The verdict stops nothing, so that every machine is exposed and crashes under the detector's eyes.
  const whole: OutbreakJob = {
    scenario: july,
    seed: 1,
    size: fleet,
    shape: shapeFor(fleet),
    stops: false,
    harmlessPerDay: 0,
  };
  const morning: OutbreakJob = {
    scenario: { ...need("console-down"), push: { minutes: 78, share: 1, hour: 7, withdrawnAfterMinutes: null } },
    seed: 1,
    size: live,
    shape: shapeFor(live),
    warmUpMinutes: 30,
    horizonMinutes: MORNING_MINUTES,
    until: "end",
  };
  say(`detection: July 2024 with ${fleet} machines`);
  const simulated = await alone(whole, true);
  const bare = await alone(whole, false);
  const usOf = ({ cpuSeconds, events }: Cost): number => (cpuSeconds * 1e6) / events;
  const samples: number[] = [];
  for (let round = 0; round < rounds; round++) {
    say(`detection: a morning of ${live} machines, round ${round + 1} of ${rounds}`);
    const without = await alone(morning, false);
    const watched = await alone(morning, true);
    samples.push(((watched.cpuSeconds - without.cpuSeconds) * 1e6) / without.told);
  }
  return [
    figure("simulated-event", "us", { ours: [usOf(simulated)], bare: [usOf(bare)] }),
    figure("july-2024-cpu", "s", { ours: [simulated.cpuSeconds], bare: [bare.cpuSeconds] }),
    aFigure("july-2024-events", "events", simulated.events, 1),
    figure("july-2024-memory", "GB", { ours: [simulated.rssBytes / 1e9], bare: [bare.rssBytes / 1e9] }),
    figure("live-event", "us", { ours: samples, bare: null }),
  ];
}

/** One world in a process of its own, which nothing has warmed up or filled. */
async function alone(job: OutbreakJob, watched: boolean): Promise<Cost> {
  await using process = new BenchProcess<RunCalls>(new URL("run-process.ts", import.meta.url));
  return await process.calls.cost(job, watched);
}

/** Sites of some hundred machines, as in the tables. */
const shapeFor = (size: number): { readonly sites: number } => ({ sites: Math.max(20, Math.round(size / 400)) });

function need(name: string): Scenario {
  const found = scenarioOf(name);
  if (found === undefined) throw new RangeError(`there is no scenario ${name}`);
  return found;
}
