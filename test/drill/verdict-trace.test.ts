/**
 * The drill detects as the controller does: the same machines, at the real orchestrator with its store and watch and in
 * the drill, make the detector hear the same, and lead to the same findings and incidents, to the last digit.
 */
import { expect, test } from "vitest";
import { createDetector } from "../../controller/detection/detector.ts";
import type { Scenario } from "../../controller/drill/outbreak.ts";
import { runOutbreak } from "../../controller/drill/run-outbreak.ts";
import { scenarioOf } from "../../controller/drill/scenarios.ts";
import { LiveVerdict } from "../support/live-verdict.ts";
import { noted, Notes } from "../support/noted-detector.ts";
import { mustBeSame } from "../support/same-trace.ts";
import { SaidWords } from "../support/said-words.ts";
import { DrillIncidents, findingLine, incidentLines } from "../support/verdict-trace.ts";

interface Changes {
  readonly push?: Partial<Scenario["push"]>;
  readonly harm?: Partial<Scenario["harm"]>;
}
function scenario(name: string, { push, harm }: Changes = {}): Scenario {
  const found = scenarioOf(name);
  if (found === undefined) throw new RangeError(`there is no scenario ${name}`);
  return { ...found, push: { ...found.push, ...push }, harm: { ...found.harm, ...harm } };
}

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const WARM_UP_MINUTES = 120;
const SERVERS = { sites: 60, classes: { server: 0.6, "always-on": 0.1, office: 0.2, mobile: 0.1 } };

test.each([
  {
    name: "a tenth of the machines crashes and comes back",
    one: scenario("all-crash", { harm: { share: 0.1 } }),
    shape: {},
    finds: ["suspect", "convicted"],
  },
  {
    name: "the kernel dies before anything is reported",
    one: scenario("instant-death"),
    shape: {},
    finds: ["suspect", "convicted"],
  },
  {
    name: "servers die and fall silent together",
    one: scenario("instant-death", { push: { minutes: 20 } }),
    shape: SERVERS,
    finds: ["mass-silence", "suspect", "convicted"],
  },
])(
  "the trace is the same at the controller where $name",
  async ({ one, shape, finds }) => {
    const words = new SaidWords();
    const [inDrill, atController] = [new Notes(), new Notes()];
    const incidents = new DrillIncidents();
    const { fleet } = runOutbreak({
      scenario: one,
      seed: 2,
      size: 1_000,
      shape: { sites: 20, ...shape },
      warmUpMinutes: WARM_UP_MINUTES,
      harmlessPerDay: 24,
      until: "horizon",
      horizonMinutes: 15,
      words,
      detector: (settings) => noted(createDetector(settings), inDrill),
      found: (findings, at) => incidents.hear([...words.versions.values()], findings, at),
    });
    const pushAt = (words.spoken[0]?.at ?? 0) + WARM_UP_MINUTES * MINUTE_MS;
    const endsAt = pushAt + 15 * MINUTE_MS;
    const events = await LiveVerdict.run({ columns: fleet, spoken: words.spoken, pushAt, endsAt }, atController);

    const versions = [...words.versions.values()];
    // The controller waits a second for what is still on its way: the last one it has not told yet.
    const traceOf = (notes: Notes, of: typeof events): readonly string[] => [
      ...notes.toldBy(endsAt - 2 * SECOND_MS),
      ...notes.findings.map((finding) => findingLine(versions, finding)),
      ...incidentLines(of),
    ];
    const kinds = inDrill.findings.map(({ kind }) => kind);
    for (const kind of finds) expect(kinds).toContain(kind);
    mustBeSame(traceOf(inDrill, incidents.events), traceOf(atController, events));
  },
  120_000,
);
