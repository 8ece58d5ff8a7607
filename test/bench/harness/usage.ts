/** What a process uses: CPU summed over its threads, and memory once its garbage is gone. */
import { setTimeout as sleep } from "node:timers/promises";

/** Microseconds, in user and kernel mode, of all threads since the process began. */
export function cpuUs(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

const WINDOW_MS = 100;
/** Less than this share of a core is no work of ours: timers, and the asking itself. */
const IDLE_SHARE = 0.03;

/** Resolves when the process does nothing any more, two windows in a row. */
export async function isQuiet(): Promise<void> {
  for (let quiet = 0; quiet < 2; ) {
    const before = cpuUs();
    await sleep(WINDOW_MS);
    quiet = cpuUs() - before < WINDOW_MS * 1_000 * IDLE_SHARE ? quiet + 1 : 0;
  }
}

/** Collects garbage until the resident set no longer falls. @returns bytes */
export async function settledRss(): Promise<number> {
  const { gc } = globalThis;
  if (gc === undefined) throw new Error("memory is measured in processes started with --expose-gc");
  let least = Infinity;
  for (let settled = 0; settled < 3; ) {
    gc({ type: "major", execution: "sync", flavor: "last-resort" }); // the one that gives back what it can
    await sleep(WINDOW_MS);
    const rss = process.memoryUsage.rss();
    settled = rss > least * 0.999 ? settled + 1 : 0;
    least = Math.min(least, rss);
  }
  return least;
}
