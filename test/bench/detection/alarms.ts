/** Weeks on which nothing is faulty: how often an alarm is false. */
import { outagesTimes } from "../../../controller/drill/world-of-scenario.ts";
import type { Figure } from "../bench.ts";
import type { Crew } from "./crew.ts";
import type { QuietJob } from "./jobs.ts";
import { aFigure } from "./verdicts.ts";

export interface Weeks {
  readonly crew: Crew;
  readonly weeks: number;
  readonly outageWeeks: number;
  /** Fleets that are watched for three weeks, so that what is learnt is known. */
  readonly settled: number;
  readonly days: number;
  readonly devices: number;
  readonly say: (line: string) => void;
}

export async function alarmFigures({
  crew,
  weeks,
  outageWeeks,
  settled,
  days,
  devices,
  say,
}: Weeks): Promise<readonly Figure[]> {
  const jobs = (count: number, firstSeed: number, more: Partial<QuietJob>): QuietJob[] =>
    Array.from({ length: count }, (_, index) => ({ seed: firstSeed + index, days, shape: { size: devices }, ...more }));
  const told = (what: string, of: number) => (count: number) => {
    if (count % 20 === 0) say(`detection: ${what}: ${count} of ${of}`);
  };
  const quiet = await crew.quiet(jobs(weeks, 1, {}), told("weeks with nothing wrong", weeks));
  const outages = await crew.quiet(
    jobs(outageWeeks, 10_001, { trouble: outagesTimes(5) }),
    told("weeks with five times the outages", outageWeeks),
  );
  const learnt = await crew.quiet(
    jobs(settled, 30_001, { days: 21 }),
    told("settled fleets with nothing wrong", settled),
  );
  for (const run of [...quiet, ...outages, ...learnt].filter(({ incidents }) => incidents > 0)) {
    say(
      `detection: false alarm: seed ${run.seed}: ${run.massSilences} mass silences, convicted ${run.convicted.join(", ")}`,
    );
  }
  const sum = (of: (run: (typeof quiet)[number]) => number, runs = quiet): number =>
    runs.reduce((total, run) => total + of(run), 0);
  const suspectedOf = (runs: typeof quiet): number =>
    (100 * sum(({ suspected }) => suspected, runs)) /
    Math.max(
      1,
      sum(({ versions }) => versions, runs),
    );
  return [
    aFigure(
      "quiet-halts",
      "halts",
      sum(({ halts }) => halts),
      quiet.length,
    ),
    aFigure(
      "quiet-incidents",
      "incidents",
      sum(({ incidents }) => incidents),
      quiet.length,
    ),
    aFigure("quiet-suspected", "% of versions", suspectedOf(quiet), quiet.length),
    aFigure("quiet-e-max", "E", Math.max(...quiet.map(({ eMax }) => eMax)), quiet.length),
    aFigure(
      "settled-incidents",
      "incidents",
      sum(({ incidents }) => incidents, learnt),
      learnt.length,
    ),
    aFigure("settled-suspected", "% of versions", suspectedOf(learnt), learnt.length),
    aFigure(
      "outages-wrong",
      "incidents",
      sum(({ incidents }) => incidents, outages),
      outages.length,
    ),
  ];
}
