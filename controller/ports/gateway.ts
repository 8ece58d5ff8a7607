/** What the orchestrator and the desks ask of the gateway: to tell connected agents something, or to ask them. */
import type { CheckAnswer, CheckQuestion } from "../../protocol/check.ts";
import type { DeviceStanding } from "../../protocol/enrolment.ts";
import type { DeviceId, OrderId } from "../../protocol/ids.ts";

export interface Gateway {
  /** Tells connected agents to look into their mailboxes. */
  nudge(devices: Iterable<DeviceId>): void;
  /** Tells connected agents what they have not got of trust and policy. */
  tellTrust(): void;
  /** Tells connected agents that know of them of stops and holds, at once. */
  tellPrecautions(frames: readonly string[]): void;
  /** Tells connected agents to take no new step of these orders, which are withdrawn in their mailboxes. */
  stopOrders(orders: Iterable<{ readonly device: DeviceId; readonly order: OrderId }>): void;
  /**
   * The record says something else of this device now. One that is revoked is closed at once; one that is pending or
   * cloned gets no more orders; one that is accepted may ask for them. Called after the commit, in every process that
   * has a gateway: a connection is held against the record only when it logs in.
   */
  standingChanged(device: DeviceId, standing: DeviceStanding): void;
  /** Says again in the feed who is connected: the others took this process for dead. */
  announce(): void;
}

/** What a device says to a question what steps would do there. */
export type DryRunAnswer =
  | CheckAnswer
  /** No answer yet. */
  | { readonly kind: "asked" }
  /** Its agent does not know such questions. */
  | { readonly kind: "too-old" }
  /** Not connected to this process, gone before it answered, or not to be given orders (pending, cloned). */
  | { readonly kind: "not-connected" }
  /** Connected, and said nothing in time. */
  | { readonly kind: "silent" };

/** Grows as answers come; `answers` has every device that was asked, in the order of asking. */
export interface DryRun {
  readonly answers: ReadonlyMap<DeviceId, DryRunAnswer>;
  /** No answer is `asked` any more: within a minute. */
  readonly done: Promise<void>;
}

/** Asks connected devices what steps would do there. Nothing is changed, stored or promised by it. */
export interface DryRuns {
  ask(devices: Iterable<DeviceId>, question: CheckQuestion): DryRun;
}
