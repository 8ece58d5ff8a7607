/**
 * Reads the change feed, tells the engines, and has carried out what they decide. The only one who changes rollouts.
 *
 * One thing at a time: turns and requests of people pass through one queue, so nothing here is ever concurrent with
 * itself. A turn is short (a page of the feed, or what one look at each rollout decides), so that a person who presses
 * halt waits for one turn, not for the feed. Everything in memory can be thrown away at any await: loading it again
 * from the store gives the same.
 */
import { type DeviceId, type RolloutId, StreamId } from "../../protocol/ids.ts";
import type { RolloutEvent } from "../../protocol/rollout.ts";
import { type Instant, later } from "../../protocol/time.ts";
import { Fleet } from "../fleet/fleet.ts";
import type { Bus, Log } from "../ports.ts";
import type { Notifier } from "../ports/notices.ts";
import { Refused } from "../ports/refused.ts";
import type { VendorConnectors } from "../ports/vendors.ts";
import type { Change, Cursor } from "../store/feed.ts";
import type { PlanRow } from "../store/plans.ts";
import { decide } from "../rollout/engine.ts";
import { type Draft, emptyDraft } from "./commands.ts";
import { CrashBook } from "./crash-book.ts";
import { earliest, furthest, hasRead } from "./cursors.ts";
import { Decisions } from "./decisions.ts";
import { DetectionBook, type DetectionOptions } from "./detection-book.ts";
import { IncidentBook } from "./incident-book.ts";
import { haltRule, IncidentKeeper } from "./incident-keeper.ts";
import { Lease } from "./lease.ts";
import type { LiveRollout } from "./live-rollout.ts";
import { loadFleet } from "./load.ts";
import { Notices } from "./notices.ts";
import { Pulse } from "./pulse.ts";
import { Queue } from "./queue.ts";
import { NotWritten, RolloutBook, type RolloutBookDeps } from "./rollout-book.ts";

export interface OrchestratorDeps extends RolloutBookDeps {
  /** This process's stream in the change feed, and its name as a leader. */
  readonly stream: StreamId;
  readonly bus: Bus;
  readonly log: Log;
  /** Does the gateway that writes this stream run now? */
  readonly isLive: (stream: StreamId) => boolean;
  /** Why no device may get an order of this plan any more; undefined while its approvals count. Asked at every look. */
  readonly whyVoid: (plan: PlanRow) => string | undefined;
  /** The engine's decision; replaced only where a test must show that its gates are needed. */
  readonly decide?: typeof decide;
  readonly settings: OrchestratorSettings;
  /** Left out where nothing is to be detected. */
  readonly detection?: DetectionOptions;
  readonly vendors?: VendorConnectors;
  readonly notifier?: Notifier;
}

interface OrchestratorSettings {
  /** How long a device may be gone without a goodbye before it is silent. */
  readonly silentAfterMs: number;
  /** Another orchestrator may take over when this one was not heard of for so long. */
  readonly leaseMs: number;
}

/** Changes read from the feed at once. */
const CHANGES_MAX = 1_000;
/** A rollout's place in the feed is stored with its next change, or after this many changes at the latest. */
const CURSOR_LAG_MAX = 5_000;
/** When nothing else is due, look anyway: wake-ups may be lost. */
const IDLE_MS = 1_000;

export class Orchestrator {
  readonly deps: OrchestratorDeps;
  readonly notices: Notices;
  /** The evidence that is kept with incidents. */
  readonly crashes: CrashBook;
  readonly incidents: IncidentBook;
  readonly keeper: IncidentKeeper;
  readonly detection: DetectionBook;
  readonly startedAt: Instant;
  private readonly decisions: Decisions;
  private readonly queue = new Queue();
  private readonly lease: Lease;
  private readonly pulse: Pulse;
  private readonly book: RolloutBook;
  private currentFleet: Fleet;
  /** Up to where the feed is read for the rollouts, and for the fleet: after the book was opened it is read again. */
  private cursor: Cursor = {};
  private fleetCursor: Cursor = {};
  private changesSincePlaceKept = 0;
  /** The lease under which the book was read. After a failure nobody knows what was stored, so it is read again. */
  private bookEpoch: number | undefined;
  private forgetAlarm: (() => void) | undefined;
  private stopListening: (() => void) | undefined;
  private isWanted = false;
  private isFollowing = false;
  private stopped = false;

  constructor(deps: OrchestratorDeps) {
    this.deps = deps;
    this.startedAt = deps.clock.now();
    this.notices = new Notices(deps.stream);
    this.crashes = new CrashBook(deps.store);
    this.lease = new Lease(deps, deps.settings.leaseMs);
    this.pulse = new Pulse(deps);
    this.book = new RolloutBook(deps, this.lease, this.notices);
    this.decisions = new Decisions({ ...deps, decide: deps.decide ?? decide }, this.book);
    this.currentFleet = new Fleet(deps.settings);
    this.detection = new DetectionBook(deps, this.lease);
    this.incidents = new IncidentBook(deps, this.lease, this.notices);
    this.keeper = new IncidentKeeper(deps, {
      book: this.incidents,
      crashes: this.crashes,
      fleet: () => this.currentFleet,
      rollouts: () => this.book.all(),
      halt: (rollout, incident, because) => {
        const by = { kind: "engine", rule: haltRule(incident) } as const;
        return this.record(rollout, { kind: "halted", at: deps.clock.now(), by, because });
      },
      later: (work) => void this.run(work).catch((error: unknown) => this.logFailure(error)),
    });
  }

