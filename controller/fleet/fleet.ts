/**
 * The fleet in memory: every device with its last known state, and the counts that people and gates look at.
 *
 * Invariant: the counts always equal what a walk over all devices would give; a change costs its device, not the fleet.
 * Rebuilt from storage at start. Time, and which gateways run now, are passed in.
 */
import type { Condition } from "../../protocol/api.ts";
import type { Sha256 } from "../../protocol/canonical.ts";
import type { ContentSourceId } from "../../protocol/content.ts";
import type { DeviceStanding } from "../../protocol/enrolment.ts";
import type { DeviceId, StreamId } from "../../protocol/ids.ts";
import type { GroupName, Role, Site } from "../../protocol/names.ts";
import { type Instant, later } from "../../protocol/time.ts";
import type { KnownDevice, KnownState } from "../store/devices.ts";
import type { Change } from "../store/feed.ts";
import { conditionOf, isAtRest } from "./condition.ts";
import type { ContentIndex } from "./content-index.ts";
import { DeviceIndex, type DeviceQuestion, type PageWish } from "./device-index.ts";
import type { DevicePlace, DeviceSort } from "./slot-order.ts";
import type { Kinds } from "./device-columns.ts";
import { Departures, isGone } from "./departures.ts";
import { foldState } from "./device-state.ts";
import { Images } from "./images.ts";
import { KnownStates } from "./known-state.ts";
import { Tally } from "./tally.ts";

export interface FleetDevice {
  /** Where it stands in the fleet's index, for as long as the fleet is in memory. */
  readonly slot: number;
  readonly row: Omit<KnownDevice, "state">;
  readonly state: KnownState | null;
  readonly condition: Condition;
  readonly connected: boolean;
  /** Heard since the controller started, or its window has passed since then. */
  readonly known: boolean;
  /** Expected back, and gone for longer than its window. */
  readonly overdue: boolean;
  /** A machine of an image that was not heard for so long that it is taken for thrown away. */
  readonly gone: boolean;
  /** Does it stand in counts, and may plans be made for it? Who is not accepted does not; of an image one device does. */
  readonly counts: boolean;
}

/** What `settle` does not find out by itself. */
type Facts = Omit<FleetDevice, "condition" | "gone" | "counts">;

/** What a change meant for others: the orchestrator tells the engines. `was` is undefined for a device just taken in. */
export interface FleetEffect {
  readonly device: FleetDevice;
  readonly was: FleetDevice | undefined;
}

export interface FleetPage {
  readonly devices: readonly FleetDevice[];
  /** Devices that match, on whichever page. */
  readonly total: number;
  /** How many of these stand before this page. */
  readonly before: number;
  /** Devices of each condition that match in everything else. */
  readonly conditions: Readonly<Record<Condition, number>>;
}

export interface FleetSettings {
  /** How long a device may be gone without a goodbye before it is silent. */
  readonly silentAfterMs: number;
}

export class Fleet {
  private readonly slots = new Map<DeviceId, number>();
  /** By slot. */
  private readonly devices: FleetDevice[] = [];
  private readonly index = new DeviceIndex();
  private readonly states = new KnownStates();
  /** Devices that are expected back, with the time they went, in the order of going; those past their window are taken out. */
  private readonly missing = new Map<DeviceId, Instant>();
  private readonly settings: FleetSettings;
  private connectedCount = 0;
  private countedCount = 0;
  private readonly images = new Images();
  private readonly departures = new Departures();
  private goneCount = 0;
  /** Of all devices that are not gone, whether they count or not. */
  readonly standings = new Tally<DeviceStanding>();
  /** Of accepted devices: the trust document that each says it believes; null: it has not said. */
  readonly trustVersions = new Tally<number | null>();
  /** Names of groups that devices enrolled for. */
  readonly groups = new Tally<GroupName>();
  readonly conditions = new Tally<Condition>();
  readonly sites = new Tally<Site>();
  readonly roles = new Tally<Role>();

