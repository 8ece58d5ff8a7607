/** What the devices of a rollout were ordered and what they signed: for whoever verifies without the controller. */
import type { Envelope } from "../../protocol/dsse.ts";
import type { DeviceId, RolloutId } from "../../protocol/ids.ts";
import type { DeviceRow } from "./devices.ts";
import type { Change } from "./feed.ts";

/** A receipt as its device signed it, and where in the feed the report stands that carried it. */
export interface SignedReceipt extends Pick<Change, "stream" | "sequence"> {
  /** Of one step, or the last one of an order. */
  readonly of: "step" | "order";
  readonly receipt: Envelope;
}

/** What a device was ordered in a rollout, and what it has signed since the rollout began, of whichever order. */
export interface DeviceTrace extends Pick<DeviceRow, "name" | "publicKey" | "registeredAt" | "group"> {
  readonly device: DeviceId;
  /** Every one that was ever posted, oldest first. */
  readonly orders: readonly Envelope[];
  /** Oldest first. */
  readonly receipts: readonly SignedReceipt[];
}

export interface EvidenceStore {
  /** What its devices were ordered and what they signed, by device, those after `after`: for evidence. */
  rolloutTracesAfter(id: RolloutId, after: DeviceId | null, limit: number): Promise<readonly DeviceTrace[]>;
}
