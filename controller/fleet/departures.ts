/**
 * Machines of images that were not heard for so long that they are taken for thrown away: when each is due.
 *
 * Invariant: none is due before its time, and none more than an hour after it. Kept by the hour, so that there are a few
 * dozen places to look at however many machines come and go, in whatever order they are noted.
 */
import type { DeviceId } from "../../protocol/ids.ts";
import { type Instant, later } from "../../protocol/time.ts";

/** Pools are emptied overnight and over a shift: who was not seen in a day does not come back under this identity. */
const GONE_AFTER_MS = 86_400_000;
const HOUR_MS = 3_600_000;

export const isGone = (heardAt: Instant, now: Instant): boolean => later(heardAt, GONE_AFTER_MS) <= now;

export class Departures {
  private readonly hours = new Map<number, Set<DeviceId>>();
  private readonly hourOf = new Map<DeviceId, number>();

  note(id: DeviceId, heardAt: Instant): void {
    const hour = Math.ceil(later(heardAt, GONE_AFTER_MS) / HOUR_MS);
    if (this.hourOf.get(id) === hour) return;
    this.forget(id);
    this.hourOf.set(id, hour);
    const due = this.hours.get(hour);
    if (due === undefined) this.hours.set(hour, new Set([id]));
    else due.add(id);
  }

  forget(id: DeviceId): void {
    const hour = this.hourOf.get(id);
    if (hour === undefined) return;
    this.hourOf.delete(id);
    const due = this.hours.get(hour);
    due?.delete(id);
    if (due?.size === 0) this.hours.delete(hour);
  }

  /** Those whose time has come by `now`; they are not kept any longer. */
  takeDue(now: Instant): readonly DeviceId[] {
    const due = [...this.hours].filter(([hour]) => hour * HOUR_MS <= now).flatMap(([, ids]) => [...ids]);
    for (const id of due) this.forget(id);
    return due;
  }

  nextAt(): Instant | null {
    return this.hours.size === 0 ? null : ((Math.min(...this.hours.keys()) * HOUR_MS) as Instant);
  }
}
