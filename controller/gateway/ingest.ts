/**
 * Durable ingest: what all connections bring while one commit runs goes into the next, as one transaction.
 *
 * A report is acknowledged only after the commit that holds it. Reports of one connection are stored in the order they
 * came, and once one of them is let go, none after it is stored: `through` must never count past a report we do not have.
 */
import type { Bus, Clock } from "../ports.ts";
import type { Store } from "../store.ts";
import type { IngestResult, PresenceReport, SerializedReport } from "../store/reports.ts";
import type { DeviceId, StreamId } from "../../protocol/ids.ts";
import type { GatewayCounters } from "./counters.ts";
import type { GatewayLimits } from "./limits.ts";
import type { GatewayLog } from "./log.ts";

/** The connection a report came by, as ingest sees it. */
export interface ReportSource {
  /** Set by `conflicted` and `letGo`: nothing that still waits from this source is stored. */
  readonly isAbandoned: boolean;
  /** A report is durable. Called in order; `settled` follows once for the whole batch. */
  stored(sequence: number): void;
  settled(): void;
  /** This number holds other bytes. */
  conflicted(sequence: number): void;
  /** The report could not be stored and is forgotten here; the agent still has it. */
  letGo(sequence: number): void;
  /** There is room again. */
  roomAgain(): void;
}

interface ReportEntry {
  readonly kind: "report";
  readonly report: SerializedReport;
  readonly source: ReportSource;
  readonly sizeBytes: number;
}
interface PresenceEntry {
  readonly kind: "presence";
  readonly report: PresenceReport;
}
type Entry = ReportEntry | PresenceEntry;

export interface IngestDeps {
  readonly store: Pick<Store, "ingest">;
  readonly stream: StreamId;
  readonly clock: Clock;
  readonly bus: Bus;
  readonly log: GatewayLog;
  readonly limits: GatewayLimits;
  readonly counters: GatewayCounters;
}

export class Ingest {
  private readonly deps: IngestDeps;
  private queue: Entry[] = [];
  private reports = 0;
  private bytes = 0;
  private running = false;
  private forgetLater: (() => void) | null = null;
  private stopped = false;
  private batchMax: number;
  private failuresInARow = 0;
  private failuresAlone = 0;
  private readonly held = new Set<ReportSource>();
  private readonly idleWaiters: (() => void)[] = [];

  constructor(deps: IngestDeps) {
    this.deps = deps;
    this.batchMax = deps.limits.batchMax;
  }

  /** Reports that are not durable yet, those in the running commit included. */
  get waiting(): number {
    return this.reports;
  }

  get isFull(): boolean {
    const { queueReportsMax, queueBytesMax } = this.deps.limits;
    return this.reports >= queueReportsMax || this.bytes >= queueBytesMax;
  }

  /** False if the queue is so full that even what was read before the pause no longer fits. */
  addReport(source: ReportSource, report: SerializedReport, sizeBytes: number): boolean {
    const { queueReportsMax, queueBytesMax } = this.deps.limits;
    if (this.reports >= 2 * queueReportsMax || this.bytes >= 2 * queueBytesMax) return false;
    this.reports++;
    this.bytes += sizeBytes;
    this.queue.push({ kind: "report", report, source, sizeBytes });
    this.wakeNow();
    return true;
  }

  addPresence(report: PresenceReport): void {
    this.queue.push({ kind: "presence", report });
    this.wakeLater();
  }

  /** Calls `roomAgain` of the source once, when the queue is no longer full. */
  holdUntilRoom(source: ReportSource): void {
    this.held.add(source);
  }

  forget(source: ReportSource): void {
    this.held.delete(source);
  }

  /** Resolves when nothing waits and no commit runs. */
  idle(): Promise<void> {
    if (!this.running && this.queue.length === 0) return Promise.resolve();
    this.wakeNow();
    return new Promise((resolve) => {
      this.idleWaiters.push(resolve);
    });
  }

  /** For good: what still waits is forgotten here, and agents send it again. */
  stop(): void {
    this.stopped = true;
    this.queue = [];
    this.forgetLater?.();
  }

  private wakeNow(): void {
    if (this.running || this.stopped) return;
    this.running = true;
    this.forgetLater?.();
    this.forgetLater = null;
    const { lingerMs } = this.deps.limits;
    const start = (): void => void this.run();
    if (lingerMs > 0) this.deps.clock.after(lingerMs, start);
    else setImmediate(start); // after all sockets that are ready now have been read
  }

  /** Nobody waits for presence to be acknowledged, and a commit of one costs as much as one of a hundred. */
  private wakeLater(): void {
    const { clock, limits } = this.deps;
    if (limits.presenceLingerMs === 0) this.wakeNow();
    else if (!this.running && !this.stopped) {
      this.forgetLater ??= clock.after(limits.presenceLingerMs, () => this.wakeNow());
    }
  }

