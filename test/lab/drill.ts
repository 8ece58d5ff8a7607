/**
 * `npm run drill`: the main job from beginning to end, on machines in folders with real agent processes.
 *
 * Exits 0 only if every machine that could be reached recovered, none that could not did, and nothing else was touched.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Account } from "./account.ts";
import { makeAgentProgram } from "./agent-program.ts";
import { CROWD_MAX } from "./crowd/plan.ts";
import type { DrillDocument } from "./document.ts";
import { MACHINES_MAX, MACHINES_MIN } from "./fleet.ts";
import { startLabClock } from "./lab-clock.ts";
import { choosePace, FASTEST } from "./pace.ts";
import { Programs } from "./programs.ts";
import { isSabotage, SABOTAGE, type Sabotage } from "./sabotage.ts";
import { runDrill } from "./scenario.ts";

const HELP = `Usage: npm run drill [-- --machines 24 --crowd 500 --seed 1 --json --keep --bad-fix --sabotage MODE]

Starts a controller and a lab of machines in folders with real agents, joined by simulated ones that enrol and speak
as real ones do, and lets a made-up vendor send a faulty content file. The controller notices, convicts it, opens an
incident and proposes a plan; people approve that, and it is carried out in waves. Machines that never get a moment of
network stay down and are reported so. Takes a minute or two.

  --machines N      ${MACHINES_MIN} to ${MACHINES_MAX}; 24 unless given
  --crowd N         simulated machines besides, up to ${CROWD_MAX}; 500 unless given
  --seed N          the same seed gives the same fleet, disks and deaths; 1 unless given
  --json            nothing but one JSON document at the end, on standard output
  --keep            leave the machines' folders, the logs and the database, and say where
  --bad-fix         the plan that is approved makes machines worse: it must end at the canary
  --sabotage MODE   spoil the drill on purpose; it must then fail
${Object.entries(SABOTAGE)
  .map(([mode, what]) => `      ${mode.padEnd(16)}${what}`)
  .join("\n")}
  --help            this text

Lab time runs ${FASTEST} times as fast as the wall, slower on a computer that is slow or busy.
Exit codes: 0 passed, 1 failed, 2 wrong usage, 130 interrupted.
`;

interface Arguments {
  readonly machines: number;
  readonly crowd: number;
  readonly seed: number;
  readonly json: boolean;
  readonly keep: boolean;
  readonly badFix: boolean;
  readonly sabotage: Sabotage | undefined;
}

/** @throws TypeError that says what is wrong */
function readArguments(): Arguments | "help" {
  const { values } = parseArgs({
    options: {
      machines: { type: "string", default: "24" },
      crowd: { type: "string", default: "500" },
      seed: { type: "string", default: "1" },
      json: { type: "boolean", default: false },
      keep: { type: "boolean", default: false },
      "bad-fix": { type: "boolean", default: false },
      sabotage: { type: "string" },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) return "help";
  const { sabotage } = values;
  if (sabotage !== undefined && !isSabotage(sabotage)) {
    throw new TypeError(`--sabotage is one of ${Object.keys(SABOTAGE).join(", ")}`);
  }
  return {
    machines: wholeNumber("--machines", values.machines, MACHINES_MIN, MACHINES_MAX),
    crowd: wholeNumber("--crowd", values.crowd, 0, CROWD_MAX),
    seed: wholeNumber("--seed", values.seed, 0, Number.MAX_SAFE_INTEGER),
    json: values.json,
    keep: values.keep,
    badFix: values["bad-fix"],
    sabotage,
  };
}

function wholeNumber(name: string, text: string, low: number, high: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= low && value <= high) return value;
  throw new TypeError(`${name} is a whole number from ${low} to ${high}`);
}

async function main({ machines, crowd, seed, json, keep, badFix, sabotage }: Arguments): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), "ringback-drill-"));
  const programs = new Programs();
  const interrupted = new AbortController();
  process.on("exit", () => {
    programs.killAll(); // whatever way out
  });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      if (interrupted.signal.aborted) process.exit(130); // asked twice: at once
      interrupted.abort();
    });
  }
  const write = json ? (): void => undefined : (line: string): unknown => process.stdout.write(`${line}\n`);
  try {
    const agent = await makeAgentProgram(join(folder, "agent"));
    const pace = await choosePace(programs, agent, folder);
    if (interrupted.signal.aborted) return 130;
    write(pace.because);
    const clock = startLabClock(pace.factor);
    const account = new Account(write, clock);
    const document = await runDrill({
      machines,
      crowd,
      seed,
      folder,
      badFix,
      sabotage,
      clock,
      programs,
      agent,
      environment: pace.environment,
      account,
      interrupted: interrupted.signal,
    });
    process.stdout.write(json ? `${JSON.stringify(document, undefined, 2)}\n` : `\n${summary(document)}\n`);
    if (interrupted.signal.aborted) return 130;
    return document.verdict === "passed" ? 0 : 1;
  } finally {
    await programs.stopAll();
    if (keep) process.stderr.write(`Left for you to look at: ${folder}\n`);
    else await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

function summary(document: DrillDocument): string {
  const { exposed, crashed, recovered, unreached, collateral, approvals, secondsTo, detection, verdict } = document;
  const { lab, wall } = secondsTo;
  const times = (["firstCrash", "incident", "verdict", "halted", "canaryDone", "allReachable"] as const).map(
    (moment) => {
      const [labSeconds, wallSeconds] = [lab[moment], wall[moment]];
      return `  ${moment.padEnd(14)}${labSeconds === null ? "never" : `${labSeconds} s in lab time, ${wallSeconds} s on the wall`}`;
    },
  );
  return [
    `${exposed} machines got the faulty file, ${crashed} crashed, ${recovered} recovered.`,
    detection === null
      ? "Nothing was noticed."
      : `Convicted: ${detection.convicted.join(", ") || "nothing"}. ${detection.sentence}`,
    unreached.length === 0 ? "None stayed down." : `Down, and to be visited: ${unreached.join(", ")}`,
    approvals.length === 0
      ? "Nobody approved anything."
      : `Signed by ${approvals.map(({ name, with: how }) => `${name} (${how})`).join(" and ")}.`,
    `Healthy machines or files touched: ${collateral.healthyTouched}. Files lost: ${collateral.filesLost}.`,
    "Since the faulty push:",
    ...times,
    verdict === "passed" ? "PASSED" : `FAILED\n${verdict.replace(/^failed: /, "  ").replaceAll("; ", "\n  ")}`,
  ].join("\n");
}

let parsed: Arguments | "help";
try {
  parsed = readArguments();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\nSee npm run drill -- --help\n`);
  process.exit(2);
}
if (parsed === "help") process.stdout.write(HELP);
else {
  const exitCode = await main(parsed).catch((error: unknown) => {
    process.stderr.write(`The drill could not be held.\n${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  });
  process.stdout.write("", () => process.exit(exitCode)); // when all is written; a socket may still be closing
}
