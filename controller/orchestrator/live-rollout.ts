/**
 * One rollout in memory: what was stored of it, and the engine's state folded from that.
 *
 * Invariant: it knows only what the store holds, so it may be thrown away and loaded again at any time.
 */
import type { DeviceId, OrderId } from "../../protocol/ids.ts";
import type { RolloutEvent } from "../../protocol/rollout.ts";
import { lowerBound } from "../fleet/lower-bound.ts";
import type { Cursor } from "../store/feed.ts";
import type { PlanRow } from "../store/plans.ts";
import type { RolloutDeviceRow, RolloutRow } from "../store/rollouts.ts";
import { begin, evolve, type RolloutState } from "../rollout/engine.ts";
import type { RolloutChange, RolloutDefinition } from "../rollout/types.ts";
import type { Draft } from "./commands.ts";
import type { OrderMaker } from "./orders.ts";

/** What the store said of a transaction's mailbox changes. */
interface MailboxNews {
  /** Orders that lie behind another one of their device. */
  readonly queued: ReadonlySet<OrderId>;
  /** Devices whose offer could not be taken back. */
  readonly tooLate: ReadonlySet<DeviceId>;
}

export class LiveRollout {
  readonly row: RolloutRow;
  readonly plan: PlanRow;
  readonly definition: RolloutDefinition;
  readonly state: RolloutState;
  readonly orders: OrderMaker;
  readonly events: RolloutEvent[] = [];
  private readonly rows = new Map<DeviceId, RolloutDeviceRow>();
  /** Made when somebody first asks: the devices of a rollout never change. */
  private sortedIds: readonly DeviceId[] | undefined;
  version: number;
  cursor: Cursor;

  constructor(row: RolloutRow, plan: PlanRow, definition: RolloutDefinition, orders: OrderMaker) {
    this.row = row;
    this.plan = plan;
    this.definition = definition;
    this.orders = orders;
    this.state = begin(definition);
    this.version = row.version;
    this.cursor = row.cursor;
  }

  has(device: DeviceId): boolean {
    return this.rows.has(device);
  }

  rowOf(device: DeviceId): RolloutDeviceRow | undefined {
    return this.rows.get(device);
  }

  mustHave(device: DeviceId): RolloutDeviceRow {
    const row = this.rows.get(device);
    if (row === undefined) throw new Error(`the engine named ${device}, which is not in rollout ${this.row.id}`);
    return row;
  }

  /** Every device of the rollout. */
  allRows(): Iterable<RolloutDeviceRow> {
    return this.rows.values();
  }

  /** The same by id, those after `after`. */
  *rowsAfter(after: DeviceId | null): Generator<RolloutDeviceRow> {
    this.sortedIds ??= [...this.rows.keys()].sort();
    let i = after === null ? 0 : lowerBound(this.sortedIds, after);
    if (this.sortedIds[i] === after) i += 1;
    for (; i < this.sortedIds.length; i += 1) yield this.mustHave(this.sortedIds[i] as DeviceId); // i < length
  }

  tell(change: RolloutChange): void {
    evolve(this.state, change);
  }

  /** A transaction that stands in the store. */
  take(draft: Draft, { queued, tooLate }: MailboxNews): void {
    for (const row of draft.rows.values()) {
      if (tooLate.has(row.device)) continue;
      const isQueued = row.order !== null && queued.has(row.order);
      this.takeRow(isQueued ? { ...row, status: "queued", detail: "waits behind another order of this device" } : row);
    }
    for (const event of draft.events) this.takeEvent(event);
    for (const { device, order } of draft.withdrawals) this.tell({ kind: "withdrawn", device, order });
  }

  takeEvent(event: RolloutEvent): void {
    this.events.push(event);
    this.tell({ kind: "event", event });
  }

  takeRow(row: RolloutDeviceRow): void {
    const { device, status, generation, order, since } = row;
    this.rows.set(device, row);
    this.tell({ kind: "device", device, status, generation, order, at: since });
  }
}
