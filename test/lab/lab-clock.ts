/**
 * The lab's clock. It runs faster than the wall by a stated factor, so that a boot of a minute takes some seconds.
 *
 * Durations of machines and vendor are given in lab time. The agents and the controller know nothing of it: they are the
 * real programs and live in wall time, so every duration that is handed to them is turned into wall time first.
 */
export interface LabClock {
  /** Lab seconds a second of the wall. */
  readonly factor: number;
  /** Wall milliseconds since the epoch. */
  readonly now: () => number;
  readonly toLabMs: (wallMs: number) => number;
  readonly toWallMs: (labMs: number) => number;
  /** Calls back after so many lab milliseconds; returns how to forget it. */
  after(labMs: number, call: () => void): () => void;
}

/** @param factor lab seconds a second of the wall */
export function startLabClock(factor: number): LabClock {
  return {
    factor,
    now: Date.now,
    toLabMs: (wallMs) => wallMs * factor,
    toWallMs: (labMs) => labMs / factor,
    after(labMs, call) {
      const timer = setTimeout(call, labMs / factor);
      return () => {
        clearTimeout(timer);
      };
    },
  };
}
