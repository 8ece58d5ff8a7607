/** How fast a faulty version is convicted, and how far it has come by then: the cases of the tables, each with many seeds. */
import type { Scenario } from "../../../controller/drill/outbreak.ts";
import type { OutbreakOptions } from "../../../controller/drill/run-outbreak.ts";
import { SCENARIOS, scenarioOf } from "../../../controller/drill/scenarios.ts";
import type { Figure } from "../bench.ts";
import { percentile } from "../harness/timing.ts";
import type { Crew } from "./crew.ts";
import type { OutbreakJob, OutbreakSummary } from "./jobs.ts";

export interface Table {
  readonly crew: Crew;
  readonly seeds: number;
  readonly devices: number;
  readonly say: (line: string) => void;
}

/** With what stands for a verdict that never came: the end of the world. */
const NEVER_MINUTES = 100_000;

export function aFigure(metric: string, unit: string, ours: number, rounds: number): Figure {
  return { metric, unit, ours: Number(ours.toPrecision(4)), bare: null, ratio: null, rounds };
}

export function scenario(
  name: string,
  changes: { readonly push?: object; readonly harm?: object; readonly liars?: Scenario["liars"] },
): Scenario {
  const found = scenarioOf(name);
  if (found === undefined) throw new RangeError(`there is no scenario ${name}`);
  const { liars = found.liars } = changes;
  const changed = { ...found, push: { ...found.push, ...changes.push }, harm: { ...found.harm, ...changes.harm } };
  return liars === undefined ? changed : { ...changed, liars };
}

export async function play(
  { crew, seeds, devices, say }: Table,
  what: string,
  one: Scenario,
  more: Partial<OutbreakOptions> = {},
): Promise<readonly OutbreakSummary[]> {
  const { detector: _, ...options } = more;
  const jobs = Array.from({ length: seeds }, (_none, index): OutbreakJob => {
    return { scenario: one, seed: index + 1, size: devices, until: "verdict", ...options };
  });
  const results = await crew.outbreaks(jobs);
  const minutes = results.map(({ verdictMinutes }) => verdictMinutes?.toFixed(1) ?? "-").join(" ");
  say(`detection: ${what}: minutes to the verdict: ${minutes}`);
  return results;
}

export const p95 = (values: readonly (number | null)[]): number =>
  percentile(
    values.map((value) => value ?? NEVER_MINUTES),
    0.95,
  );
export const wrongs = (results: readonly OutbreakSummary[]): number =>
  results.filter(({ wronged }) => wronged > 0).length;

/** First crash to verdict, and exposed at the verdict, at the 95th percentile. */
function pace(name: string, results: readonly OutbreakSummary[]): Figure[] {
  const { length } = results;
  return [
    aFigure(`${name}-minutes`, "min", p95(results.map(({ verdictMinutes }) => verdictMinutes)), length),
    aFigure(`${name}-exposed`, "%", 100 * p95(results.map(({ exposedAtVerdict }) => exposedAtVerdict)), length),
    aFigure(`${name}-wronged`, "runs", wrongs(results), length),
  ];
}

export async function verdictFigures(table: Table): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  for (const [arrival, minutes] of Object.entries({ "78min": 78, "24h": 1_440 })) {
    for (const [name, share] of Object.entries({ all: 1, "10pc": 0.1, "2pc": 0.02, "0.5pc": 0.005 })) {
      const one = scenario("all-crash", { push: { minutes }, harm: { share } });
      const results = await play(table, `${name} crash, ${arrival}`, one);
      figures.push(...pace(`${name}-${arrival}`, results));
      if (name !== "all" || minutes !== 78) continue;
      const { length } = results;
      figures.push(aFigure("usable-reports", "reports", p95(results.map(({ reports }) => reports)), length));
      const after = results.map(({ verdictAfterReportSeconds }) => verdictAfterReportSeconds);
      figures.push(aFigure("verdict-after-report", "s", p95(after), length));
    }
  }
  const others = {
    "one-model-7pc": ["one-model", 0.07],
    "one-model-3pc": ["one-model", 0.03],
    twins: ["twins", null],
    "crash-again": ["crash-again", null],
  } as const;
  for (const [name, [base, modelShare]] of Object.entries(others)) {
    figures.push(...pace(name, await play(table, name, scenario(base, { harm: { modelShare } }))));
  }
  return figures;
}

