/**
 * What `uwfmgr get-config` prints of the write filter: the session that runs and the one after the next start, each under a
 * heading that names UWF. Read by place: the first setting of each is the filter's state, ON or OFF.
 */
import { labelledLine } from "./labelled-lines.ts";

export interface WriteFilterState {
  /** Undefined: not known. */
  readonly on: boolean | undefined;
  readonly onAfterRestart: boolean | undefined;
  /** Drives named in it, as C:. Whether they are protected is said in words only. */
  readonly volumes: readonly string[];
}

const SESSION = /^\S.*\bUWF\b/;

/** Undefined: this is no such answer. */
export function parseWriteFilter(output: string): WriteFilterState | undefined {
  const lines = output.split("\n");
  const starts = lines.flatMap((line, at) => (SESSION.test(line) ? [at + 1] : []));
  if (starts.length === 0) return undefined;
  const [on, onAfterRestart] = starts.map((start, i) => firstSetting(lines.slice(start, starts[i + 1])));
  const volumes = [...output.matchAll(/\[([A-Z]:)\]/gi)].map(([, volume = ""]) => volume.toUpperCase());
  return { on, onAfterRestart, volumes: [...new Set(volumes)] };
}

function firstSetting(lines: readonly string[]): boolean | undefined {
  const value = lines.flatMap((line) => labelledLine(line) ?? [])[0]?.value.toUpperCase();
  return value === "ON" ? true : value === "OFF" ? false : undefined;
}
