/**
 * At most so many things at once; the rest waits in the order it came, and beyond a bound is turned away.
 *
 * A storm of logins is worked off at the speed of the store and never piles up behind it.
 */
export class Admission {
  private readonly atOnceMax: number;
  private readonly waitingMax: number;
  private readonly waiting: (() => Promise<void>)[] = [];
  private running = 0;

  constructor(atOnceMax: number, waitingMax: number) {
    this.atOnceMax = atOnceMax;
    this.waitingMax = waitingMax;
  }

  get isFull(): boolean {
    return this.running >= this.atOnceMax && this.waiting.length >= this.waitingMax;
  }

  /** False if there is no room. `task` deals with its own failures: it must not reject. */
  run(task: () => Promise<void>): boolean {
    if (this.isFull) return false;
    if (this.running < this.atOnceMax) void this.start(task);
    else this.waiting.push(task);
    return true;
  }

  private async start(task: () => Promise<void>): Promise<void> {
    this.running++;
    try {
      await task();
    } finally {
      this.running--;
      const next = this.waiting.shift();
      if (next !== undefined) void this.start(next);
    }
  }
}