export async function instantFigures(table: Table): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  const cases = {
    "instant-30pc": { networkShare: 0.3, recoveryShare: 0.05 },
    "instant-3pc": { networkShare: 0.03, recoveryShare: 0.05 },
    "instant-winre": { networkShare: 0, recoveryShare: 0.05 },
    "instant-night": { networkShare: 0.3, recoveryShare: 0.05 },
  };
  for (const [name, loops] of Object.entries(cases)) {
    const isNight = name === "instant-night";
    const one = scenario("instant-death", { harm: { loops }, push: { hour: isNight ? 2 : 10 } });
    const results = await play(table, name, one, isNight ? { shape: { zones: [0] } } : {});
    const { length } = results;
    const seconds = results.map(({ incidentMinutes }) => (incidentMinutes === null ? null : incidentMinutes * 60));
    figures.push(
      ...pace(name, results),
      aFigure(`${name}-incident-seconds`, "s", p95(seconds), length),
      aFigure(
        `${name}-incident-exposed`,
        "%",
        100 * p95(results.map(({ exposedAtIncident }) => exposedAtIncident)),
        length,
      ),
      aFigure(
        `${name}-named-after-report`,
        "s",
        p95(results.map(({ namedAfterReportSeconds }) => namedAfterReportSeconds)),
        length,
      ),
    );
  }
  for (const [name, share] of Object.entries({ "two-hours-all": 1, "two-hours-10pc": 0.1 })) {
    figures.push(...pace(name, await play(table, name, scenario("two-hours-after", { harm: { share } }))));
  }
  return figures;
}

export async function liarFigures(table: Table): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  const liars = { share: 0.05, kind: "random" } as const;
  for (const [name, share] of Object.entries({ "liars-10pc": 0.1, "liars-2pc": 0.02 })) {
    const honest = await play(table, `${share * 100} % crash, nobody lies`, scenario("all-crash", { harm: { share } }));
    const lied = await play(table, `${share * 100} % crash, liars`, scenario("all-crash", { harm: { share }, liars }));
    const middle = (results: readonly OutbreakSummary[]): number =>
      percentile(
        results.map(({ verdictMinutes }) => verdictMinutes ?? NEVER_MINUTES),
        0.5,
      );
    figures.push(...pace(name, lied), aFigure(`${name}-late`, "x", middle(lied) / middle(honest), lied.length));
  }
  const harmless = await play(table, "nothing is faulty, liars", scenario("console-down", { liars }), {
    horizonMinutes: 400,
  });
  figures.push(aFigure("liars-harmless-wrong", "share", wrongs(harmless) / harmless.length, harmless.length));
  const frame = await play(table, "a coordinated frame", scenario("frame", {}));
  figures.push(aFigure("frame-acts", "runs", frame.filter(({ acts }) => acts).length, frame.length));
  figures.push(
    aFigure("frame-proposes", "runs", frame.filter(({ convicted }) => convicted.length > 0).length, frame.length),
  );
  return figures;
}

export async function negativeFigures(table: Table): Promise<readonly Figure[]> {
  let wrong = 0;
  let incidents = 0;
  let runs = 0;
  for (const one of SCENARIOS.filter(({ isNegative, name }) => isNegative && name !== "frame")) {
    const results = await play(table, one.name, one);
    wrong += wrongs(results);
    incidents += results.reduce((sum, result) => sum + result.incidents, 0);
    runs += results.length;
  }
  return [aFigure("negatives-wronged", "runs", wrong, runs), aFigure("negatives-incidents", "runs", incidents, runs)];
}