  private async run(): Promise<void> {
    do {
      const batch = this.take();
      if (batch.length > 0) await this.commit(batch);
    } while (this.isUrgent && !this.stopped);
    this.running = false;
    if (this.queue.length > 0) this.wakeLater();
    else for (const resolve of this.idleWaiters.splice(0)) resolve();
  }

  /** Whether somebody waits for what is in the queue. */
  private get isUrgent(): boolean {
    const { presenceLingerMs } = this.deps.limits;
    return this.queue.length > 0 && (this.reports > 0 || this.idleWaiters.length > 0 || presenceLingerMs === 0);
  }

  /**
   * The next batch, oldest first. A batch holds reports or presence of a device, not both: the store may order them
   * either way, and a device that reported and then dropped must not look as if it had come back.
   */
  private take(): Entry[] {
    const batch: Entry[] = [];
    const later: Entry[] = [];
    const kinds = new Map<DeviceId, Entry["kind"] | "both">();
    let next = 0;
    for (; next < this.queue.length && batch.length < this.batchMax; next++) {
      const entry = this.queue[next] as Entry; // next < length
      if (entry.kind === "report" && entry.source.isAbandoned) {
        this.release(entry);
        continue;
      }
      const { deviceId } = entry.report;
      const kind = kinds.get(deviceId) ?? entry.kind;
      kinds.set(deviceId, kind === entry.kind ? kind : "both");
      (kind === entry.kind ? batch : later).push(entry);
    }
    this.queue = later.concat(this.queue.slice(next));
    return batch;
  }

  private async commit(batch: readonly Entry[]): Promise<void> {
    const { store, stream, counters, limits } = this.deps;
    const reports = batch.filter((entry) => entry.kind === "report");
    const presence = batch.filter((entry) => entry.kind === "presence").map(({ report }) => report);
    let results: readonly IngestResult[];
    try {
      results = await store.ingest(
        stream,
        reports.map(({ report }) => report),
        presence,
      );
      if (results.length !== reports.length) {
        throw new Error(`the store answered ${results.length} of ${reports.length} reports`);
      }
    } catch (error) {
      await this.failed(batch, error);
      return;
    }
    counters.commits++;
    this.failuresInARow = 0;
    this.failuresAlone = 0;
    this.batchMax = Math.min(limits.batchMax, this.batchMax * 2);
    this.tell(reports, results);
    if (presence.length > 0 || results.includes("stored")) this.wakeReaders();
    this.letIn();
  }

  private tell(reports: readonly ReportEntry[], results: readonly IngestResult[]): void {
    const { counters } = this.deps;
    const touched = new Set<ReportSource>();
    for (const [i, entry] of reports.entries()) {
      const { source, report } = entry;
      this.release(entry);
      touched.add(source);
      const result = results[i] ?? "conflict"; // as many results as reports: checked by the caller
      if (result === "conflict") {
        counters.replayConflicts++;
        source.conflicted(report.sequence);
      } else {
        if (result === "stored") counters.reportsStored++;
        else counters.reportsDuplicate++;
        source.stored(report.sequence);
      }
    }
    for (const source of touched) source.settled();
  }

  /** A reader's fault must not stop the writing. */
  private wakeReaders(): void {
    try {
      this.deps.bus.feedGrew();
    } catch (error) {
      this.deps.log.error({ err: error }, "a reader of the change feed failed; it looks again at the next change");
    }
  }

  /**
   * Nothing of the batch is durable: it is tried again, in halves, so that one entry which the store cannot take does
   * not hold up the others. A report that fails on its own is let go; its agent still has it.
   */
  private async failed(batch: readonly Entry[], error: unknown): Promise<void> {
    const { counters, limits, log, clock } = this.deps;
    counters.commitsFailed++;
    log.error(
      { err: error, entries: batch.length, waiting: this.reports },
      "the store took none of a batch: trying again",
    );
    const [first] = batch;
    this.failuresAlone = batch.length === 1 ? this.failuresAlone + 1 : 0;
    if (batch.length === 1 && first?.kind === "report" && this.failuresAlone >= limits.attemptsMax) {
      this.failuresAlone = 0;
      this.release(first);
      first.source.letGo(first.report.sequence);
      this.letIn();
    } else {
      this.queue = batch.concat(this.queue);
    }
    this.batchMax = Math.max(1, Math.floor(batch.length / 2));
    const delayMs = Math.min(limits.retryMaxMs, limits.retryMinMs * 2 ** Math.min(this.failuresInARow++, 20));
    await new Promise<void>((resolve) => {
      clock.after(delayMs, resolve);
    });
  }

  private release(entry: ReportEntry): void {
    this.reports--;
    this.bytes -= entry.sizeBytes;
  }

  /** At half the limit, so that reading does not stop and start with every batch. */
  private letIn(): void {
    const { queueReportsMax, queueBytesMax } = this.deps.limits;
    if (this.held.size === 0 || this.reports > queueReportsMax / 2 || this.bytes > queueBytesMax / 2) return;
    const sources = [...this.held];
    this.held.clear();
    for (const source of sources) source.roomAgain();
  }
}