  constructor(settings: FleetSettings) {
    this.settings = settings;
  }

  /** All that are known and not gone. */
  get size(): number {
    return this.devices.length - this.goneCount;
  }
  /** Machines of images that are taken for thrown away: in no count and no list, unless they are asked for. */
  get gone(): number {
    return this.goneCount;
  }
  /** Those that count. */
  get counted(): number {
    return this.countedCount;
  }
  get connected(): number {
    return this.connectedCount;
  }

  get content(): ContentIndex {
    return this.index.content;
  }

  get(id: DeviceId): FleetDevice | undefined {
    const slot = this.slots.get(id);
    return slot === undefined ? undefined : this.devices[slot];
  }

  /** All devices by id, those after `after`. */
  *all(after: DeviceId | null = null): Generator<FleetDevice> {
    for (const slot of this.index.byIdAfter(after)) yield this.at(slot);
  }

  /** One page of the devices that a question means, with how many there are in all and in each condition. */
  page(question: DeviceQuestion, wish: PageWish): FleetPage {
    const { slots, ...counts } = this.index.page(question, wish);
    return { devices: slots.map((slot) => this.at(slot)), ...counts };
  }

  /** Which sites, roles and content versions there are among the devices that a question means. */
  kinds(question: DeviceQuestion): Kinds {
    return this.index.kinds(question);
  }

  /** The place of a device in an order, for the page after it. */
  placeOf({ slot }: FleetDevice, sort: DeviceSort): DevicePlace {
    return this.index.placeOf(slot, sort);
  }

  runs(id: DeviceId, source: ContentSourceId, sha256: Sha256): boolean {
    const content = this.get(id)?.state?.content ?? [];
    return content.some((version) => version.source === source && version.sha256 === sha256);
  }

  /**
   * Takes in a stored device: at start, or new. Until it is heard or its window from `now` has passed, it is unknown.
   * A registration that changed name, site or role replaces what was there and keeps what is known.
   */
  put(
    { id, publicKey, name, site, role, registeredAt, standing, group, image, state: stored }: KnownDevice,
    now: Instant,
  ): FleetEffect {
    const row = {
      id,
      publicKey,
      name,
      site: this.states.text(site),
      role: this.states.text(role),
      registeredAt,
      standing: this.states.text(standing),
      group: group === null ? null : this.states.text(group),
      image: image === null ? null : this.states.text(image),
    };
    const was = this.get(id);
    if (was !== undefined) return this.settle(was, { ...was, row }, now);
    const state = stored === null ? null : this.states.keep(stored, null);
    const known = isAtRest(state); // a stored goodbye still holds
    if (!known) this.missing.set(id, now);
    const facts = { row, state, connected: false, known, overdue: false, slot: this.devices.length };
    return this.settle(undefined, facts, now);
  }

  /** Takes in a change of the feed. `isLive`: does the gateway that wrote it run now? Connections of older ones are gone. */
  apply(change: Change, isLive: (stream: StreamId) => boolean): FleetEffect | undefined {
    const was = this.get(change.deviceId);
    if (was === undefined || change.body.kind === "registered") return undefined;
    if (change.body.kind === "standing") return this.stand(was, change.body.standing, change.at);
    const state = this.states.keep(foldState(was.state, change.body, change.at), was.state);
    if (!isLive(change.stream)) return this.settle(was, { ...was, state }, change.at);
    const { id } = was.row;
    if (change.body.kind !== "dropped") {
      this.missing.delete(id);
      return this.settle(was, { ...was, state, connected: true, known: true, overdue: false }, change.at);
    }
    this.missing.delete(id); // set again at the end, so that the Map stays in the order of going
    if (!isAtRest(state)) this.missing.set(id, change.at);
    return this.settle(was, { ...was, state, connected: false, known: true, overdue: false }, change.at);
  }

