/** Carries out one command line of a drill. What is read and written comes from outside, so that a test can look at it. */
import { CommanderError } from "commander";
import type { Outbreak, Scenario } from "../outbreak.ts";
import { EXIT, UsageError } from "../../cli/errors.ts";
import { clean, table } from "../../cli/output.ts";
import { staffFor } from "../what-if.ts";
import type { Staff } from "../recovery/technicians.ts";
import { curvesSvg } from "./curves-svg.ts";
import { drillReport, type DrillWish } from "./drill-report.ts";
import { scenarioNamed, simulateCommand, type SimulateOptions } from "./options.ts";
import { reportText } from "./report-text.ts";
import { readStrategy } from "./strategy-file.ts";

interface Writing {
  write(text: string): unknown;
  readonly isTTY?: boolean;
}
export interface DrillSystem {
  readonly stdout: Writing;
  readonly stderr: Writing;
  readonly readFile: (path: string) => string;
  readonly writeFile: (path: string, text: string) => void;
  readonly scenarios: readonly Scenario[];
  readonly play: (wish: {
    readonly scenario: Scenario;
    readonly seed: number;
    readonly size: number;
    readonly hasProduct: boolean;
  }) => Outbreak;
}

type DrillExit = typeof EXIT.ok | typeof EXIT.error | typeof EXIT.usage;

/** Never throws: what went wrong is on stderr and in the exit code. */
export function run(args: readonly string[], system: DrillSystem): DrillExit {
  const { stderr } = system;
  const command = simulateCommand()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void system.stdout.write(text),
      writeErr: (text) => void stderr.write(text),
    });
  try {
    command.parse([...args], { from: "user" });
    carryOut(command.opts<SimulateOptions>(), system);
    return EXIT.ok;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage; // it has said why
    const message = error instanceof Error ? error.message : String(error);
    stderr.write(`${message.split("\n").map(clean).join("\n")}\n`);
    return error instanceof UsageError ? EXIT.usage : EXIT.error;
  }
}

function carryOut(options: SimulateOptions, system: DrillSystem): void {
  const { scenarios, stdout, stderr } = system;
  if (options.list) {
    const rows = scenarios.map(({ name, title }) => [name, title]);
    const items = scenarios.map(({ name, title, replays, isNegative }) => ({ name, title, replays, isNegative }));
    stdout.write(
      options.json ? `${JSON.stringify({ items }, null, 2)}\n` : `${table(["SCENARIO", "WHAT HAPPENS"], rows)}\n`,
    );
    return;
  }
  const wish = wishOf(options, system);
  const { scenario, seed, fleet } = wish;
  const tell = (what: string): void => {
    if (stderr.isTTY === true) stderr.write(`\u001b[2K\r${what} ...`);
  };
  const play = ({ hasProduct }: { readonly hasProduct: boolean }): Outbreak =>
    system.play({ scenario, seed, size: fleet, hasProduct });
  const report = strategyFits(() => drillReport(wish, play, tell));
  if (stderr.isTTY === true) stderr.write("\u001b[2K\r");
  if (options.svg !== undefined) {
    system.writeFile(options.svg, curvesSvg(report));
    stderr.write(`The curves are in ${options.svg}.\n`);
  }
  stdout.write(options.json ? `${JSON.stringify(report, null, 2)}\n` : `${reportText(report)}\n`);
}

function wishOf(options: SimulateOptions, system: DrillSystem): DrillWish {
  const { fleet, seed, badFix, strategy } = options;
  if (options.technicians !== undefined && options.techniciansPerSite !== undefined)
    throw new UsageError("Say --technicians or --technicians-per-site, not both.");
  const scenario = scenarioNamed(options.scenario, system.scenarios);
  return {
    scenario,
    fleet,
    seed,
    staff: staffOf(options),
    badFixShare: badFix,
    own: strategy === undefined ? null : { name: strategy, strategy: readStrategy(strategy, textOf(strategy, system)) },
  };
}

function staffOf({ fleet, technicians, techniciansPerSite, minutesAMachine }: SimulateOptions): Staff {
  const usual = { ...staffFor(fleet), minutesAMachine };
  if (techniciansPerSite !== undefined) return { ...usual, technicians: techniciansPerSite, each: "site" };
  return technicians === undefined ? usual : { ...usual, technicians };
}

function textOf(path: string, { readFile }: DrillSystem): string {
  try {
    return readFile(path);
  } catch (error) {
    throw new UsageError(`${path} could not be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** A strategy that leaves machines out is the person's to mend. */
function strategyFits<Value>(work: () => Value): Value {
  try {
    return work();
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(`The strategy does not fit this fleet. ${error.message}`);
    throw error;
  }
}
