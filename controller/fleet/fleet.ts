/**
 * The fleet in memory: every device with its last known state, and the counts that people and gates look at.
 *
 * Invariant: the counts always equal what a walk over all devices would give; a change costs its device, not the fleet.
 * Rebuilt from storage at start. Time, and which gateways run now, are passed in.
 */
import type { Condition } from "../../protocol/api.ts";
import type { Sha256 } from "../../protocol/canonical.ts";
import type { ContentSourceId } from "../../protocol/content.ts";
import type { DeviceId, StreamId } from "../../protocol/ids.ts";
import type { Role, Site } from "../../protocol/names.ts";
import { type Instant, later } from "../../protocol/time.ts";
import type { Change, DeviceRow, DeviceState } from "../ports.ts";
import { conditionOf, hasCrashed, isAtRest } from "./condition.ts";
import { ContentIndex } from "./content-index.ts";
import { foldState } from "./device-state.ts";
import { lowerBound } from "./lower-bound.ts";
import { Tally } from "./tally.ts";

export interface FleetDevice {
  readonly row: Omit<DeviceRow, "state">;
  readonly state: DeviceState | null;
  readonly condition: Condition;
  readonly connected: boolean;
  /** Heard since the controller started, or its window has passed since then. */
  readonly known: boolean;
  /** Expected back, and gone for longer than its window. */
  readonly overdue: boolean;
}

/** What a change meant for others: the orchestrator tells the engines. `was` is undefined for a device just taken in. */
export interface FleetEffect {
  readonly device: FleetDevice;
  readonly was: FleetDevice | undefined;
}

export interface FleetSettings {
  /** How long a device may be gone without a goodbye before it is silent. */
  readonly silentAfterMs: number;
}

export class Fleet {
  private readonly devices = new Map<DeviceId, FleetDevice>();
  private readonly sortedIds: DeviceId[] = [];
  /** Devices that are expected back, with the time they went, in the order of going; those past their window are taken out. */
  private readonly missing = new Map<DeviceId, Instant>();
  private readonly settings: FleetSettings;
  private connectedCount = 0;
  readonly conditions = new Tally<Condition>();
  readonly sites = new Tally<Site>();
  readonly roles = new Tally<Role>();
  readonly content = new ContentIndex();

  constructor(settings: FleetSettings) {
    this.settings = settings;
  }

  get size(): number {
    return this.devices.size;
  }
  get connected(): number {
    return this.connectedCount;
  }

  get(id: DeviceId): FleetDevice | undefined {
    return this.devices.get(id);
  }

  /** All devices by id, those after `after`. */
  *all(after: DeviceId | null = null): Generator<FleetDevice> {
    let i = after === null ? 0 : lowerBound(this.sortedIds, after);
    if (this.sortedIds[i] === after) i++;
    for (; i < this.sortedIds.length; i++) {
      const device = this.devices.get(this.sortedIds[i] as DeviceId); // i < length
      if (device !== undefined) yield device;
    }
  }

  runs(id: DeviceId, source: ContentSourceId, sha256: Sha256): boolean {
    const content = this.devices.get(id)?.state?.content ?? [];
    return content.some((version) => version.source === source && version.sha256 === sha256);
  }

  /**
   * Takes in a stored device: at start, or new. Until it is heard or its window from `now` has passed, it is unknown.
   * A registration that changed name, site or role replaces what was there and keeps what is known.
   */
  put({ state, ...row }: DeviceRow, now: Instant): FleetEffect {
    const was = this.devices.get(row.id);
    if (was !== undefined) return this.settle(was, { ...was, row });
    this.sortedIds.splice(lowerBound(this.sortedIds, row.id), 0, row.id);
    const known = isAtRest(state); // a stored goodbye still holds
    if (!known) this.missing.set(row.id, now);
    return this.settle(undefined, { row, state, connected: false, known, overdue: false });
  }

  /** Takes in a change of the feed. `isLive`: does the gateway that wrote it run now? Connections of older ones are gone. */
  apply(change: Change, isLive: (stream: StreamId) => boolean): FleetEffect | undefined {
    const was = this.devices.get(change.deviceId);
    if (was === undefined || change.body.kind === "registered") return undefined;
    const state = foldState(was.state, change.body, change.at);
    if (!isLive(change.stream)) return this.settle(was, { ...was, state });
    const { id } = was.row;
    if (change.body.kind !== "dropped") {
      this.missing.delete(id);
      return this.settle(was, { ...was, state, connected: true, known: true, overdue: false });
    }
    this.missing.delete(id); // set again at the end, so that the Map stays in the order of going
    if (!isAtRest(state)) this.missing.set(id, change.at);
    return this.settle(was, { ...was, state, connected: false, known: true, overdue: false });
  }

  /** Devices whose window has passed by `now` become silent. Cost follows how many do. */
  sweep(now: Instant): FleetEffect[] {
    const effects: FleetEffect[] = [];
    for (const [id, since] of this.missing) {
      if (later(since, this.settings.silentAfterMs) > now) break;
      this.missing.delete(id);
      const was = this.devices.get(id);
      if (was !== undefined) effects.push(this.settle(was, { ...was, known: true, overdue: true }));
    }
    return effects;
  }

  /** When the next device becomes silent if nothing is heard; null if none can. */
  nextSweepAt(): Instant | null {
    const first = this.missing.values().next();
    return first.done === true ? null : later(first.value, this.settings.silentAfterMs);
  }

  private settle(was: FleetDevice | undefined, facts: Omit<FleetDevice, "condition">): FleetEffect {
    const device: FleetDevice = { ...facts, condition: conditionOf(facts.state, facts) };
    this.devices.set(device.row.id, device);
    this.conditions.move(was?.condition, device.condition);
    this.sites.move(was?.row.site, device.row.site);
    this.roles.move(was?.row.role, device.row.role);
    this.connectedCount += Number(device.connected) - Number(was?.connected ?? false);
    this.content.replace(
      { content: was?.state?.content ?? [], crashed: hasCrashed(was?.state ?? null) },
      { content: device.state?.content ?? [], crashed: hasCrashed(device.state) },
      device.state?.lastHeardAt ?? device.row.registeredAt,
    );
    return { device, was };
  }
}
