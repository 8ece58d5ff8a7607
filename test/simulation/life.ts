/**
 * One life of a process. Invariant: at its death everything it had under way stops between two awaits, as with
 * `kill -9` or a power cut: timers do not ring, and what it waited for never comes.
 */
import type { VirtualTime } from "./virtual-time.ts";

export class Life {
  private readonly time: VirtualTime;
  private alive = true;

  constructor(time: VirtualTime) {
    this.time = time;
  }

  get isAlive(): boolean {
    return this.alive;
  }

  end(): void {
    this.alive = false;
  }

  after(ms: number, call: () => void): () => void {
    return this.time.after(ms, () => {
      if (this.alive) call();
    });
  }

  pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.after(ms, resolve);
    });
  }

  /** The value for the living; the dead wait for ever. */
  give<Value>(value: Value): Promise<Value> {
    return this.alive ? Promise.resolve(value) : new Promise<never>(() => undefined);
  }
}