  get fleet(): Fleet {
    return this.currentFleet;
  }

  /** Whether this one may change rollouts now. */
  get leads(): boolean {
    return this.lease.epoch !== undefined;
  }

  /** How far the rollouts in memory have read the feed. */
  get position(): Cursor {
    return this.cursor;
  }

  /** Loads the fleet and, once it leads, the rollouts; then follows the feed until it is stopped. */
  async start(): Promise<void> {
    const { store, clock, settings, isLive, bus } = this.deps;
    const { fleet, cursor } = await loadFleet(store, new Fleet(settings), clock.now());
    this.currentFleet = fleet;
    await this.crashes.open(fleet);
    await this.incidents.open();
    // Who is connected stands in the streams of the gateways that run now: those are read from their beginning.
    this.cursor = Object.fromEntries(
      Object.entries(cursor).map(([stream, end]) => [stream, isLive(StreamId.parse(stream)) ? 0 : end]),
    );
    this.fleetCursor = this.cursor;
    this.stopListening = bus.onFeedGrew(() => this.poke());
    await this.catchUp();
  }

  /** Ends what is under way and gives the lease back, so that the next one leads at once. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.stopListening?.();
    await this.queue.run(async () => {
      this.forgetAlarm?.();
      if (this.leads)
        await this.detection.save(this.deps.clock.now()).catch((error: unknown) => this.logFailure(error));
      await this.lease.release().catch((error: unknown) => {
        this.deps.log.warn({ error: String(error) }, "the lease could not be given back; it runs out by itself");
      });
    });
  }

  /** Looks at the feed and the clock soon. Cheap to call often. */
  poke(): void {
    this.isWanted = true;
    if (!this.isFollowing && !this.stopped) void this.followFeed();
  }

  /** Returns when everything that stands in the feed now is known here and acted upon. */
  async catchUp(): Promise<void> {
    let more = true;
    while (more) more = await this.run(() => this.turn());
  }

  /**
   * Does something that people asked for, with nobody else in between, and at once what follows from it. It may come
   * before changes that lie in the feed already: a person does not wait for a thousand devices that report.
   */
  async exclusively<Value>(work: () => Promise<Value>): Promise<Value> {
    const value = await this.run(async () => {
      if (this.stopped) throw new Refused("unavailable", "The controller is stopping. Nothing was changed.");
      await this.keepLeading();
      return work();
    }).catch((error: unknown) => {
      if (!(error instanceof NotWritten)) throw error;
      throw new Refused("unavailable", "Another controller has taken over. Nothing was changed; try again there.");
    });
    // What was asked for is stored. What follows from it is tried again if it fails now.
    const more = await this.run(() => this.turn()).catch((error: unknown) => this.logFailure(error));
    if (more === true) this.poke();
    return value;
  }

  /** @throws Refused if there is none. */
  rolloutOf(id: RolloutId): LiveRollout {
    this.mustKnowRollouts();
    const rollout = this.book.get(id);
    if (rollout === undefined) throw new Refused("not-found", `There is no rollout ${id}.`);
    return rollout;
  }

  /** @throws Refused on a controller that only watches: it does not know how the rollouts stand. */
  newestFirst(): LiveRollout[] {
    this.mustKnowRollouts();
    return [...this.book.all()].sort((a, b) => b.row.startedAt - a.row.startedAt);
  }

  /** Stores an event of a person's making; the engine hears of it when it stands. Only inside `exclusively`. */
  async record(rollout: LiveRollout, event: RolloutEvent): Promise<void> {
    const draft = emptyDraft();
    draft.events.push(event);
    await this.book.write(rollout, draft, this.cursor);
  }

  /** Takes in a rollout that was just stored. Only inside `exclusively`. */
  async takeNewRollout(id: RolloutId): Promise<LiveRollout> {
    return this.book.add(id, this.fleet);
  }

  /** Takes in a device as it is stored: new, or with another name, site or role. */
  async takeDevice(id: DeviceId): Promise<void> {
    const row = await this.deps.store.device(id);
    if (row === undefined) return;
    const effect = this.fleet.put(row, this.deps.clock.now());
    const { device, was } = effect;
    this.book.tell(effect);
    // Budgets count it where it stands: rollouts are read again, with everyone in the right place.
    if (was !== undefined && (was.row.site !== device.row.site || was.row.role !== device.row.role))
      this.bookEpoch = undefined;
  }

