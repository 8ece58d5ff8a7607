/**
 * Reports on their way to the controller: on disk until it has said that they are on its own.
 *
 * Memory stays flat while the controller is away: only the newest few texts are kept, older ones are read again from
 * the disk when they are sent.
 */
import { z } from "zod";
import { AGENT_FRAME_BYTES_MAX, ReportBody } from "../../protocol/frames.ts";
import type { EpochId, OrderId } from "../../protocol/ids.ts";
import {
  foldOutbox,
  isMarked,
  type Mark,
  makeRoom,
  type OutboxHead,
  OutboxRecord,
  type OutboxState,
  type StoredReport,
} from "../core/outbox-fold.ts";
import type { Log, RecordLog } from "../ports.ts";
import { ifWritable } from "./if-writable.ts";

export interface OutboxLimits {
  /** Reports on disk; past it room is made by `makeRoom`. About 600 bytes each. */
  readonly reportsMax: number;
  /** Acknowledged reports that may lie on disk before the file is written anew. */
  readonly staleMax: number;
  /** Texts in memory. */
  readonly cachedMax: number;
}
const LIMITS: OutboxLimits = { reportsMax: 10_000, staleMax: 500, cachedMax: 64 };

/** A report as it goes over the wire, again and again with the same bytes. */
export interface OutboxItem {
  readonly sequence: number;
  readonly text: string;
}

export class Outbox {
  private readonly log: RecordLog;
  private readonly newEpoch: () => EpochId;
  private readonly notes: Log;
  private readonly limits: OutboxLimits;
  private head: OutboxHead;
  /** Sequences waiting, in order. */
  private waiting: number[];
  private cache: readonly StoredReport[];
  private staleOnDisk = 0;
  private writing: Promise<unknown> = Promise.resolve();
  private onPut: () => void = () => undefined;
  private isConnected = false;

  private constructor(log: RecordLog, newEpoch: () => EpochId, notes: Log, limits: OutboxLimits, state: OutboxState) {
    this.log = log;
    this.newEpoch = newEpoch;
    this.notes = notes;
    this.limits = limits;
    this.head = state.head;
    this.waiting = state.reports.map(({ sequence }) => sequence);
    this.cache = state.reports.slice(-limits.cachedMax);
  }

  static async open(log: RecordLog, newEpoch: () => EpochId, notes: Log, limits = LIMITS): Promise<Outbox> {
    const parsed = z.array(OutboxRecord).safeParse(await log.read());
    const state = parsed.success ? foldOutbox(parsed.data) : undefined;
    if (state !== undefined) return new Outbox(log, newEpoch, notes, limits, state);
    // Lost or new: a new epoch, and the ledgers tell again what they hold. Told twice is better than never.
    const head: OutboxHead = { event: "head", epoch: newEpoch(), last: 0, handed: 0, marks: {}, dropped: 0 };
    await log.replace([head]);
    return new Outbox(log, newEpoch, notes, limits, { head, reports: [] });
  }

  get epoch(): EpochId {
    return this.head.epoch;
  }
  get length(): number {
    return this.waiting.length;
  }
  /** The newest sequence given in this epoch. */
  get last(): number {
    return this.head.last;
  }

  /** The newest sequence that a controller can have seen; it does not have more, unless this disk was put back. */
  get handed(): number {
    return this.head.handed;
  }

  /** Is the report of this in the outbox, or was it ever? */
  has(mark: Mark): boolean {
    return isMarked(this.head.marks, mark);
  }
  /** How far a numbered ledger is in the outbox. */
  numberOf(ledger: "content" | "journal"): number {
    return Number(this.head.marks[ledger] ?? 0);
  }

  /** Called after each report that was put. */
  set whenPut(call: () => void) {
    this.onPut = call;
  }

  /** Resolves when the report is on the disk. With a mark it is put once only, whatever crashes in between. */
  put(body: ReportBody, mark?: Mark): Promise<void> {
    return this.inTurn(async () => {
      if (mark !== undefined && this.has(mark)) return;
      const sequence = this.head.last + 1;
      const text = JSON.stringify({ type: "report", epoch: this.epoch, sequence, body: ReportBody.parse(body) });
      if (new TextEncoder().encode(text).length > AGENT_FRAME_BYTES_MAX) {
        this.notes.error("a report is too large to be sent and was left out", { kind: body.kind, bytes: text.length });
        return;
      }
      const orderId = orderOf(body);
      const report: StoredReport = {
        event: "report",
        sequence,
        kind: body.kind,
        ...(orderId === undefined ? {} : { orderId }),
        text,
        ...(this.isConnected ? { handed: true } : {}),
        ...(mark === undefined ? {} : { mark }),
      };
      await this.log.append(report);
      const marks = mark === undefined ? this.head.marks : { ...this.head.marks, [mark.of]: mark.is };
      const handed = this.isConnected ? sequence : this.head.handed;
      this.head = { ...this.head, last: sequence, handed, marks };
      this.waiting.push(sequence);
      this.cache = [...this.cache, report].slice(-this.limits.cachedMax);
      if (this.waiting.length > this.limits.reportsMax) await this.makeRoom();
      this.onPut();
    });
  }

