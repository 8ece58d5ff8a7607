/** The machine's clock. Durations come from the monotonic one: the wall clock may be set. */
import { performance } from "node:perf_hooks";
import type { Instant } from "../../protocol/time.ts";
import type { Clock } from "../ports.ts";

/** Longer timers overflow to 1 ms in Node. */
const TIMER_MAX_MS = 2 ** 31 - 1;

/** @param uptimeMsAtStart how long the kernel had been up when this clock was made */
export function systemClock(uptimeMsAtStart: number): Clock {
  const madeAt = performance.now();
  return {
    // A clock with an empty battery may say a time before 1970, which no record can hold.
    now: () => Math.max(0, Date.now()) as Instant,
    uptimeMs: () => uptimeMsAtStart + performance.now() - madeAt,
    after(ms, call) {
      const timer = setTimeout(call, Math.min(Math.max(0, Math.ceil(ms)), TIMER_MAX_MS));
      return () => clearTimeout(timer);
    },
  };
}
