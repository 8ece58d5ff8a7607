/**
 * `npm run bench -- agent`: what the agent costs the machine that it looks after.
 *
 * These are figures of Linux: the agent of a lab machine, cut into files and started as the package does it, against a
 * real controller over TLS. The same code under Windows' own Node has other figures, which are not shown here.
 */
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connected } from "./agent/connected.ts";
import { packageMib, whyNoPackage } from "./agent/package-size.ts";
import { Shipped } from "./agent/shipped.ts";
import { Starts } from "./agent/start.ts";
import type { Held, WeekCalls } from "./agent/week-process.ts";
import type { Bench, BenchOptions, Budget, Figure } from "./bench.ts";
import { alternate, figure } from "./harness/figures.ts";
import { BenchProcess } from "./harness/processes.ts";

const WEEK = new URL("./agent/week-process.ts", import.meta.url);
/** Weeks, in full size, before any is measured, and those that are. */
const SPANS_BEFORE = 3;
const SPANS = 5;
const DAY_SECONDS = 86_400;

async function connectedFigures(shipped: Shipped, folder: string, options: BenchOptions): Promise<readonly Figure[]> {
  const { seconds = 0 } = options.sizes;
  options.say(`connected for ${seconds} s, beside a Node that does nothing`);
  const { ours, bare, cpuPercent, bootBytes, steadyBytes, steadySeconds } = await connected(shipped, folder, seconds);
  options.say(`written: ${bootBytes} bytes until the boot was good, ${steadyBytes} in ${steadySeconds} s afterwards`);
  const one = (metric: string, unit: string, mine: number, its: number | null): Figure =>
    figure(metric, unit, { ours: [mine], bare: its === null ? null : [its] });
  return [
    one("agent-private-memory", "MiB", ours.privateMib, bare.privateMib),
    one("agent-rss", "MiB", ours.rssMib, bare.rssMib),
    one("agent-cpu", "% of a core", cpuPercent.ours, null),
    // A day with one boot in it; what came after the boot is taken to go on as it did.
    one("agent-disk-writes", "bytes a day", bootBytes + (steadyBytes * DAY_SECONDS) / steadySeconds, null),
  ];
}

async function startFigures(
  shipped: Shipped,
  folder: string,
  { sizes, say }: BenchOptions,
): Promise<readonly Figure[]> {
  const { starts = 0 } = sizes;
  say(`${starts} starts`);
  await using both = await Starts.make(shipped, folder);
  const samples = await alternate(
    starts,
    () => both.ours(),
    () => both.bare(),
  );
  return [figure("agent-start", "ms", samples)];
}

async function weekFigures(folder: string, { sizes, say }: BenchOptions): Promise<readonly Figure[]> {
  const { days = 0 } = sizes;
  const state = join(folder, "week");
  await mkdir(state);
  await using life = new BenchProcess<WeekCalls>(WEEK);
  await life.calls.start(state);
  // What a process needs once: JavaScript goes on being compiled, and learning, for some weeks.
  await life.calls.live(days * SPANS_BEFORE);
  const held = [await life.calls.held()];
  for (let span = 0; span < SPANS; span++) {
    await life.calls.live(days);
    held.push(await life.calls.held());
  }
  const grown = (of: keyof Held): readonly number[] =>
    held.slice(1).map((after, span) => Math.max(0, after[of] - (held[span]?.[of] ?? 0)));
  const [dials = 0] = grown("dials");
  if (dials === 0) throw new Error("the agent did not go on trying");
  say(`${days} days without a controller: ${dials} attempts, ${grown("logBytes")[0]} bytes of log`);
  say(`heap grown, span by span: ${grown("heapBytes").join(", ")} bytes`);
  // V8 keeps some KB more of what it learned about the code; a byte kept with each look would be more in a week.
  const tenthsMib = grown("heapBytes").map((bytes) => Math.round((bytes / 1024 ** 2) * 10) / 10);
  return [
    figure("agent-week-memory", "MiB grown", { ours: tenthsMib, bare: null }),
    figure("agent-week-disk", "bytes grown", { ours: grown("diskBytes"), bare: null }),
  ];
}

const missing = whyNoPackage();
const packageBudgets: readonly Budget[] = missing === undefined ? [{ metric: "agent-package", oursMax: 40 }] : [];

async function packageFigures(folder: string, { say }: BenchOptions): Promise<readonly Figure[]> {
  if (missing === undefined) return [figure("agent-package", "MiB", { ours: [await packageMib(folder)], bare: null })];
  say(`the package is left out: ${missing}`);
  return [];
}

export const agentBench: Bench = {
  name: "agent",
  about: "what the agent costs its machine (on Linux), against a Node that does nothing",
  sizes: [
    { name: "seconds", about: "seconds connected to a controller", full: 600, small: 2 },
    { name: "starts", about: "starts of a process", full: 21, small: 2 },
    { name: "days", about: "simulated days without a controller; five such spans, after three", full: 7, small: 1 },
  ],
  budgets: [
    { metric: "agent-private-memory", oursMax: 30 },
    { metric: "agent-rss", ratioMax: 1.5 },
    { metric: "agent-cpu", oursMax: 0.05 },
    { metric: "agent-start", oursMax: 150 },
    { metric: "agent-week-memory", oursMax: 0 },
    { metric: "agent-week-disk", oursMax: 0 },
    ...packageBudgets,
  ],
  async run(options): Promise<readonly Figure[]> {
    const folder = await mkdtemp(join(tmpdir(), "ringback-bench-"));
    try {
      const shipped = await Shipped.make(join(folder, "bundle"));
      return [
        ...(await startFigures(shipped, folder, options)),
        ...(await weekFigures(folder, options)),
        ...(await packageFigures(folder, options)),
        ...(await connectedFigures(shipped, folder, options)),
      ];
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};
