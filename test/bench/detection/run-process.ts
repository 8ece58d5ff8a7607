/** Plays simulated worlds for the bench, one after the other, and answers with what came of them. */
import { createDetector } from "../../../controller/detection/detector.ts";
import { runOutbreak } from "../../../controller/drill/run-outbreak.ts";
import { type QuietRun, runQuietWeek } from "../../../controller/drill/run-quiet-week.ts";
import { answerParent } from "../harness/processes.ts";
import { cpuUs } from "../harness/usage.ts";
import { counting } from "./counting-detector.ts";
import type { Cost, OutbreakJob, OutbreakSummary, QuietJob } from "./jobs.ts";

const calls = {
  quiet: (job: QuietJob): Promise<QuietRun> => Promise.resolve(runQuietWeek(job)),

  outbreak(job: OutbreakJob): Promise<OutbreakSummary> {
    const played = runOutbreak(job);
    const { firstCrash, incident, verdict } = played.moments;
    const between = (from: number | null, to: number | null, unitMs: number): number | null =>
      from === null || to === null ? null : (to - from) / unitMs;
    return Promise.resolve({
      seed: played.seed,
      verdictMinutes: between(firstCrash, verdict, 60_000),
      incidentMinutes: between(firstCrash, incident, 60_000),
      verdictAfterReportSeconds: between(played.lastReport, verdict, 1_000),
      namedAfterReportSeconds: between(played.firstReport, played.suspected, 1_000),
      exposedAtVerdict: played.exposedAtVerdict / played.fleet.size,
      exposedAtIncident: played.exposedAtIncident / played.fleet.size,
      reports: played.reportsAtVerdict,
      acts: played.acts !== null,
      wronged: played.wronged.length,
      incidents: incident === null ? 0 : 1,
      convicted: played.convicted,
    });
  },

  /** @param watched false: by a detector that only counts what it is told */
  cost(job: OutbreakJob, watched: boolean): Promise<Cost> {
    const told = { count: 0 };
    const began = cpuUs();
    const played = runOutbreak({ ...job, detector: watched ? createDetector : () => counting(told) });
    const cpuSeconds = (cpuUs() - began) / 1e6;
    return Promise.resolve({
      cpuSeconds,
      events: played.events,
      told: told.count,
      rssBytes: process.memoryUsage.rss(),
    });
  },
};

export type RunCalls = typeof calls;

answerParent(calls);
