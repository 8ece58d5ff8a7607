/**
 * Cursors of the list of devices: the place of its first or last device, in words that an address can hold.
 *
 * A cursor holds a key, not a position, so a page neither shifts nor repeats a device when others come or go. Pure.
 */
import { DeviceId } from "../../protocol/ids.ts";
import { INSTANT_MAX } from "../../protocol/time.ts";
import type { PageWish } from "../fleet/device-index.ts";
import type { DevicePlace, DeviceSort } from "../fleet/slot-order.ts";
import { Refused } from "../ports/refused.ts";

type From = NonNullable<PageWish["from"]>;

export function writeCursor({ side, place }: From): string {
  const parts: string[] = [side, place.sort, place.id];
  if (place.sort === "name") parts.push(place.name);
  if (place.sort === "last-heard") parts.push(String(place.at));
  return parts.join(".");
}

/** @throws Refused for a cursor that no list in this order gave out */
export function readCursor(cursor: string, sort: DeviceSort): From {
  const [, side, sortedBy, id, rest] = /^(after|before)\.(name|last-heard|id)\.(\w+)(?:\.(.*))?$/.exec(cursor) ?? [];
  const place = sortedBy === sort ? placeIn(sort, DeviceId.safeParse(id).data, rest) : undefined;
  if (place !== undefined) return { side: side === "before" ? "before" : "after", place };
  throw new Refused(
    "invalid-request",
    "The cursor is not one that this list gave out in this order. Ask for the first page again.",
    [{ path: "cursor", message: "not a cursor of this list" }],
  );
}

function placeIn(sort: DeviceSort, id: DeviceId | undefined, rest: string | undefined): DevicePlace | undefined {
  if (id === undefined) return undefined;
  switch (sort) {
    case "id":
      return rest === undefined ? { sort, id } : undefined;
    case "name":
      return rest === undefined ? undefined : { sort, id, name: rest };
    case "last-heard": {
      const at = rest !== undefined && /^\d{1,16}$/.test(rest) ? Number(rest) : Infinity;
      return at <= INSTANT_MAX ? { sort, id, at } : undefined;
    }
  }
}
