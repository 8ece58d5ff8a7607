/**
 * Detection of whoever leads: opened with the lease, fed with what the orchestrator reads, saved now and then.
 *
 * What is in memory may be lost at any moment: what was saved and the feed from there give it back. What was found is not
 * saved as said before it was acted on, so that no failure in between swallows a verdict. A controller that does not lead
 * detects nothing; it shows what the leading one saved.
 */
import type { Store } from "../store.ts";
import type { DetectionSave } from "../store/detection.ts";
import type { Cursor, Change } from "../store/feed.ts";
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
/** Rows that are made, sent to the store's thread and written at once; a few milliseconds each. More go in parts. */
const PART_ROWS = 4_000;

export interface DetectionOptions {
  readonly makeDetector: MakeDetector;
  /** How much faster than real time: for drills on a fast clock. */
  readonly pace: number;
  /** Rows that are stored at once; for tests. */
  readonly partRows?: number;
}
interface DetectionDeps {
  readonly store: Store;
  /** This process's own. */
  readonly stream: StreamId;
  readonly clock: Clock;
  readonly log: Log;
  readonly detection?: DetectionOptions;
}

interface Live {
  readonly watch: Watch;
  readonly epoch: number;
  readonly looks: GatewayLooks;
}

type DetectionRows = Pick<DetectionSave, "devices" | "exposures">;
type WholeSave = Omit<DetectionSave, keyof DetectionRows | "hasParts">;

export class DetectionBook {
  private readonly deps: DetectionDeps;
  private readonly lease: Lease;
  private readonly partRows: number;
  private live: Live | undefined;
  private lookedAt = 0;
  /** In parts, while everything goes on. */
  private saving: Promise<void> | undefined;
  private isDue = false;
  private savedAt = 0;
  /** Nobody has confirmed yet that it was acted on. */
  private found: readonly Finding[] = [];

  constructor(deps: DetectionDeps, lease: Lease) {
    this.deps = deps;
    this.lease = lease;
    this.partRows = deps.detection?.partRows ?? PART_ROWS;
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
      await this.saving; // of the lease before: it is refused, or done
      if ((await this.takeParts(epoch)) === "stale-leader") this.giveWay();
      const now = clock.now();
      const watch = await openWatch({ store, fleet, cursor, now, ...detection });
      this.live = { watch, epoch, looks: new GatewayLooks() };
      this.lookedAt = 0;
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
  async take(changes: readonly Change[], more: boolean): Promise<readonly Finding[]> {
    const watch = this.live?.watch;
    if (watch === undefined) return [];
    watch.take(changes);
    const now = this.deps.clock.now();
    if (now < this.lookedAt || now >= this.lookedAt + BEAT_MS) await this.lookForGateways(now);
    this.found = [...this.found, ...watch.settle(now, more)];
    return this.found;
  }

  /** What was found is acted on, and that is stored. @throws NotWritten if another one leads */
  async acted(): Promise<void> {
    const now = this.deps.clock.now();
    this.isDue ||= this.found.length > 0 || now >= this.savedAt + SAVE_EVERY_MS || now < this.savedAt;
    this.found = [];
    if (!this.isDue || this.saving !== undefined) return;
    const saving = this.begin(now);
    if (saving.inParts) saving.done.catch((error: unknown) => this.logFailure(error));
    else await saving.done;
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

  /** Everything, and waits for it; not while something that was found waits. @throws NotWritten if another one leads */
  async save(now: Instant): Promise<void> {
    await this.saving;
    if (this.live !== undefined && this.found.length === 0) await this.begin(now).done;
  }

  private begin(now: Instant): { readonly inParts: boolean; readonly done: Promise<void> } {
    const { live } = this;
    if (live === undefined) return { inParts: false, done: Promise.resolve() };
    this.isDue = false;
    this.savedAt = now;
    const { watch, epoch: leaderEpoch } = live;
    const collected = watch.collect(this.partRows);
    const { parts, isOnePart } = collected.batch;
    const inParts = !isOnePart;
    const whole = { ...collected.head, leaderEpoch, shown: JSON.stringify(viewDetection(watch)) };
    const done = (inParts ? this.saveInParts(whole, parts) : this.saveAtOnce(whole, parts)).then(
      () => watch.saved(),
      (error: unknown) => {
        watch.notSaved(collected);
        this.isDue = true;
        throw error;
      },
    );
    if (inParts) {
      const settled = done.catch(() => undefined).then(() => void (this.saving = undefined));
      this.saving = settled; // whoever waits for its end; the fault is for its caller
    }
    return { inParts, done };
  }

  private async saveAtOnce(whole: WholeSave, parts: Iterable<DetectionRows>): Promise<void> {
    const [rows = { devices: [], exposures: [] }] = parts;
    await this.complete({ ...whole, ...rows, hasParts: false });
  }

  /** What was stored before counts until the last transaction, which says that the parts belong to it. */
  private async saveInParts(whole: WholeSave, parts: Iterable<DetectionRows>): Promise<void> {
    const { leaderEpoch } = whole;
    let isFirst = true;
    for (const rows of parts) {
      if ((await this.deps.store.stageDetection({ ...rows, leaderEpoch, isFirst })) !== "staged") this.giveWay();
      isFirst = false;
    }
    await this.complete({ ...whole, devices: [], exposures: [], hasParts: true });
    if ((await this.takeParts(leaderEpoch)) !== "done") this.giveWay();
  }

  private async complete(save: DetectionSave): Promise<void> {
    if ((await this.deps.store.saveDetection(save)) !== "saved") this.giveWay();
  }

  /** A save is whole only then; also one that another controller could not end. */
  private async takeParts(epoch: number): Promise<"done" | "stale-leader"> {
    for (;;) {
      const answer = await this.deps.store.takeDetectionParts(epoch, this.partRows);
      if (answer !== "more") return answer;
    }
  }

  private logFailure(error: unknown): void {
    this.deps.log.error(
      { error: String(error) },
      "what detection remembers could not be stored; what was stored before counts, and it is tried again",
    );
  }
}
