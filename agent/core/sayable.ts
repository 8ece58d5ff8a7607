/** Makes what was found fit to be said in a report, whatever it is: a report that cannot be said would stop the agent. */
import { text } from "../../protocol/names.ts";
import { DURATION_MS_MAX } from "../../protocol/time.ts";

const SAID_MAX = 1_000;

/** Whole milliseconds, at most a year: servers run for longer. */
export const sayableMs = (ms: number): number => Math.min(DURATION_MS_MAX, Math.max(0, Math.floor(ms)));

/** No control characters, never empty, never too long. */
export function sayable(words: string, charsMax = SAID_MAX): string {
  if (text(charsMax).safeParse(words).success) return words;
  const plain = words
    .replace(/[^\p{L}\p{M}\p{N}\p{P}\p{S} ]+/gu, " ")
    .slice(0, charsMax)
    .replace(/\p{Cs}$/u, "") // half of a pair that was cut in two
    .trim();
  return plain === "" ? "no reason was given" : plain;
}
