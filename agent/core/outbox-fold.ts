/**
 * The outbox as records: reports that wait for the controller's acknowledgement.
 *
 * Invariants: a report's text never changes once it is stored, so a resend is the same bytes. Sequence numbers have no
 * gaps within an epoch. A ledger's record is put once: `marks` says how far each ledger is in the
 * outbox, in the same record as the report, so that no crash between the two can double or lose one.
 */
import { z } from "zod";
import { EpochId } from "../../protocol/ids.ts";

/** Numbered records of a ledger, or the newest boot of which this was told. */
const Marked = z.enum(["content", "journal", "boot-began", "boot-healthy"]);
export const Mark = z.strictObject({ of: Marked, is: z.union([z.int().min(1), z.string()]) });
export type Mark = z.infer<typeof Mark>;
const Marks = z.partialRecord(Marked, Mark.shape.is);
export type Marks = z.infer<typeof Marks>;

/** Was it put before? Numbers are put in order; of the others only the newest is known. */
export function isMarked(marks: Marks, { of, is }: Mark): boolean {
  const marked = marks[of];
  return typeof marked === "number" && typeof is === "number" ? marked >= is : marked === is;
}

/** What may be dropped in need, and when, is decided by what a report is about. */
export const StoredReport = z.strictObject({
  event: z.literal("report"),
  sequence: z.int().min(1),
  kind: z.string(),
  orderId: z.string().optional(),
  text: z.string(),
  /** Stored while a connection was there to send it at once. */
  handed: z.literal(true).optional(),
  mark: Mark.optional(),
});
export type StoredReport = z.infer<typeof StoredReport>;

/** Begins the file. Reports after it belong to its epoch. */
export const OutboxHead = z.strictObject({
  event: z.literal("head"),
  epoch: EpochId,
  /** No sequence up to this one is given again. */
  last: z.int().min(0),
  /** What may have been sent to a controller. It cannot have more of this epoch, or this disk was put back. */
  handed: z.int().min(0),
  marks: Marks,
  /** Boot reports that had to make room, for people to see. */
  dropped: z.int().min(0),
});
export type OutboxHead = z.infer<typeof OutboxHead>;
/** On the disk before anything that it covers is sent. */
const Handed = z.strictObject({ event: z.literal("handed"), through: z.int().min(1) });
export const OutboxRecord = z.discriminatedUnion("event", [OutboxHead, StoredReport, Handed]);
export type OutboxRecord = z.infer<typeof OutboxRecord>;

export interface OutboxState {
  readonly head: OutboxHead;
  readonly reports: readonly StoredReport[];
}

/** Nothing if there is no head: the outbox is new or lost, and a new epoch begins. */
export function foldOutbox(records: readonly OutboxRecord[]): OutboxState | undefined {
  const first = records[0];
  if (first?.event !== "head") return undefined;
  const marks = { ...first.marks };
  const reports: StoredReport[] = [];
  let { handed } = first;
  for (const record of records.slice(1)) {
    if (record.event === "head") return undefined;
    if (record.event === "handed") {
      handed = Math.max(handed, record.through);
      continue;
    }
    if (record.handed === true) handed = record.sequence;
    if (record.mark !== undefined) marks[record.mark.of] = record.mark.is;
    reports.push(record);
  }
  return { head: { ...first, marks, handed, last: Math.max(first.last, reports.at(-1)?.sequence ?? 0) }, reports };
}

/**
 * Makes room, most expendable first. Receipts and acceptances are never dropped.
 *
 * 1. Progress of orders whose receipt is here: the receipt says all of it.
 * 2. Content changes and goodbyes before the newest boot report: that report lists what is on the disk.
 * 3. The oldest boots but for the first: later ones say how many tries there were, and `dropped` counts them.
 * 4. The oldest refusals: so many come of a controller gone wrong, and an order that is offered again is answered again.
 */
export function makeRoom(reports: readonly StoredReport[], max: number): { kept: StoredReport[]; boots: number } {
  const ended = new Set(reports.filter(({ kind }) => kind === "order-ended").map(({ orderId }) => orderId));
  const newestBoot = reports.findLastIndex(({ kind }) => kind === "boot-began");
  let kept = reports.filter(({ kind, orderId }, i) => {
    if (kind === "step-progress") return !ended.has(orderId);
    if (kind === "content-changed" || kind === "leaving") return i > newestBoot;
    return true;
  });
  if (kept.length <= max) return { kept, boots: 0 };
  const newest = kept.findLastIndex(({ kind }) => kind === "boot-began");
  const expendable = kept.slice(0, newest).filter(({ kind }) => kind === "boot-began" || kind === "boot-healthy");
  const gone = new Set(expendable.slice(1, 1 + kept.length - max));
  kept = kept.filter((report) => !gone.has(report));
  const refusals = kept.filter(({ kind }) => kind === "order-refused");
  const tooMany = new Set(refusals.slice(0, Math.max(0, kept.length - max)));
  kept = kept.filter((report) => !tooMany.has(report));
  return { kept, boots: [...gone].filter(({ kind }) => kind === "boot-began").length };
}
