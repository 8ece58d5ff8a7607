/** A clock that stands still until a test moves it. Timers follow the time that passes, not what the wall clock says. */
import type { Clock } from "../../controller/ports.ts";
import { at, type Instant, later } from "../../protocol/time.ts";

interface Alarm {
  readonly dueMs: number;
  readonly call: () => void;
}

export class ManualClock implements Clock {
  private wall: Instant = at("2026-11-22T12:00:00Z");
  private elapsedMs = 0;
  private readonly alarms = new Set<Alarm>();

  now(): Instant {
    return this.wall;
  }

  after(ms: number, call: () => void): () => void {
    const alarm = { dueMs: this.elapsedMs + ms, call };
    this.alarms.add(alarm);
    return () => {
      this.alarms.delete(alarm);
    };
  }

  /** How many wait for a time. */
  get waiting(): number {
    return this.alarms.size;
  }

  /** Lets time pass, ringing what falls due on the way, in order, at its own time. */
  advance(ms: number): void {
    const endMs = this.elapsedMs + ms;
    for (let alarm = this.nextBy(endMs); alarm !== undefined; alarm = this.nextBy(endMs)) {
      this.alarms.delete(alarm);
      this.passTo(alarm.dueMs);
      alarm.call();
    }
    this.passTo(endMs);
  }

  /** Someone sets the wall clock, forward or back; no time passes. */
  set(ms: number): void {
    this.wall = later(this.wall, ms);
  }

  private passTo(elapsedMs: number): void {
    this.wall = later(this.wall, elapsedMs - this.elapsedMs);
    this.elapsedMs = elapsedMs;
  }

  private nextBy(endMs: number): Alarm | undefined {
    let next: Alarm | undefined;
    for (const alarm of this.alarms) {
      if (alarm.dueMs <= endMs && (next === undefined || alarm.dueMs < next.dueMs)) next = alarm;
    }
    return next;
  }
}