  /** Devices whose window has passed by `now` become silent, and machines of images gone. Cost follows how many do. */
  sweep(now: Instant): FleetEffect[] {
    const effects: FleetEffect[] = [];
    for (const [id, since] of this.missing) {
      if (later(since, this.settings.silentAfterMs) > now) break;
      this.missing.delete(id);
      const was = this.get(id);
      if (was !== undefined) effects.push(this.settle(was, { ...was, known: true, overdue: true }, now));
    }
    for (const id of this.departures.takeDue(now)) {
      const was = this.get(id);
      if (was !== undefined) effects.push(this.settle(was, was, now));
    }
    return effects;
  }

  /** When the next device becomes silent or gone if nothing is heard; null if none can. */
  nextSweepAt(): Instant | null {
    const first = this.missing.values().next();
    const silentAt = first.done === true ? null : later(first.value, this.settings.silentAfterMs);
    const goneAt = this.departures.nextAt();
    if (silentAt === null || goneAt === null) return silentAt ?? goneAt;
    return silentAt < goneAt ? silentAt : goneAt;
  }

  private stand(was: FleetDevice, standing: DeviceStanding, at: Instant): FleetEffect {
    return this.settle(was, { ...was, row: { ...was.row, standing: this.states.text(standing) } }, at);
  }

  private settle(was: FleetDevice | undefined, facts: Facts, now: Instant): FleetEffect {
    const gone = this.hasGone(facts, now);
    const mayStand = facts.row.standing === "accepted" && !gone;
    const others = this.images.settle(was?.row, facts, mayStand);
    const effect = this.place(was, { ...facts, gone }, mayStand && this.images.stands(facts.row));
    for (const id of others) {
      const other = this.get(id);
      if (other === undefined || id === facts.row.id) continue;
      const stands = other.row.standing === "accepted" && !other.gone && this.images.stands(other.row);
      if (stands !== other.counts) this.place(other, other, stands);
    }
    return effect;
  }

  /** Whoever is of an image and not connected is looked at again when it may be gone. */
  private hasGone({ row: { id, image, registeredAt }, state, connected }: Facts, now: Instant): boolean {
    const heardAt = state?.lastHeardAt ?? registeredAt;
    const gone = image !== null && !connected && isGone(heardAt, now);
    if (image === null || connected || gone) this.departures.forget(id);
    else this.departures.note(id, heardAt);
    return gone;
  }

  private place(
    was: FleetDevice | undefined,
    facts: Omit<FleetDevice, "condition" | "counts">,
    counts: boolean,
  ): FleetEffect {
    const device: FleetDevice = { ...facts, counts, condition: conditionOf(facts.state, facts) };
    const { slot } = device;
    this.devices[slot] = device;
    if (was === undefined) {
      this.slots.set(device.row.id, slot);
      this.index.add(slot, device);
    } else this.index.change(slot, was, device);
    this.standings.move(
      was?.gone === false ? was.row.standing : undefined,
      device.gone ? undefined : device.row.standing,
    );
    this.goneCount += Number(device.gone) - Number(was?.gone ?? false);
    this.trustVersions.move(was && believed(was), believed(device));
    this.groups.move(was?.row.group ?? undefined, device.row.group ?? undefined);
    const [before, after] = [was?.counts === true ? was : undefined, counts ? device : undefined];
    this.conditions.move(before?.condition, after?.condition);
    this.sites.move(before?.row.site, after?.row.site);
    this.roles.move(before?.row.role, after?.row.role);
    this.connectedCount += Number(after?.connected ?? false) - Number(before?.connected ?? false);
    this.countedCount += Number(after !== undefined) - Number(before !== undefined);
    return { device, was };
  }

  private at(slot: number): FleetDevice {
    return this.devices[slot] as FleetDevice; // the index has the slots that `settle` gave it
  }
}

/** Undefined for a device that is not accepted: what it says counts nowhere. */
const believed = ({ row, state }: FleetDevice): number | null | undefined =>
  row.standing === "accepted" ? (state?.trust?.trustVersion ?? null) : undefined;
