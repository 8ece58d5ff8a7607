/**
 * A rollout as text: where it stands, what it waits for, and each wave with its gate. Pure.
 *
 * A state is a word with a sign before it; colour only repeats what the word says.
 */
import type { RolloutView } from "../../protocol/api.ts";
import type { RolloutPhase, WaveCounts } from "../../protocol/rollout.ts";
import { clean, type Colors, facts, moment, table } from "./output.ts";

const PHASES: Readonly<
  Record<RolloutPhase, { readonly sign: string; readonly color: "green" | "yellow" | "red" | "cyan" }>
> = {
  running: { sign: "▶", color: "cyan" },
  paused: { sign: "‖", color: "yellow" },
  halted: { sign: "■", color: "red" },
  aborted: { sign: "✖", color: "red" },
  completed: { sign: "✔", color: "green" },
};
const WAVES = { "not-open": "· not open", open: "▶ open", passed: "✔ passed" } as const;

export function rolloutBoard(rollout: RolloutView, colors: Colors): string {
  const { sign, color } = PHASES[rollout.phase];
  const head = facts([
    ["Rollout", rollout.id],
    ["Title", rollout.title],
    ["Plan", rollout.plan + (rollout.undoes === null ? "" : `, undoes ${rollout.undoes}`)],
    ["Devices", countsText(rollout.counts)],
    ["As of", moment(rollout.asOf)],
  ]);
  const waves = table(
    ["WAVE", "STATE", "DEVICES", "OK", "RUNNING", "FAILED", "SILENT", "WAITING", "GATE"],
    rollout.waves.map(({ name, state, counts, decision }) => [
      name,
      WAVES[state],
      String(counts.planned),
      String(counts.succeeded),
      String(counts.running + counts.offered + counts.queued),
      String(counts.failed + counts.refused + counts.timedOut + counts.stopped),
      String(counts.silent),
      waitingText(counts),
      `${decision.verdict}: ${decision.because}`,
    ]),
  );
  const waits = rollout.waitsFor.map((what) => `  - ${clean(what)}`);
  return [
    `${colors.bold(colors[color](`${sign} ${rollout.phase}`))}  ${clean(rollout.because)}`,
    "",
    head,
    "",
    waves,
    ...(waits.length === 0 ? [] : ["", "Waits for:", ...waits]),
  ].join("\n");
}

const waitingText = ({ waiting, unreached }: WaveCounts): string =>
  unreached === 0 ? String(waiting) : `${waiting} (${unreached} not connected)`;

/** Every outcome that any device has, by name; nothing is summed up into "other". */
function countsText(counts: WaveCounts): string {
  const named: readonly (readonly [number, string])[] = [
    [counts.succeeded, "succeeded"],
    [counts.failed, "failed"],
    [counts.silent, "silent"],
    [counts.timedOut, "timed out"],
    [counts.refused, "refused"],
    [counts.stopped, "stopped"],
    [counts.notApplicable, "not applicable"],
    [counts.running, "running"],
    [counts.offered, "offered"],
    [counts.queued, "queued"],
    [counts.waiting, "waiting"],
  ];
  const parts = named.filter(([count]) => count > 0).map(([count, word]) => `${count} ${word}`);
  return [`${counts.planned} planned`, ...parts].join(", ");
}

/** What is new since `before`, one line each, for a log instead of a screen. */
export function rolloutNews(before: RolloutView | undefined, now: RolloutView): string[] {
  const lines: string[] = [];
  const say = (text: string): void => void lines.push(`${moment(now.asOf)}  ${clean(text)}`);
  if (before?.phase !== now.phase || before.because !== now.because) say(`${now.phase}: ${now.because}`);
  for (const [i, { name, state, decision }] of now.waves.entries()) {
    const then = before?.waves[i];
    if (then?.state !== state && state !== "not-open") say(`wave ${name}: ${state}`);
    if (state === "open" && then?.decision.because !== decision.because) {
      say(`wave ${name}: gate says ${decision.verdict}: ${decision.because}`);
    }
  }
  return lines;
}
