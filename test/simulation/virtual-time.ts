/**
 * Time that stands still until something is to happen.
 *
 * Invariant: one event at a time. What an event sets going (promises and what follows on them) is over before the next
 * event begins, so the order of everything is decided by times and dice alone. Events of the same time come in an
 * order that the dice choose.
 */
import { type Instant, later } from "../../protocol/time.ts";
import type { Dice } from "./dice.ts";

interface Event {
  readonly due: number;
  readonly tie: number;
  readonly call: () => void;
  forgotten: boolean;
}

const isBefore = (a: Event, b: Event): boolean => a.due < b.due || (a.due === b.due && a.tie < b.tie);

export class VirtualTime {
  private time: Instant;
  private readonly dice: Dice;
  private readonly heap: Event[] = [];
  /** Events that have happened. */
  events = 0;

  constructor(begin: Instant, dice: Dice) {
    this.time = begin;
    this.dice = dice;
  }

  now(): Instant {
    return this.time;
  }

  after(ms: number, call: () => void): () => void {
    const event: Event = {
      due: later(this.time, Math.max(0, Math.ceil(ms))),
      tie: this.dice.word(),
      call,
      forgotten: false,
    };
    this.add(event);
    return () => {
      event.forgotten = true;
    };
  }

  /** Lets happen what is due until `end`; `check` looks at the world after each event. */
  async run(end: Instant, check: () => Promise<void>, isOver: () => boolean): Promise<void> {
    await settled();
    for (let event = this.take(end); event !== undefined && !isOver(); event = this.take(end)) {
      if (event.forgotten) continue;
      this.time = event.due as Instant;
      this.events += 1;
      event.call();
      await settled();
      await check();
    }
    if (!isOver()) this.time = end;
  }

  private add(event: Event): void {
    const { heap } = this;
    let at = heap.push(event) - 1;
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = heap[above] as Event; // above < at
      if (!isBefore(event, parent)) break;
      heap[at] = parent;
      at = above;
    }
    heap[at] = event;
  }

  private take(end: Instant): Event | undefined {
    const { heap } = this;
    const [first] = heap;
    if (first === undefined || first.due > end) return undefined;
    const last = heap.pop() as Event; // there is a first
    if (heap.length === 0) return first;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      const [left, right] = [heap[below], heap[below + 1]];
      if (left === undefined) break;
      const least = right !== undefined && isBefore(right, left) ? (below++, right) : left;
      if (!isBefore(least, last)) break;
      heap[at] = least;
      at = below;
    }
    heap[at] = last;
    return first;
  }
}

/** Resolves when every promise that can go on without another event has gone on: microtasks come before immediates. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
