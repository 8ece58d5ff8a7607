/**
 * An order of the devices of an index, walked a page at a time.
 *
 * A place in the order is a key, not a position: what comes or goes elsewhere neither shifts a page nor repeats a row.
 */
import type { DeviceId } from "../../protocol/ids.ts";

/** A place between devices: right at one that need not be there any more. Of devices that are equal else, ids decide. */
export type DevicePlace =
  | { readonly sort: "id"; readonly id: DeviceId }
  /** The name as it is compared, see `folded`. */
  | { readonly sort: "name"; readonly name: string; readonly id: DeviceId }
  /** The time, or 0 for a device that was never heard. */
  | { readonly sort: "last-heard"; readonly at: number; readonly id: DeviceId };
export type DeviceSort = DevicePlace["sort"];

/** By slot: 0 for one that is wanted. */
export type Matches = Uint8Array;

export interface SlotOrder {
  /** At most `limit` of the wanted slots after `place`, nearest first; from the beginning without a place. */
  after(wanted: Matches, place: DevicePlace | null, limit: number): number[];
  /** The same walk the other way: before `place`, nearest first; from the end without a place. */
  before(wanted: Matches, place: DevicePlace | null, limit: number): number[];
  /** How many of the wanted slots come before this one. */
  countBefore(wanted: Matches, slot: number): number;
}
