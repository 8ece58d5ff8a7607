/** The clock and the dice of the machine. */
import { randomBytes } from "node:crypto";
import type { Instant } from "../protocol/time.ts";
import type { Clock, Random } from "./ports.ts";

/** setTimeout waits at most this long; a later time is waited for in parts. */
const TIMER_MS_MAX = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now() as Instant,
  after: (ms, call) => {
    const timer = setTimeout(call, Math.min(ms, TIMER_MS_MAX));
    return () => clearTimeout(timer);
  },
};

export const systemRandom: Random = (count) => randomBytes(count);
