/**
 * Ends what a drill leaves behind when it is killed outright. Reads "+pid" and "-pid" lines; when the pipe breaks, kills
 * the processes that were not taken back.
 */
import { createInterface } from "node:readline";

const pids = new Set<number>();
for await (const line of createInterface({ input: process.stdin })) {
  const pid = Number(line.slice(1));
  if (line.startsWith("+")) pids.add(pid);
  else pids.delete(pid);
}
for (const pid of pids) {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // it has ended meanwhile
  }
}
