/** Rollouts: events and one row a device, written in one transaction together with the mailboxes. */
import type { Sha256 } from "../../protocol/canonical.ts";
import type { DeviceId, OrderId, PlanId, RolloutId } from "../../protocol/ids.ts";
import type { DeviceStatus, RolloutEvent } from "../../protocol/rollout.ts";
import type { Instant } from "../../protocol/time.ts";
import type { Cursor } from "./feed.ts";
import type { MailboxPost } from "./mailbox.ts";

export interface RolloutDeviceRow {
  readonly device: DeviceId;
  readonly wave: number;
  readonly status: DeviceStatus;
  /** Counts the orders this device got in this rollout; 0 before the first. */
  readonly generation: number;
  readonly order: OrderId | null;
  readonly since: Instant;
  readonly detail: string | null;
}

export interface RolloutRow {
  readonly id: RolloutId;
  readonly plan: PlanId;
  readonly startedAt: Instant;
  /** Number of events; what the next append must expect. */
  readonly version: number;
  /** Up to where the change feed is folded into the device rows. */
  readonly cursor: Cursor;
}

/**
 * One transaction of a rollout: all of it, or nothing.
 *
 * `recalls` take back orders that no agent has been handed; `rows` of devices whose recall came too late are left out
 * and named in the answer. `withdrawals` mark orders that may have been handed: the agent is told to stop.
 */
export interface RolloutAppend {
  readonly rollout: RolloutId;
  readonly expectedVersion: number;
  readonly leaderEpoch: number;
  readonly events: readonly RolloutEvent[];
  readonly rows: readonly RolloutDeviceRow[];
  readonly posts: readonly MailboxPost[];
  readonly recalls: readonly { readonly device: DeviceId; readonly order: OrderId }[];
  readonly withdrawals: readonly { readonly device: DeviceId; readonly order: OrderId }[];
  readonly cursor: Cursor;
}

export type AppendResult =
  | {
      readonly kind: "appended";
      readonly version: number;
      readonly queued: readonly OrderId[];
      readonly tooLate: readonly OrderId[];
    }
  | { readonly kind: "stale-version"; readonly version: number }
  | { readonly kind: "stale-leader"; readonly leaderEpoch: number };

export interface RolloutStore {
  /**
   * Makes the rollout of a plan with all its device rows. False if the plan already has one, or its statement is not
   * `statement` any more.
   */
  createRollout(
    row: RolloutRow,
    devices: readonly RolloutDeviceRow[],
    started: RolloutEvent,
    statement: Sha256,
  ): Promise<boolean>;
  rollouts(): Promise<readonly RolloutRow[]>;
  rolloutEvents(id: RolloutId): Promise<readonly RolloutEvent[]>;
  rolloutDevicesAfter(id: RolloutId, after: DeviceId | null, limit: number): Promise<readonly RolloutDeviceRow[]>;
  appendRollout(append: RolloutAppend): Promise<AppendResult>;
}
