/**
 * All rollouts in memory, and the one way to change them: a draft is stored whole, and only then memory and agents know.
 *
 * Without the lease the book is closed: it holds nothing and writes nothing. A change of the feed concerns a rollout
 * once: what stands in its rows already is not told again when the feed is read again.
 */
import type { Signer } from "../../protocol/dsse.ts";
import { type DeviceId, newId, type RolloutId } from "../../protocol/ids.ts";
import type { Instant } from "../../protocol/time.ts";
import { isUp } from "../fleet/condition.ts";
import type { Fleet, FleetEffect } from "../fleet/fleet.ts";
import type { Clock, Random } from "../ports.ts";
import type { Gateway } from "../ports/gateway.ts";
import type { VerifyDevice } from "../ports/trust.ts";
import type { Store } from "../store.ts";
import type { Change, Cursor } from "../store/feed.ts";
import type { RolloutAppend, RolloutDeviceRow } from "../store/rollouts.ts";
import type { RolloutCommand } from "../rollout/types.ts";
import { type Draft, draftCommands, emptyDraft, isEmpty } from "./commands.ts";
import { earliest, hasRead } from "./cursors.ts";
import { interpret } from "./interpret.ts";
import type { Lease } from "./lease.ts";
import type { LiveRollout } from "./live-rollout.ts";
import { loadRollouts } from "./load.ts";
import { nextOfQueue } from "./mailbox-order.ts";
import type { Notices } from "./notices.ts";

export interface RolloutBookDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly gateway: Gateway;
  readonly verifyDevice: VerifyDevice;
  /** Signs wave orders. It proves freshness, not authority. */
  readonly online: Signer;
}

/** What was to be written is not: another controller leads, or the rollout has changed under this one. */
export class NotWritten extends Error {
  override readonly name = "NotWritten";
}

export class RolloutBook {
  private readonly deps: RolloutBookDeps;
  private readonly lease: Lease;
  private readonly notices: Notices;
  private live: Map<RolloutId, LiveRollout> | undefined;

  constructor(deps: RolloutBookDeps, lease: Lease, notices: Notices) {
    this.deps = deps;
    this.lease = lease;
    this.notices = notices;
  }

  /** Whether rollouts are known here at all. */
  get isOpen(): boolean {
    return this.live !== undefined;
  }

  get(id: RolloutId): LiveRollout | undefined {
    return this.live?.get(id);
  }

  all(): Iterable<LiveRollout> {
    return this.live?.values() ?? [];
  }

  close(): void {
    this.live = undefined;
  }

  /** Reads all rollouts again. Answers up to where the feed is folded into every one of them. */
  async open(fleet: Fleet, end: Cursor): Promise<Cursor> {
    const loaded = await loadRollouts(this.deps, fleet, () => true);
    this.live = new Map(); // until now people saw what was known before
    for (const rollout of loaded) this.adopt(rollout, fleet, this.live);
    return loaded.reduce((cursor, rollout) => earliest(cursor, rollout.cursor), end);
  }

  /** Takes in a rollout that was just stored. */
  async add(id: RolloutId, fleet: Fleet): Promise<LiveRollout> {
    const [rollout] = await loadRollouts(this.deps, fleet, (row) => row.id === id);
    if (rollout === undefined || this.live === undefined)
      throw new Error(`rollout ${id} was stored but cannot be read back`);
    this.adopt(rollout, fleet, this.live);
    this.notices.publish("rollout", id);
    return rollout;
  }

  /** Tells every engine what a change, or the passing of a window, meant for a device. */
  tell({ device, was }: FleetEffect, change?: Change): void {
    const isDown = isUp(device.condition) === false;
    const wasDown = was !== undefined && isUp(was.condition) === false;
    const at = change?.at ?? this.deps.clock.now();
    const { id } = device.row;
    for (const rollout of this.all()) {
      if (change !== undefined && hasRead(rollout.cursor, change)) continue;
      // Where it is not known whether a device serves anybody, or it was switched off, it takes no place in a budget.
      if (isDown !== wasDown) rollout.tell({ kind: "availability", device: device.row, up: !isDown });
      if (!rollout.has(id)) continue;
      if (was?.connected !== device.connected) {
        rollout.tell({ kind: "presence", device: id, connected: device.connected, at });
      }
      if (change !== undefined && change.body.kind !== "dropped") rollout.tell({ kind: "heard", device: id, at });
    }
  }

  /** Adds to the drafts what a change means for the device's rows. */
  interpret(change: Change, fleet: Fleet, drafts: Map<LiveRollout, Draft>): void {
    const device = fleet.get(change.deviceId);
    if (device === undefined) return;
    const witness = { publicKey: device.row.publicKey, verify: this.deps.verifyDevice };
    for (const rollout of this.all()) {
      if (hasRead(rollout.cursor, change)) continue;
      const row = rowIn(drafts, rollout, change.deviceId);
      const next = row === undefined ? undefined : interpret(row, change, witness);
      if (next === undefined) continue;
      const draft = draftOf(drafts, rollout);
      draft.rows.set(next.device, next);
      // Shut out in the middle: what it may still hold of its order, it is told to leave.
      if (change.body.kind === "standing" && next.order !== null)
        draft.withdrawals.push({ device: next.device, order: next.order });
    }
    const { kind } = change.body;
    if (kind === "order-ended" || kind === "order-refused") this.moveUp(change.deviceId, change.at, drafts);
  }

