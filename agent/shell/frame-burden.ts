/**
 * What has to be written down or worked through waits in memory: a controller gone wrong must not fill that.
 *
 * An honest controller sends some frames of this kind in a day; a stop of everything is a dozen at once.
 */
import type { ControllerFrame } from "../../protocol/frames.ts";

const BURDEN_MS = 10_000;
const BURDEN_FRAMES_MAX = 100;

/** Frames of the last seconds that cost work. */
export class FrameBurden {
  private sinceMs = 0;
  private frames = 0;

  /** Another connection. */
  begin(uptimeMs: number): void {
    this.sinceMs = uptimeMs;
    this.frames = 0;
  }

  isBearable({ type }: ControllerFrame, uptimeMs: number): boolean {
    if (type === "ack" || type === "nudge" || type === "challenge" || type === "welcome") return true;
    if (uptimeMs - this.sinceMs > BURDEN_MS) this.begin(uptimeMs);
    this.frames += 1;
    return this.frames <= BURDEN_FRAMES_MAX;
  }
}
