/** The journal on disk and its fold in memory, never apart: a record counts when it is on the disk. */
import { z } from "zod";
import type { BootId } from "../../protocol/boot.ts";
import { compactJournal } from "../core/compact-journal.ts";
import { evolveJournal, foldJournal, type Journal, JournalCorrupt } from "../core/journal.ts";
import { type JournalEntry, JournalRecord } from "../core/journal-records.ts";
import { vouched, type Voucher } from "../core/step-receipt.ts";
import { ifWritable } from "./if-writable.ts";
import { type Clock, type RecordLog, RecordsDamaged } from "../ports.ts";

/** A process may run for months, and a controller gone wrong may offer orders without end. */
const RECORDS_BEFORE_COMPACTING = 2_500;

export class JournalBook {
  private readonly log: RecordLog;
  private readonly clock: Clock;
  private readonly bootId: BootId;
  private readonly voucher: Voucher;
  private readonly onRecord: (record: JournalRecord) => Promise<void>;
  private journal: Journal;
  /** Records whose telling is not assured yet; told in order. */
  private untold: readonly JournalRecord[];
  /** Records in the file. */
  private length: number;
  private compactAt = RECORDS_BEFORE_COMPACTING;

  private constructor(
    log: RecordLog,
    clock: Clock,
    bootId: BootId,
    voucher: Voucher,
    records: readonly JournalRecord[],
    onRecord: (record: JournalRecord) => Promise<void>,
    nFloor: number,
  ) {
    this.log = log;
    this.clock = clock;
    this.bootId = bootId;
    this.voucher = voucher;
    const journal = foldJournal(records);
    this.journal = { ...journal, n: Math.max(journal.n, nFloor) };
    this.untold = records;
    this.length = records.length;
    this.onRecord = onRecord;
  }

  /**
   * Numbers go on after `nFloor` even in an empty journal. `onRecord` is told of every record, old ones first, each after it is on the disk; it must know which it has had.
   * @throws JournalCorrupt
   */
  static async open(
    log: RecordLog,
    clock: Clock,
    bootId: BootId,
    voucher: Voucher,
    onRecord: (record: JournalRecord) => Promise<void>,
    nFloor = 0,
  ): Promise<JournalBook> {
    const parsed = z.array(JournalRecord).safeParse(await readWhole(log));
    if (!parsed.success) throw new JournalCorrupt(`the journal cannot be read: ${z.prettifyError(parsed.error)}`);
    const book = new JournalBook(log, clock, bootId, voucher, parsed.data, onRecord, nFloor);
    await ifWritable(async () => {
      await book.tell();
      await book.compact(parsed.data);
    });
    return book;
  }

  get state(): Journal {
    return this.journal;
  }

  /** Resolves when the record is on the disk and its report is in the outbox. @throws JournalCorrupt */
  async append(entry: JournalEntry): Promise<void> {
    await this.tell(); // while the outbox takes nothing, nothing is added that would have to be told
    const { clock, bootId } = this;
    const stamp = { n: this.journal.n + 1, bootId, uptimeMs: Math.floor(clock.uptimeMs()), at: clock.now() };
    const record = vouched({ ...entry, ...stamp }, this.journal.orders.get(entry.orderId), this.voucher);
    const next = evolveJournal(this.journal, record); // an illegal record is never written
    await this.log.append(record);
    this.journal = next;
    this.untold = [...this.untold, record];
    this.length++;
    await this.tell();
    if (this.length < this.compactAt) return;
    const records = z.array(JournalRecord).parse(await this.log.read());
    await ifWritable(() => this.compact(records));
  }

  /** Writes a long journal anew, shorter; what is remembered of it shrinks with it. Everything in it must have been told. */
  private async compact(records: readonly JournalRecord[]): Promise<void> {
    const compact = compactJournal(records);
    if (compact !== undefined) {
      await this.log.replace(compact);
      this.journal = { ...foldJournal(compact), n: this.journal.n };
      this.length = compact.length;
    }
    this.compactAt = this.length + RECORDS_BEFORE_COMPACTING;
  }

  private async tell(): Promise<void> {
    for (const record of this.untold) await this.onRecord(record);
    this.untold = [];
  }
}

async function readWhole(log: RecordLog): Promise<readonly unknown[]> {
  try {
    return await log.read();
  } catch (cause) {
    if (!(cause instanceof RecordsDamaged)) throw cause;
    throw new JournalCorrupt("the journal is damaged on the disk", { cause });
  }
}
