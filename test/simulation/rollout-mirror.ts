/**
 * What stands in the record about a rollout, kept beside it from the calls that changed it, for the watchers. It shares
 * no code with the engine: it counts by walking over all rows, each time.
 */
import type { RolloutAppend, RolloutDeviceRow, RolloutRow } from "../../controller/store/rollouts.ts";
import type { DeviceId, OrderId, RolloutId } from "../../protocol/ids.ts";
import type { Plan } from "../../protocol/plan.ts";
import type { DeviceStatus, RolloutEvent } from "../../protocol/rollout.ts";

type Stored = Extract<RolloutEvent, { at: number }>;
export const BAD: readonly DeviceStatus[] = ["failed", "refused", "timed-out", "silent"];

export class RolloutMirror {
  readonly id: RolloutId;
  readonly plan: Plan;
  readonly rows = new Map<DeviceId, RolloutDeviceRow>();
  readonly events: Stored[] = [];
  /** Every row that ever stood, oldest first. */
  readonly history: RolloutDeviceRow[] = [];
  /** Bad when a person resumed, and not changed since. */
  readonly accepted = new Set<DeviceId>();
  /** Waves in which the plan applied to nothing when a person resumed: he has seen that. */
  readonly acceptedEmpty = new Set<number>();
  readonly opened = new Set<number>();
  readonly passed = new Map<number, RolloutEvent>();
  phase: "running" | "paused" | "halted" | "aborted" | "completed" = "running";

  constructor({ id }: RolloutRow, plan: Plan, rows: readonly RolloutDeviceRow[]) {
    this.id = id;
    this.plan = plan;
    for (const row of rows) this.take(row);
  }

  /** What an append that succeeded has changed, in the order in which it counts. */
  append({ rows, events }: RolloutAppend, queued: readonly OrderId[], tooLate: readonly OrderId[]): void {
    for (const row of rows) {
      const recalled = this.rows.get(row.device)?.order ?? null;
      if (row.order === null && recalled !== null && tooLate.includes(recalled)) continue;
      this.take(
        row.order !== null && queued.includes(row.order) && row.status === "offered"
          ? { ...row, status: "queued" }
          : row,
      );
    }
    for (const event of events) this.takeEvent(event);
  }

  /** Does the plan apply to no device of the wave? */
  isEmpty(wave: number): boolean {
    return this.ofWave(wave).every(({ status }) => status === "not-applicable");
  }

  ofWave(wave: number): readonly RolloutDeviceRow[] {
    return [...this.rows.values()].filter((row) => row.wave === wave);
  }

  count(...statuses: readonly DeviceStatus[]): number {
    return [...this.rows.values()].filter(({ status }) => statuses.includes(status)).length;
  }

  private take(row: RolloutDeviceRow): void {
    if (this.rows.get(row.device)?.status !== row.status) this.accepted.delete(row.device);
    this.rows.set(row.device, row);
    this.history.push(row);
  }

  private takeEvent(event: RolloutEvent): void {
    this.events.push(event);
    switch (event.kind) {
      case "wave-opened":
        this.opened.add(event.wave);
        break;
      case "gate-decided":
        if (event.decision.verdict === "proceed") this.passed.set(event.wave, event);
        break;
      case "resumed":
        this.phase = "running";
        for (const wave of this.opened) if (this.isEmpty(wave)) this.acceptedEmpty.add(wave);
        for (const { device, status } of this.rows.values()) if (BAD.includes(status)) this.accepted.add(device);
        break;
      case "paused":
      case "halted":
      case "aborted":
      case "completed":
        this.phase = event.kind;
        break;
      case "started":
        break;
    }
  }
}
