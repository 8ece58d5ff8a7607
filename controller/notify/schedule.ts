/** When a delivery is tried again, and what an answer means. Pure. */

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
/** Before each try, after the one before: the schedule that Standard Webhooks 1.0.0 names. Ten tries, then it is given up. */
const WAITS_MS = [
  0,
  5 * SECOND,
  5 * MINUTE,
  30 * MINUTE,
  2 * HOUR,
  5 * HOUR,
  10 * HOUR,
  14 * HOUR,
  20 * HOUR,
  24 * HOUR,
] as const;
/** Many that failed at once do not come back at once. */
const JITTER = 0.2;
/** A receiver that asks for less is left alone for so long where it names no time. */
const THROTTLE_MS = MINUTE;
const THROTTLE_MS_MAX = HOUR;

/** What came of one try. */
export type Answer =
  | { readonly kind: "status"; readonly status: number; readonly retryAfterMs: number | null }
  | { readonly kind: "unreachable"; readonly because: string };

export type Verdict =
  | { readonly kind: "delivered"; readonly because: string }
  /** Do not send anything more. */
  | { readonly kind: "gone"; readonly because: string }
  /** @property throttleMs leave the receiver alone for so long, whatever waits for it */
  | { readonly kind: "failed"; readonly because: string; readonly throttleMs: number };

export function verdictOn(answer: Answer): Verdict {
  if (answer.kind === "unreachable") return { kind: "failed", because: answer.because, throttleMs: 0 };
  const { status, retryAfterMs } = answer;
  const because = `It answered ${status}.`;
  if (status >= 200 && status < 300) return { kind: "delivered", because };
  if (status === 410) return { kind: "gone", because: `${because} It wants no more messages.` };
  if (status === 429 || status === 502 || status === 504)
    return {
      kind: "failed",
      because: `${because} It asks for less.`,
      throttleMs: Math.min(retryAfterMs ?? THROTTLE_MS, THROTTLE_MS_MAX),
    };
  if (status >= 300 && status < 400)
    return { kind: "failed", because: `${because} Redirections are not followed; correct the address.`, throttleMs: 0 };
  return { kind: "failed", because, throttleMs: 0 };
}

/** @param attempts so many have failed. @param dice from 0 up to 1. Null: given up. */
export function nextTryMs(attempts: number, dice: number): number | null {
  const wait = WAITS_MS[attempts];
  return wait === undefined ? null : Math.round(wait * (1 + JITTER * dice));
}

/** `Retry-After` as seconds; a date is not taken, since clocks differ. */
export function retryAfterMs(header: string | undefined): number | null {
  const seconds = header !== undefined && /^\d{1,6}$/.test(header) ? Number(header) : null;
  return seconds === null ? null : seconds * SECOND;
}