  /** Resolves when everything that waits may be sent; what is put from now on may be sent at once. */
  handOver(): Promise<void> {
    return this.inTurn(async () => {
      const { last, handed } = this.head;
      if (handed < last) await this.log.append({ event: "handed", through: last });
      this.head = { ...this.head, handed: last };
      this.isConnected = true;
    });
  }
  /** The connection is gone: what is put from now on waits for the next `handOver`. */
  keepBack(): void {
    this.isConnected = false;
  }

  /** The next reports after `sequence`, oldest first. */
  async after(sequence: number, count: number): Promise<readonly OutboxItem[]> {
    const next = this.waiting.find((waiting) => waiting > sequence);
    if (next === undefined) return [];
    const from = this.cache.findIndex((report) => report.sequence === next);
    const reports = from >= 0 ? this.cache.slice(from) : await this.readFrom(next);
    return reports.slice(0, count).map((report) => ({ sequence: report.sequence, text: report.text }));
  }

  /** Does a report of this kind about this order wait here? Reads the disk: it is asked seldom. */
  async holds(kind: ReportBody["kind"], orderId: OrderId): Promise<boolean> {
    const waiting = await this.readFrom(this.waiting[0] ?? Number.POSITIVE_INFINITY);
    return waiting.some((report) => report.kind === kind && report.orderId === orderId);
  }

  /** The controller has everything of `epoch` up to `through` on its disk. */
  acknowledged(epoch: EpochId, through: number): Promise<void> {
    return this.inTurn(async () => {
      if (epoch !== this.epoch) return;
      const gone = this.waiting.findIndex((sequence) => sequence > through);
      const count = gone < 0 ? this.waiting.length : gone;
      if (count === 0) return;
      this.waiting.splice(0, count);
      this.cache = this.cache.filter(({ sequence }) => sequence > through);
      this.staleOnDisk += count;
      const dueEmpty = this.waiting.length === 0 && this.staleOnDisk >= 50;
      if (dueEmpty || this.staleOnDisk >= this.limits.staleMax)
        await ifWritable(async () => this.rewrite(await this.readFrom(through + 1)));
    });
  }

  /**
   * Begins a new epoch with what still waits. For when the controller holds other bytes under our numbers: this disk
   * was put back to an earlier state, as a restored snapshot is.
   */
  beginNewEpoch(): Promise<void> {
    return this.inTurn(async () => {
      await this.renumber(await this.readFrom(this.waiting[0] ?? Number.POSITIVE_INFINITY), 0);
    });
  }

  private async makeRoom(): Promise<void> {
    const reports = await this.readFrom(this.waiting[0] ?? 0);
    const { kept, boots } = makeRoom(reports, Math.floor(this.limits.reportsMax * 0.9));
    if (kept.length === reports.length) return;
    this.notes.error("the outbox is full: reports that later ones make good for were dropped", {
      dropped: reports.length - kept.length,
      ofThemBoots: boots,
    });
    await this.renumber(kept, boots);
  }

  /** A gap in the numbers would let an acknowledgement cover what never came, so a new epoch starts from 1. */
  private async renumber(kept: readonly StoredReport[], boots: number): Promise<void> {
    const epoch = this.newEpoch();
    const reports = kept.map((report, i) => {
      const { body } = JSON.parse(report.text) as { body: unknown };
      return { ...report, sequence: i + 1, text: JSON.stringify({ type: "report", epoch, sequence: i + 1, body }) };
    });
    await this.rewrite(reports, {
      ...this.head,
      epoch,
      last: reports.length,
      handed: 0,
      dropped: this.head.dropped + boots,
    });
    this.waiting = reports.map(({ sequence }) => sequence);
    this.cache = reports.slice(-this.limits.cachedMax);
    this.isConnected = false; // the connection that is there, if any, speaks of the old epoch
  }

  private async rewrite(reports: readonly StoredReport[], head = this.head): Promise<void> {
    await this.log.replace([head, ...reports.map(({ mark: _inHead, handed: _inHeadToo, ...report }) => report)]);
    this.head = head;
    this.staleOnDisk = 0;
  }

  private async readFrom(sequence: number): Promise<readonly StoredReport[]> {
    if (sequence > this.head.last) return [];
    const records = z.array(OutboxRecord).parse(await this.log.read());
    return records.filter((record) => record.event === "report").filter((report) => report.sequence >= sequence);
  }

  /** One change at a time; a failed one does not stop the next. */
  private inTurn(change: () => Promise<void>): Promise<void> {
    const done = this.writing.then(change);
    this.writing = done.catch(() => undefined);
    return done;
  }
}

function orderOf(body: ReportBody): string | undefined {
  if ("orderId" in body) return body.orderId;
  return body.kind === "step-progress" ? body.progress.orderId : undefined;
}
