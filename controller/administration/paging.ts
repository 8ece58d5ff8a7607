/** Pages by key: a cursor is the id of the last item shown, so a page never shifts when devices come or go. Pure. */
import { DeviceId } from "../../protocol/ids.ts";
import { Refused } from "../ports/refused.ts";

/** @throws Refused for a cursor that no list gave out. */
export function cursorOf(cursor: string | undefined): DeviceId | null {
  if (cursor === undefined) return null;
  const parsed = DeviceId.safeParse(cursor);
  if (parsed.success) return parsed.data;
  throw new Refused("invalid-request", "The cursor is not one that this list gave out. Ask for the first page again.", [
    { path: "cursor", message: "not a cursor" },
  ]);
}

export interface Page<Item> {
  readonly items: readonly Item[];
  /** Where the next page begins; null at the end. */
  readonly next: string | null;
}

/** The first `limit` items that are wanted. */
export function takePage<Item>(
  items: Iterable<Item>,
  limit: number,
  wanted: (item: Item) => boolean,
  key: (item: Item) => string,
): Page<Item> {
  const page: Item[] = [];
  for (const item of items) {
    if (!wanted(item)) continue;
    const last = page.at(-1);
    if (page.length === limit && last !== undefined) return { items: page, next: key(last) };
    page.push(item);
  }
  return { items: page, next: null };
}
