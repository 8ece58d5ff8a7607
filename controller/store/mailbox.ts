/** Orders on their way to a device: one mailbox each, one open order at a time. */
import type { Envelope } from "../../protocol/dsse.ts";
import type { DeviceId, OrderId, PlanId, RolloutId } from "../../protocol/ids.ts";
import type { Order } from "../../protocol/plan.ts";
import type { Instant } from "../../protocol/time.ts";

/** An order to post. Behind another open order of the device it is queued, and its device row says so. */
export interface MailboxPost {
  readonly device: DeviceId;
  readonly order: OrderId;
  readonly plan: PlanId;
  readonly envelope: Envelope;
}

/** An order as it lies or lay in its mailbox, with what the approver of its plan signed. */
export interface MailboxOrder {
  readonly order: OrderId;
  /** Counts the orders of the device, from 1. */
  readonly position: number;
  readonly plan: PlanId;
  readonly rollout: RolloutId;
  readonly envelope: Envelope;
  readonly statement: Envelope;
  /** `waiting`: no agent has it. `ended`: by the device's last word, or taken back before an agent had it. */
  readonly status: "waiting" | "handed" | "ended";
  readonly withdrawn: boolean;
  readonly handedAt: Instant | null;
}

export interface MailboxStore {
  /** What the agent may have now: its oldest open order, marked as handed, and withdrawals of handed orders. */
  takeMailbox(device: DeviceId, now: Instant): Promise<readonly Order[]>;
  /** Every order that was ever in a device's mailbox, newest first; with `before`, those older than that position. */
  ordersOf(device: DeviceId, limit: number, before?: number): Promise<readonly MailboxOrder[]>;
}
