/**
 * What has become of the question whether the machine may restart now. Pure.
 *
 * One question stands at a time. Whoever does not answer until the question's time is over is not there; "not now" holds
 * for a while, then he is asked again.
 */
import type { Consent } from "../../machine-parts.ts";

export type Answer = "yes" | "no" | "none";

/** How long "not now" holds. */
const ASK_AGAIN_MS = 30 * 60_000;
/** How old an answer may be that lets a restart begin: who asked may have been told to stop meanwhile, and asks again later. */
const STALE_AFTER_MS = 5 * 60_000;

/** The question as it stands. */
export type Question = "open" | { readonly answer: Answer; readonly answeredAtMs: number };

/**
 * @param nowMs by a clock that nobody sets
 * @param isSomebodyThere whether somebody has a session open now
 * @returns undefined: ask, for the first time or again
 */
export function consentOf(
  question: Question | undefined,
  nowMs: number,
  isSomebodyThere: boolean,
): Consent | undefined {
  if (!isSomebodyThere) return "nobody-there";
  if (question === undefined) return undefined;
  if (question === "open") return "asked";
  const sinceMs = nowMs - question.answeredAtMs;
  if (question.answer === "no") return sinceMs < ASK_AGAIN_MS ? "later" : undefined;
  if (sinceMs >= STALE_AFTER_MS) return undefined;
  return question.answer === "yes" ? "now" : "nobody-there";
}