  /** What commands come to, not stored yet. */
  draft(rollout: LiveRollout, commands: readonly RolloutCommand[]): Draft {
    const now = this.deps.clock.now();
    const draft = emptyDraft();
    draftCommands(commands, draft, {
      now,
      plan: rollout.row.plan,
      row: (device) => rollout.mustHave(device),
      newOrderId: () => newId("order", now, this.deps.random(10)),
      makeOrder(order, device, wave) {
        const passedAt = rollout.state.waves[wave - 1]?.passed?.at ?? null;
        return rollout.orders.make(rollout.row.id, order, device, wave, passedAt, now);
      },
    });
    return draft;
  }

  /** Stores a draft in one transaction. @throws NotWritten; nothing was changed then */
  async write(rollout: LiveRollout, draft: Draft, cursor: Cursor): Promise<void> {
    const leaderEpoch = this.lease.epoch;
    if (leaderEpoch === undefined) throw new NotWritten("another controller leads");
    const { events, posts, recalls, withdrawals } = draft;
    const result = await this.deps.store.appendRollout({
      rollout: rollout.row.id,
      expectedVersion: rollout.version,
      leaderEpoch,
      events,
      rows: [...draft.rows.values()],
      posts,
      recalls,
      withdrawals,
      cursor,
    });
    if (result.kind !== "appended") {
      this.lease.doubt();
      throw new NotWritten(`the store refused it: ${result.kind}`);
    }
    rollout.version = result.version;
    rollout.cursor = cursor;
    const tooLate = new Set(recalls.filter(({ order }) => result.tooLate.includes(order)).map(({ device }) => device));
    rollout.take(draft, { queued: new Set(result.queued), tooLate });
    this.deps.gateway.stopOrders(withdrawals);
    this.deps.gateway.nudge([...posts, ...recalls].map(({ device }) => device)); // what lay behind is next
    if (!isEmpty(draft)) this.notices.publish("rollout", rollout.row.id);
    if (tooLate.size > 0) await this.write(rollout, this.handedOver(rollout, tooLate), cursor);
    await this.moveUpBehind(
      recalls.filter(({ device }) => !tooLate.has(device)),
      cursor,
    );
  }

  /** An order of the device has gone from its mailbox: the one that waited longest behind it is the next. */
  private moveUp(device: DeviceId, at: Instant, drafts: Map<LiveRollout, Draft>): void {
    const rows = [...this.all()].flatMap((rollout) => {
      const row = rowIn(drafts, rollout, device);
      return row === undefined ? [] : [{ ...row, rollout }];
    });
    const next = nextOfQueue(rows);
    if (next === undefined) return;
    const { rollout, ...row } = next;
    const detail = "the order before it has gone";
    draftOf(drafts, rollout).rows.set(device, { ...row, status: "offered", since: at, detail });
  }

  private async moveUpBehind(recalled: RolloutAppend["recalls"], cursor: Cursor): Promise<void> {
    const drafts = new Map<LiveRollout, Draft>();
    for (const { device } of recalled) this.moveUp(device, this.deps.clock.now(), drafts);
    for (const [rollout, draft] of drafts) await this.write(rollout, draft, cursor);
  }

  /** Offers that could not be taken back were handed over meanwhile: those devices have their orders. */
  private handedOver(rollout: LiveRollout, devices: Iterable<DeviceId>): Draft {
    const draft = emptyDraft();
    const since = this.deps.clock.now();
    for (const device of devices) {
      const row: RolloutDeviceRow = rollout.mustHave(device);
      draft.rows.set(device, {
        ...row,
        status: "running",
        since,
        detail: "was handed its order; it has not said so yet",
      });
    }
    return draft;
  }

  private adopt(rollout: LiveRollout, fleet: Fleet, into: Map<RolloutId, LiveRollout>): void {
    into.set(rollout.row.id, rollout);
    const at = this.deps.clock.now();
    for (const { row, condition, connected } of fleet.all()) {
      if (isUp(condition) === false) rollout.tell({ kind: "availability", device: row, up: false });
      if (rollout.has(row.id)) rollout.tell({ kind: "presence", device: row.id, connected, at });
    }
  }
}

function rowIn(
  drafts: ReadonlyMap<LiveRollout, Draft>,
  rollout: LiveRollout,
  device: DeviceId,
): RolloutDeviceRow | undefined {
  return drafts.get(rollout)?.rows.get(device) ?? rollout.rowOf(device);
}

function draftOf(drafts: Map<LiveRollout, Draft>, rollout: LiveRollout): Draft {
  const draft = drafts.get(rollout) ?? emptyDraft();
  drafts.set(rollout, draft);
  return draft;
}
