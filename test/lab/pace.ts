/**
 * How fast the lab's clock may run on this computer, measured and said.
 *
 * Machines in a boot loop have some eighty lab seconds of network, in which a real process has to start, log in and act.
 * Where that would be too short for this computer, the lab runs slower; what it shows stays the same.
 */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { initialiseLabMachine } from "../../agent/adapters/lab/initialise.ts";
import type { Programs } from "./programs.ts";

export const FASTEST = 20;
/** As in a boot loop of many: where so many that start together take longer than this, the clock has to be slower. */
const TOGETHER = 4;
const PACES = [
  { startMs: 1_300, factor: FASTEST },
  { startMs: 3_500, factor: 10 },
] as const;
const SLOWEST = 5;
const STARTED_WITHIN_MS = 120_000;

export interface Pace {
  /** Lab seconds a second of the wall. */
  readonly factor: number;
  readonly because: string;
  /** Lets agents start faster: what Node compiled once, it need not compile again. */
  readonly environment: Readonly<Record<string, string>>;
}

/** @throws if an agent cannot be started at all, with what it wrote */
export async function choosePace(programs: Programs, agent: string, folder: string): Promise<Pace> {
  const environment = { NODE_COMPILE_CACHE: join(folder, "compile-cache") };
  const machines = Array.from({ length: TOGETHER }, (_, i) => join(folder, "trial-machines", String(i)));
  for (const machine of machines) {
    await mkdir(machine, { recursive: true });
    await initialiseLabMachine(machine, { config: { controllers: ["ws://127.0.0.1:9/agent/v1"] } }); // nobody is there
    await writeFile(join(machine, "boot.json"), JSON.stringify({ bootId: "trial", bootedAt: Date.now() }));
  }
  await startOnce(programs, agent, machines[0] ?? folder, environment); // for the first time it takes longer
  const times = machines.map(async (machine) => await startOnce(programs, agent, machine, environment));
  const startMs = Math.max(...(await Promise.all(times)));
  const factor = PACES.find((pace) => startMs <= pace.startMs)?.factor ?? SLOWEST;
  const seconds = (startMs / 1_000).toFixed(1);
  return {
    factor,
    because: `${TOGETHER} agents start together in ${seconds} s here: lab time runs ${factor} times as fast as the wall.`,
    environment,
  };
}

async function startOnce(
  programs: Programs,
  agent: string,
  machine: string,
  environment: Readonly<Record<string, string>>,
): Promise<number> {
  const logFile = join(machine, `agent-${crypto.randomUUID()}.log`);
  const startedAt = performance.now();
  const program = programs.start({ args: [agent, "run", "--machine", machine], logFile, environment });
  const read = (): Promise<string> => readFile(logFile, "utf8");
  let failed = false;
  void program.ended.then(() => {
    failed = true;
  });
  while (!(await read()).includes('"the agent runs"')) {
    if (failed || performance.now() - startedAt > STARTED_WITHIN_MS) {
      throw new Error(`An agent could not be started:\n${await read()}`);
    }
    await sleep(20);
  }
  const startMs = performance.now() - startedAt;
  await program.stop(STARTED_WITHIN_MS);
  return startMs;
}
