/** The command line of a simulated drill, and what is wrong with it in words. */
import { Command, InvalidArgumentError } from "commander";
import type { Scenario } from "../outbreak.ts";
import { UsageError } from "../../cli/errors.ts";
import { nearest } from "./nearest.ts";

export interface SimulateOptions {
  readonly fleet: number;
  readonly scenario: string;
  readonly strategy?: string;
  readonly seed: number;
  readonly technicians?: number;
  readonly techniciansPerSite?: number;
  readonly minutesAMachine: number;
  readonly badFix: number;
  readonly json: boolean;
  readonly svg?: string;
  readonly list: boolean;
}

const FLEET = { least: 10, most: 10_000_000 } as const;

export const simulateCommand = (): Command =>
  new Command("simulate")
    .description(
      "Plays a faulty update through a fleet that exists only in memory, and its recovery under several strategies. Detection and rollout decide with the code that runs in production; no device is ever reached.",
    )
    .option("--fleet <machines>", `how many machines, ${FLEET.least} to ${FLEET.most}`, whole(FLEET), 10_000)
    .option("--scenario <name>", "what happens; --list shows all", "crowdstrike-2024")
    .option("--strategy <file>", "your strategy, YAML or JSON, instead of the one in stages")
    .option("--seed <number>", "the same seed gives the same drill", whole({ least: 0, most: 2 ** 31 - 1 }), 1)
    .option(
      "--technicians <number>",
      "people who go to machines; one for 200 machines if not said",
      whole({ least: 1, most: 1_000_000 }),
    )
    .option(
      "--technicians-per-site <number>",
      "so many at each site instead, who stay there",
      whole({ least: 1, most: 10_000 }),
    )
    .option("--minutes-a-machine <minutes>", "how long one visit takes", whole({ least: 1, most: 1_440 }), 20)
    .option("--bad-fix <share>", "the cure makes this share of the machines worse, 0 to 1", share, 0)
    .option("--svg <file>", "write the curves as a picture")
    .option("--json", "print one JSON document", false)
    .option("--list", "show the scenarios and stop", false)
    .addHelpText(
      "after",
      `
Exit codes: 0 done, 1 error, 2 usage.

Examples:
  npm run simulate -- --scenario crowdstrike-2024 --fleet 8500000
  npm run simulate -- --fleet 50000 --strategy ours.yaml --svg curves.svg
  npm run simulate -- --bad-fix 0.3
`,
    );

/** @throws UsageError with the names that could be meant */
export function scenarioNamed(name: string, scenarios: readonly Scenario[]): Scenario {
  const found = scenarios.find((scenario) => scenario.name === name);
  if (found !== undefined) return found;
  const meant = nearest(
    name,
    scenarios.map((scenario) => scenario.name),
  );
  const hint = meant.length === 0 ? "" : ` Did you mean ${meant.join(" or ")}?`;
  throw new UsageError(`There is no scenario "${name}".${hint} --list shows all.`);
}

function whole({ least, most }: { readonly least: number; readonly most: number }): (text: string) => number {
  return (text) => {
    const number = Number(text.replaceAll("_", ""));
    if (Number.isInteger(number) && number >= least && number <= most && text.trim() !== "") return number;
    throw new InvalidArgumentError(`Expected a whole number from ${least} to ${most}.`);
  };
}

function share(text: string): number {
  const number = Number(text);
  if (text.trim() !== "" && number >= 0 && number <= 1) return number;
  throw new InvalidArgumentError("Expected a share from 0 to 1, as 0.3.");
}
