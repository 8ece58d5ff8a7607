/**
 * Detection of whoever leads: opened with the lease, fed with what the orchestrator reads, saved now and then.
 *
 * What is in memory may be lost at any moment: what was saved and the feed from there give it back. What was found is not
 * saved as said before it was acted on, so that no failure in between swallows a verdict. A controller that does not lead
 * detects nothing; it shows what the leading one saved.
 */
import type { Cursor, Change, Store } from "../store.ts";
import type { Finding } from "../detection/types.ts";
import type { Fleet } from "../fleet/fleet.ts";
import type { Clock } from "../ports.ts";
import type { DetectionView } from "../../protocol/api-incidents.ts";
import type { Instant } from "../../protocol/time.ts";
import { openWatch } from "../watch/open-watch.ts";
import { type ShownDetection, viewDetection } from "../watch/view.ts";
import type { MakeDetector, Watch } from "../watch/watch.ts";
import type { Lease } from "./lease.ts";
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
  readonly clock: Clock;
  readonly detection?: DetectionOptions;
}

export class DetectionBook {
  private readonly deps: DetectionDeps;
  private readonly lease: Lease;
  private live: { readonly watch: Watch; readonly epoch: number } | undefined;
  private savedAt = 0;
  /** Nobody has confirmed yet that it was acted on. */
  private found: readonly Finding[] = [];

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
      this.live = { watch: await openWatch({ store, fleet, cursor, now, ...detection }), epoch };
      this.found = []; // it is found again
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

  /** The same findings again and again, until `acted`. @param more the feed goes on */
  take(changes: readonly Change[], more: boolean): readonly Finding[] {
    const watch = this.live?.watch;
    if (watch === undefined) return [];
    watch.take(changes);
    this.found = [...this.found, ...watch.settle(this.deps.clock.now(), more)];
    return this.found;
  }

  /** What was found is acted on, and stored. @throws NotWritten if another one leads */
  async acted(): Promise<void> {
    const now = this.deps.clock.now();
    const isNews = this.found.length > 0;
    this.found = [];
    if (isNews || now >= this.savedAt + SAVE_EVERY_MS || now < this.savedAt) await this.save(now);
  }

  /** Not while something that was found waits. @throws NotWritten if another one leads */
  async save(now: Instant): Promise<void> {
    if (this.live === undefined || this.found.length > 0) return;
    const { watch, epoch } = this.live;
    const save = { ...watch.toSave(), leaderEpoch: epoch, shown: JSON.stringify(viewDetection(watch)) };
    if ((await this.deps.store.saveDetection(save)) === "stale-leader") {
      this.lease.doubt();
      this.close();
      throw new NotWritten("the store refused what detection remembers: another one leads");
    }
    watch.saved();
    this.savedAt = now;
  }
}
