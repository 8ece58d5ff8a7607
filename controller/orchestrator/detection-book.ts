/**
 * Detection of whoever leads: opened with the lease, fed with what the orchestrator reads, saved now and then.
 *
 * What is in memory may be lost at any moment: what was saved and the feed from there give it back. A controller that does
 * not lead detects nothing; it shows what the leading one saved.
 */
import type { Cursor, Change, Store } from "../store.ts";
import type { Finding } from "../detection/types.ts";
import type { Fleet } from "../fleet/fleet.ts";
import type { StreamId } from "../../protocol/ids.ts";
import type { Clock, Log } from "../ports.ts";
import type { DetectionView } from "../../protocol/api-incidents.ts";
import type { Instant } from "../../protocol/time.ts";
import { GatewayLooks, lossNews } from "../watch/gateway-news.ts";
import { openWatch } from "../watch/open-watch.ts";
import { type ShownDetection, viewDetection } from "../watch/view.ts";
import type { MakeDetector, Watch } from "../watch/watch.ts";
import type { Lease } from "./lease.ts";
import { BEAT_MS } from "./pulse.ts";
import { NotWritten } from "./rollout-book.ts";

/** After a restart so much of the feed is told again at most. Each save costs what changed. */
const SAVE_EVERY_MS = 30_000;

export interface DetectionOptions {
  readonly makeDetector: MakeDetector;
  /** How much faster than real time: for drills on a fast clock. */
  readonly pace: number;
}
interface DetectionDeps {
  readonly store: Store;
  /** This process's own. */
  readonly stream: StreamId;
  readonly clock: Clock;
  readonly log: Log;
  readonly detection?: DetectionOptions;
}

export class DetectionBook {
  private readonly deps: DetectionDeps;
  private readonly lease: Lease;
  private live: { readonly watch: Watch; readonly epoch: number; readonly looks: GatewayLooks } | undefined;
  private lookedAt = 0;
  private savedAt = 0;

  constructor(deps: DetectionDeps, lease: Lease) {
    this.deps = deps;
    this.lease = lease;
  }

  /** Undefined where this controller does not detect. */
  get watch(): Watch | undefined {
    return this.live?.watch;
  }

  /** Goes on where it was saved, unless it is open under this lease. Answers from where the feed has to be read for it. */
  async open(fleet: Fleet, cursor: Cursor): Promise<Cursor> {
    const { store, clock, detection } = this.deps;
    const { epoch } = this.lease;
    if (detection === undefined || epoch === undefined) return cursor;
    if (this.live?.epoch !== epoch) {
      const now = clock.now();
      const watch = await openWatch({ store, fleet, cursor, now, ...detection });
      this.live = { watch, epoch, looks: new GatewayLooks() };
      this.lookedAt = 0;
      this.savedAt = now;
    }
    return this.live.watch.cursor;
  }

  close(): void {
    this.live = undefined;
  }

  /** As it is here, or as whoever detects has saved it last. Undefined until anybody has. */
  async view(): Promise<DetectionView | undefined> {
    const { store, clock } = this.deps;
    if (this.live !== undefined) return { ...viewDetection(this.live.watch), asOf: clock.now() };
    const row = await store.detection();
    if (row === undefined) return undefined;
    return { ...(JSON.parse(row.shown) as ShownDetection), asOf: row.at };
  }

  /** @param more the feed goes on */
  async take(changes: readonly Change[], more: boolean): Promise<readonly Finding[]> {
    const watch = this.live?.watch;
    if (watch === undefined) return [];
    watch.take(changes);
    const now = this.deps.clock.now();
    if (now < this.lookedAt || now >= this.lookedAt + BEAT_MS) await this.lookForGateways(now);
    const findings = watch.settle(now, more);
    if (findings.length > 0 || now >= this.savedAt + SAVE_EVERY_MS || now < this.savedAt) await this.save(now);
    return findings;
  }

  /** That one is lost is stored before detection hears of it: whoever goes on after this one tells it again. */
  private async lookForGateways(now: Instant): Promise<void> {
    const { store, stream: own, log } = this.deps;
    this.lookedAt = now;
    if (this.live === undefined) return;
    const { watch, epoch, looks } = this.live;
    const { goOn, stopped } = looks.look(await store.gateways(), own, now);
    for (const stream of goOn) watch.tellGateway({ kind: "goes-on", stream, at: now });
    for (const { stream, loss, wasSeen } of stopped) {
      const answer = await store.loseGateway({ leaderEpoch: epoch, stream, loss });
      if (answer === "stale-leader") this.giveWay();
      if (answer !== "lost") continue;
      if (wasSeen)
        log.warn(
          { stream, heardAt: loss.from },
          "another controller has stopped; its agents connect elsewhere, or wait",
        );
      for (const news of lossNews(stream, loss)) watch.tellGateway(news);
    }
  }

  private giveWay(): never {
    this.lease.doubt();
    this.close();
    throw new NotWritten("the store refused what detection found: another one leads");
  }

  /** @throws NotWritten if another one leads */
  async save(now: Instant): Promise<void> {
    if (this.live === undefined) return;
    const { watch, epoch } = this.live;
    const save = { ...watch.toSave(), leaderEpoch: epoch, shown: JSON.stringify(viewDetection(watch)) };
    if ((await this.deps.store.saveDetection(save)) === "stale-leader") this.giveWay();
    watch.saved();
    this.savedAt = now;
  }
}
