/** What processes of the bench are asked to play, and what they answer. */
import type { OutbreakOptions } from "../../../controller/drill/run-outbreak.ts";
import type { QuietOptions } from "../../../controller/drill/run-quiet-week.ts";

/** What a world is played from, without what cannot cross into a process. */
export type QuietJob = Omit<QuietOptions, "detector">;
export type OutbreakJob = Omit<OutbreakOptions, "detector">;

/** Times in minutes; where there was none, null. */
export interface OutbreakSummary {
  readonly seed: number;
  /** From the first crash to the verdict, to the incident, and from the last report to the verdict. */
  readonly verdictMinutes: number | null;
  readonly incidentMinutes: number | null;
  readonly verdictAfterReportSeconds: number | null;
  /** From the first report of a machine that was hurt until its version was named. */
  readonly namedAfterReportSeconds: number | null;
  readonly exposedAtVerdict: number;
  readonly exposedAtIncident: number;
  readonly reports: number;
  readonly acts: boolean;
  readonly wronged: number;
  readonly incidents: number;
  readonly convicted: readonly string[];
}

/** The cost of one world, in its own process. */
export interface Cost {
  readonly cpuSeconds: number;
  readonly events: number;
  readonly told: number;
  readonly rssBytes: number;
}
