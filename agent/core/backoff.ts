/** Back-off with full jitter: a fleet that lost its controller at one moment must not come back at one moment. */
export interface Backoff {
  readonly baseMs: number;
  readonly capMs: number;
}

/** `attempt` counts failures in a row from 0; `fraction` is random in [0, 1). */
export function backoffMs({ baseMs, capMs }: Backoff, attempt: number, fraction: number): number {
  return Math.floor(fraction * Math.min(capMs, baseMs * 2 ** Math.min(attempt, 40)));
}

/** A fraction in [0, 1) from four random bytes. */
export function fractionOf(bytes: Uint8Array): number {
  const [a = 0, b = 0, c = 0, d = 0] = bytes;
  return (a + b * 2 ** 8 + c * 2 ** 16 + d * 2 ** 24) / 2 ** 32;
}
