/**
 * `npm run bench -- NAME [--json] [--check] [--small] [--SIZE N]`.
 *
 * Figures go to stdout, everything else to stderr: `--json` can be piped into a program.
 */
import { parseArgs } from "node:util";
import type { Bench } from "./bench.ts";
import { BENCHES } from "./benches.ts";
import { misses } from "./harness/check.ts";
import { circumstances, listing, table } from "./harness/report.ts";

const USAGE = `Usage: npm run bench -- NAME [--json] [--check] [--small] [--SIZE N]

  --json    an array of {metric, unit, ours, bare, ratio, rounds} on stdout
  --check   compares with the budgets and exits with 1 if one is missed
  --small   the sizes that npm test uses: the same work, figures that mean nothing
`;

const say = (line: string): void => void process.stderr.write(`${line}\n`);

function sizesOf({ sizes }: Bench, given: Readonly<Record<string, unknown>>): Record<string, number> {
  const chosen: Record<string, number> = {};
  for (const { name, full, small } of sizes) {
    const text = given[name];
    const value = typeof text === "string" ? Number(text) : given["small"] === true ? small : full;
    if (!Number.isSafeInteger(value) || value < 1) throw new RangeError(`--${name} takes a whole number from 1 on`);
    chosen[name] = value;
  }
  return chosen;
}

async function main(): Promise<number> {
  const [name = "--help", ...args] = process.argv.slice(2);
  const bench = BENCHES.find((candidate) => candidate.name === name);
  if (bench === undefined) {
    const isHelp = name === "--help" || name === "-h";
    if (!isHelp) say(`There is no bench "${name}".`);
    process.stdout.write(`${USAGE}\n${listing(BENCHES)}\n`);
    return isHelp ? 0 : 2;
  }
  const flag = { type: "boolean" } as const;
  const sizeOptions = Object.fromEntries(bench.sizes.map((size) => [size.name, { type: "string" } as const]));
  const { values } = parseArgs({ args, options: { json: flag, check: flag, small: flag, help: flag, ...sizeOptions } });
  if (values.help === true) {
    process.stdout.write(`${USAGE}\n${listing([bench])}\n`);
    return 0;
  }
  const figures = await bench.run({ sizes: sizesOf(bench, values), say });
  if (values.json === true) process.stdout.write(`${JSON.stringify(figures)}\n`);
  else {
    const command = `npm run bench -- ${[name, ...args].join(" ")}`;
    process.stdout.write(`\n${table(bench, figures)}\n\n${circumstances(command)}\n`);
  }
  if (values.check !== true) return 0;
  const missed = misses(figures, bench.budgets);
  for (const line of missed) say(`missed: ${line}`);
  return missed.length === 0 ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  say(error instanceof Error ? (error.stack ?? error.message) : String(error));
  process.exitCode = 2;
}
