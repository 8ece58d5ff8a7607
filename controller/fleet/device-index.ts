/**
 * Lists of devices for people: filtered, searched, in an order, a page at a time, with the counts beside them.
 *
 * Invariant: page, total and counts always equal what a walk over all devices would give; a change costs its device, a
 * question one scan over the columns.
 */
import type { Condition } from "../../protocol/api.ts";
import type { DeviceId } from "../../protocol/ids.ts";
import type { KnownDevice, KnownState } from "../store/devices.ts";
import type { Bits } from "./bits.ts";
import { hasCrashed } from "./condition.ts";
import { ContentIndex } from "./content-index.ts";
import { DeviceColumns, type DeviceFilter, type Kinds } from "./device-columns.ts";
import { DeviceSearch } from "./device-search.ts";
import { KeptOrder } from "./kept-order.ts";
import { LastHeardOrder } from "./last-heard-order.ts";
import type { DevicePlace, DeviceSort, SlotOrder } from "./slot-order.ts";

/** What the index looks at of a device. */
export interface IndexedDevice {
  readonly row: Omit<KnownDevice, "state">;
  readonly state: KnownState | null;
  readonly condition: Condition;
  readonly connected: boolean;
  /** It is in no list, unless those that are gone are asked for. */
  readonly gone: boolean;
  /** What it runs is counted. */
  readonly counts: boolean;
}

const NOTHING: KnownState["content"] = [];
const countedContent = ({ counts, state }: IndexedDevice): KnownState["content"] =>
  counts ? (state?.content ?? NOTHING) : NOTHING;
const countedCrash = ({ counts, state }: IndexedDevice): boolean => counts && hasCrashed(state);

export interface DeviceQuestion extends DeviceFilter {
  /** In the name, whatever the case, or in the id. */
  readonly search?: string | undefined;
}

export interface PageWish {
  readonly sort: DeviceSort;
  readonly descending: boolean;
  /** The page that begins after the place, or that ends before it; the first page without. */
  readonly from: { readonly side: "after" | "before"; readonly place: DevicePlace } | null;
  readonly limit: number;
}

export interface IndexPage {
  readonly slots: readonly number[];
  readonly total: number;
  /** How many matching devices stand before this page. */
  readonly before: number;
  readonly conditions: Readonly<Record<Condition, number>>;
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

export class DeviceIndex {
  readonly content = new ContentIndex();
  private readonly columns = new DeviceColumns(this.content);
  private readonly search = new DeviceSearch();
  private readonly byId = new KeptOrder(
    (a, b) => this.compareIds(a, b),
    (slot, { id }) => this.compareIdTo(slot, id),
  );
  private readonly byName = new KeptOrder(
    (a, b) => compareText(this.search.nameOf(a), this.search.nameOf(b)) || this.compareIds(a, b),
    (slot, place) =>
      (place.sort === "name" ? compareText(this.search.nameOf(slot), place.name) : 0) ||
      this.compareIdTo(slot, place.id),
  );
  private readonly byLastHeard = new LastHeardOrder(this.byId);
  private readonly orders: Readonly<Record<DeviceSort, SlotOrder>> = {
    id: this.byId,
    name: this.byName,
    "last-heard": this.byLastHeard,
  };

  /** @param slot the next one: slots go up from 0 without a gap */
  add(slot: number, device: IndexedDevice): void {
    const { row, state } = device;
    this.columns.place(slot, row);
    this.columns.setStanding(slot, row.standing, device.gone);
    this.columns.setContent(slot, this.hold(device));
    this.columns.setState(slot, device.condition, device.connected, hasCrashed(state));
    this.search.set(slot, row.name, row.id);
    this.byLastHeard.set(slot, state?.lastHeardAt ?? null);
    this.byId.add(slot);
    this.byName.add(slot);
  }

  change(slot: number, was: IndexedDevice, device: IndexedDevice): void {
    const { row, state } = device;
    this.columns.setState(slot, device.condition, device.connected, hasCrashed(state));
    if (was.row.standing !== row.standing || was.gone !== device.gone)
      this.columns.setStanding(slot, row.standing, device.gone);
    this.byLastHeard.set(slot, state?.lastHeardAt ?? null);
    this.changeContent(slot, was, device);
    if (was.row === row) return;
    this.columns.place(slot, row);
    if (was.row.name === row.name) return;
    this.byName.remove(slot);
    this.search.set(slot, row.name, row.id);
    this.byName.add(slot);
  }

  /** Slots in the order of their ids, those after `after`. */
  byIdAfter(after: DeviceId | null): Iterable<number> {
    return this.byId.each(after === null ? null : { sort: "id", id: after });
  }

  page(question: DeviceQuestion, { sort, descending, from, limit }: PageWish): IndexPage {
    const { matches, total, conditions } = this.columns.scan(question, this.found(question));
    const order = this.orders[sort];
    const walk = (back: boolean, place: DevicePlace | null): number[] =>
      back === descending ? order.after(matches, place, limit) : order.before(matches, place, limit);
    let slots = from?.side === "before" ? walk(true, from.place).toReversed() : walk(false, from?.place ?? null);
    // Towards the beginning there are fewer than fill a page: then it is the first page.
    if (from?.side === "before" && slots.length < limit) slots = walk(false, null);
    const [first] = slots;
    if (first === undefined) return { slots, total, before: total, conditions };
    const below = order.countBefore(matches, first);
    return { slots, total, before: descending ? total - below - 1 : below, conditions };
  }

  kinds(question: DeviceQuestion): Kinds {
    return this.columns.kinds(question, this.found(question));
  }

  placeOf(slot: number, sort: DeviceSort): DevicePlace {
    const id = this.search.idOf(slot) as DeviceId; // what `add` was given
    switch (sort) {
      case "id":
        return { sort, id };
      case "name":
        return { sort, id, name: this.search.nameOf(slot) };
      case "last-heard":
        return { sort, id, at: this.byLastHeard.of(slot) };
    }
  }

  private changeContent(slot: number, was: IndexedDevice, device: IndexedDevice): void {
    const [hadCrashed, crashed] = [countedCrash(was), countedCrash(device)];
    const set = this.columns.contentOf(slot);
    if (countedContent(was) !== countedContent(device)) {
      this.columns.setContent(slot, this.hold(device)); // before the release: a set that stays keeps its number
      this.content.release(set, hadCrashed);
    } else if (hadCrashed !== crashed) this.content.recount(set, crashed);
  }

  private hold(device: IndexedDevice): number {
    const { row, state } = device;
    return this.content.hold(countedContent(device), countedCrash(device), state?.lastHeardAt ?? row.registeredAt);
  }

  private found({ search }: DeviceQuestion): Bits | undefined {
    return search === undefined ? undefined : this.search.matching(search);
  }

  private compareIds(a: number, b: number): number {
    return compareText(this.search.idOf(a), this.search.idOf(b));
  }
  private compareIdTo(slot: number, id: DeviceId): number {
    return compareText(this.search.idOf(slot), id);
  }
}