  private mustKnowRollouts(): void {
    if (this.book.isOpen) return;
    throw new Refused(
      "unavailable",
      "This controller does not lead, so it does not know how the rollouts stand: another one does, or it is still starting. Try again in a few seconds.",
    );
  }

  /** One piece of work in the queue. After a failure the rollouts are read again before anything is decided. */
  private run<Value>(work: () => Promise<Value>): Promise<Value> {
    return this.queue.run(async () => {
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof Refused)) this.bookEpoch = undefined;
        if (error instanceof NotWritten) this.book.close(); // somebody else knows better how the rollouts stand
        throw error;
      } finally {
        this.setAlarm();
      }
    });
  }

  private async followFeed(): Promise<void> {
    this.isFollowing = true;
    while (this.isWanted && !this.stopped) {
      this.isWanted = false; // what comes in from here on is looked at once more
      const more = await this.run(() => this.turn()).catch((error: unknown) => this.logFailure(error));
      if (more === true) this.isWanted = true;
    }
    this.isFollowing = false;
  }

  private logFailure(error: unknown): void {
    this.deps.log.error(
      { error: String(error) },
      "the store could not be read or written; nothing was decided, and it is tried again",
    );
  }

  /** Takes in a page of the feed; when all is read, devices whose time is up, and what is decided on it. True for more. */
  private async turn(): Promise<boolean> {
    await this.pulse.keep();
    await this.keepLeading();
    const { changes, cursor } = await this.deps.store.changesAfter(this.cursor, CHANGES_MAX);
    await this.take(changes, cursor);
    const more = changes.length === CHANGES_MAX;
    const findings = await this.detection.take(changes, more);
    if (this.leads) {
      await this.keeper.turn(this.detection.watch, findings);
      await this.detection.acted();
    }
    if (more) {
      // A stop does not wait for facts; everything else does.
      await this.decisions.takeBack(this.cursor);
      return true;
    }
    await this.crashes.refresh(this.deps.clock.now());
    await this.incidents.refresh(this.deps.clock.now());
    const overdue = this.fleet.sweep(this.deps.clock.now());
    for (const effect of overdue) this.book.tell(effect);
    if (overdue.length > 0) this.notices.publish("fleet");
    return this.decisions.carryOut(this.cursor);
  }

  private async keepLeading(): Promise<void> {
    const epoch = await this.lease.keep();
    if (epoch === undefined) {
      this.book.close();
      this.detection.close();
    }
    if (epoch === this.bookEpoch) return;
    this.bookEpoch = undefined;
    if (epoch === undefined) return;
    // The feed is read again from where the rollout that lags most has stored its rows.
    const end = this.cursor;
    this.cursor = await this.book.open(this.fleet, end);
    this.cursor = earliest(this.cursor, await this.detection.open(this.fleet, end));
    await this.crashes.open(this.fleet);
    await this.incidents.open();
    this.bookEpoch = epoch;
  }

  private async take(changes: readonly Change[], cursor: Cursor): Promise<void> {
    if (changes.length === 0) return;
    const drafts = new Map<LiveRollout, Draft>();
    for (const change of changes) {
      if (!hasRead(this.fleetCursor, change)) await this.takeIntoFleet(change);
      this.book.interpret(change, this.fleet, drafts);
    }
    await this.writeDrafts(drafts, cursor, changes.length);
    await this.crashes.take(changes);
    this.cursor = cursor; // not before everything that follows from these changes is stored
    this.fleetCursor = furthest(this.fleetCursor, cursor);
    this.notices.publish("fleet");
  }

  private async takeIntoFleet(change: Change): Promise<void> {
    if (change.body.kind === "registered") return this.takeDevice(change.deviceId);
    // Whoever said so, at whichever controller: a connection was held against the record only when it logged in.
    if (change.body.kind === "standing") this.deps.gateway.standingChanged(change.deviceId, change.body.standing);
    const effect = this.fleet.apply(change, this.deps.isLive);
    if (effect !== undefined) this.book.tell(effect, change);
  }

  private async writeDrafts(drafts: ReadonlyMap<LiveRollout, Draft>, cursor: Cursor, changes: number): Promise<void> {
    this.changesSincePlaceKept += changes;
    const keepPlace = this.changesSincePlaceKept >= CURSOR_LAG_MAX;
    if (keepPlace) this.changesSincePlaceKept = 0;
    for (const rollout of this.book.all()) {
      const draft = drafts.get(rollout);
      if (draft !== undefined || keepPlace) await this.book.write(rollout, draft ?? emptyDraft(), cursor);
    }
  }

  /** Wakes when time alone may change something. */
  private setAlarm(): void {
    this.forgetAlarm?.();
    if (this.stopped) return;
    const now = this.deps.clock.now();
    const next = Math.min(later(now, IDLE_MS), this.fleet.nextSweepAt() ?? Infinity, this.decisions.wakeAt);
    this.forgetAlarm = this.deps.clock.after(Math.max(1, next - now), () => this.poke());
  }
}
