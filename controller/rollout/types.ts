/** The words of the rollout engine: what it is told, what it may command. Pure data. */
import type { DeviceId, OrderId, PlanId, RolloutId } from "../../protocol/ids.ts";
import type { Role, Site } from "../../protocol/names.ts";
import type { DeviceStatus, GateDecision, RolloutEvent } from "../../protocol/rollout.ts";
import type { Budgets, Freeze, Gate, MaintenanceWindow, Patience } from "../../protocol/strategy.ts";
import type { Instant } from "../../protocol/time.ts";

/** What never changes about a rollout. */
export interface RolloutDefinition {
  readonly id: RolloutId;
  readonly plan: PlanId;
  readonly waves: readonly {
    readonly name: string;
    readonly gate: Gate;
    readonly notBefore: Instant;
    readonly devices: readonly PlacedDevice[];
  }[];
  readonly budgets: Budgets;
  readonly windows: readonly MaintenanceWindow[];
  readonly freezes: readonly Freeze[];
  readonly patience: Patience;
  /** No order is offered from then on. */
  readonly validUntil: Instant;
  /** How many devices of the whole fleet stand at a site or have a role: what shares in budgets are shares of. */
  readonly siteSizes: ReadonlyMap<Site, number>;
  readonly roleSizes: ReadonlyMap<Role, number>;
}
export interface PlacedDevice {
  readonly id: DeviceId;
  readonly site: Site;
  readonly role: Role;
}

/** What the engine is told, one at a time. Times are the controller's. */
export type RolloutChange =
  | { readonly kind: "event"; readonly event: RolloutEvent }
  /** A device row as it was stored. */
  | {
      readonly kind: "device";
      readonly device: DeviceId;
      readonly status: DeviceStatus;
      readonly generation: number;
      readonly order: OrderId | null;
      readonly at: Instant;
    }
  /** A sign of life from a device of the rollout: it is not silent. */
  | { readonly kind: "heard"; readonly device: DeviceId; readonly at: Instant }
  /** A `withdraw` was stored: the device will be told, and need not be told again for this order. */
  | { readonly kind: "withdrawn"; readonly device: DeviceId; readonly order: OrderId }
  /** Can the device be handed an order now? */
  | { readonly kind: "presence"; readonly device: DeviceId; readonly connected: boolean; readonly at: Instant }
  /** Does the device serve its people? Of any device of the fleet: budgets count those outside the plan too. */
  | { readonly kind: "availability"; readonly device: PlacedDevice; readonly up: boolean };

/** What is to be done. The orchestrator stores each as events and rows, carries it out and tells the engine. */
export type RolloutCommand =
  | { readonly kind: "open-wave"; readonly wave: number; readonly deadline: Instant }
  /** `proceed` closes the gate for good; `stop` halts the rollout; the deadline pauses it. */
  | {
      readonly kind: "settle-gate";
      readonly wave: number;
      readonly decision: GateDecision;
      readonly then: "proceed" | "halt" | "pause";
    }
  | { readonly kind: "offer"; readonly device: DeviceId; readonly wave: number; readonly generation: number }
  /**
   * Take an offer back that was not taken: patience is over, or devices may not be taken now. Stored, the row is
   * `waiting` again. When it comes too late (an agent was handed the order), the row is stored as `running`: a device
   * that may have begun counts as begun, and is withdrawn, waited for or marked like any other.
   */
  | { readonly kind: "recall"; readonly device: DeviceId; readonly order: OrderId }
  /** Tell a device that may have begun to take no new step. Stored, the engine is told `withdrawn`. */
  | { readonly kind: "withdraw"; readonly device: DeviceId; readonly order: OrderId }
  | {
      readonly kind: "mark";
      readonly device: DeviceId;
      readonly status: "silent" | "timed-out";
      readonly because: string;
    }
  | { readonly kind: "complete"; readonly because: string };

export interface Decision {
  readonly commands: readonly RolloutCommand[];
  /** Why the rollout stands where it stands, in one sentence; shown in the console and kept with the events. */
  readonly because: string;
  /** What it waits for, most important first. */
  readonly waitsFor: readonly string[];
  /** When time alone may change the answer; null if only a change can. */
  readonly wakeAt: Instant | null;
}
