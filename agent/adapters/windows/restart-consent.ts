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

interface Question {
  readonly askedAtMs: number;
  /** Undefined while it is open. */
  readonly answer: Answer | undefined;
}

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
  const { answer, askedAtMs } = question;
  if (answer === undefined) return "asked";
  if (answer === "no") return nowMs - askedAtMs < ASK_AGAIN_MS ? "later" : undefined;
  return answer === "yes" ? "now" : "nobody-there";
}
