/** What a process of this machine uses, as Linux counts it from outside: nothing is added to the process to be measured. */
import { readdir, readFile } from "node:fs/promises";

export interface Footprint {
  /** Pages that are this process's own: what is shared with every other node.exe is not in it. */
  readonly privateMib: number;
  /** Everything that it has in memory, its share of the program's file too. */
  readonly rssMib: number;
  /** Of all threads since it began. */
  readonly cpuMs: number;
  /** What it caused to be written to disks. */
  readonly writtenBytes: number;
}

/** @throws where /proc is not as on Linux, or not for us to read */
export async function footprintOf(pid: number): Promise<Footprint> {
  const [memory, io, threads] = await Promise.all([
    readFile(`/proc/${pid}/smaps_rollup`, "utf8"),
    readFile(`/proc/${pid}/io`, "utf8"),
    readdir(`/proc/${pid}/task`),
  ]);
  const kb = (name: string): number => fieldOf(memory, name);
  const times = await Promise.all(threads.map((thread) => readFile(`/proc/${pid}/task/${thread}/schedstat`, "utf8")));
  const cpuNs = times.reduce((sum, text) => sum + Number(text.split(" ", 1)[0]), 0);
  return {
    privateMib: (kb("Private_Dirty") + kb("Swap")) / 1024,
    rssMib: kb("Rss") / 1024,
    cpuMs: cpuNs / 1e6,
    writtenBytes: fieldOf(io, "write_bytes"),
  };
}

function fieldOf(text: string, name: string): number {
  const value = new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(text)?.[1];
  if (value === undefined) throw new Error(`/proc says nothing of ${name}`);
  return Number(value);
}
