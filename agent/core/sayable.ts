/** Makes any text fit to be said in a report: no control characters, never empty, never too long. */
import { text } from "../../protocol/names.ts";

const SAID_MAX = 1_000;
const Said = text(SAID_MAX);

export function sayable(words: string): string {
  if (Said.safeParse(words).success) return words;
  const plain = words
    .replace(/[^\p{L}\p{M}\p{N}\p{P}\p{S} ]+/gu, " ")
    .slice(0, SAID_MAX)
    .trim();
  return plain === "" ? "no reason was given" : plain;
}
