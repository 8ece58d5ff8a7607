/**
 * How fast one connection is read: frames cost tokens, and reading stops while anything speaks against it.
 *
 * Reading stops rather than the connection: TCP then slows the peer down by itself, and nothing has to be sent twice.
 */
import type { SessionSocket } from "./agent-socket.ts";
import type { Shared } from "./shared.ts";

/** What speaks against reading, as bits. */
export const PAUSED = { unacknowledged: 1, queueFull: 2, rate: 4 } as const;

export class Pace {
  private readonly shared: Shared;
  private readonly socket: SessionSocket;
  private tokens: number;
  private tokensAt: number;
  private reasons = 0;

  constructor(shared: Shared, socket: SessionSocket) {
    this.shared = shared;
    this.socket = socket;
    this.tokens = shared.limits.framesBurstMax;
    this.tokensAt = shared.beat;
  }

  get isPaused(): boolean {
    return this.reasons !== 0;
  }

  /** Takes a token. `throttled`: reading has just stopped because of the rate; call `refill` with every beat. */
  spend(): "in-time" | "throttled" | "abuse" {
    const { counters, limits } = this.shared;
    counters.frames++;
    this.addTokens();
    this.tokens--;
    // What was read in one go with the frame that stopped the reading still comes; an honest peer has no more than that.
    if (this.tokens < -limits.framesOverdrawnMax) return "abuse";
    if (this.tokens >= 0 || (this.reasons & PAUSED.rate) !== 0) return "in-time";
    this.pause(PAUSED.rate);
    return "throttled";
  }

  /** True when the rate does not speak against reading any more. */
  refill(): boolean {
    this.addTokens();
    if (this.tokens <= 0 && (this.reasons & PAUSED.rate) !== 0) return false;
    this.resume(PAUSED.rate);
    return true;
  }

  pause(reason: number): void {
    if (this.reasons === 0) {
      this.shared.counters.pauses++;
      this.socket.pause();
    }
    this.reasons |= reason;
  }

  resume(reason: number): void {
    if ((this.reasons & reason) === 0) return;
    this.reasons &= ~reason;
    if (this.reasons === 0) this.socket.resume();
  }

  /** For a connection that is closing: the peer's answer to our close frame must be read. */
  end(): void {
    this.reasons = 0;
    this.socket.resume();
  }

  private addTokens(): void {
    const { beat, framesPerBeat, limits } = this.shared;
    this.tokens = Math.min(limits.framesBurstMax, this.tokens + (beat - this.tokensAt) * framesPerBeat);
    this.tokensAt = beat;
  }
}
