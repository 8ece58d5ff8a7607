/** Two traces that must be the same to the last letter: compared as digests, and where they differ, shown. */
import { createHash } from "node:crypto";

const sha256 = (lines: readonly string[]): string => createHash("sha256").update(lines.join("\n")).digest("hex");

/** @throws Error with the first line that differs, and what came before it */
export function mustBeSame(drill: readonly string[], live: readonly string[]): void {
  if (sha256(live) === sha256(drill)) return;
  const at = drill.findIndex((line, i) => line !== live[i]);
  const first = at < 0 ? drill.length : at;
  const shown = [
    `line ${first + 1} of ${drill.length} in the drill and ${live.length} at the controller`,
    ...drill.slice(Math.max(0, first - 3), first),
    `drill:      ${drill[first] ?? "(nothing more)"}`,
    `controller: ${live[first] ?? "(nothing more)"}`,
  ];
  throw new Error(shown.join("\n"));
}
