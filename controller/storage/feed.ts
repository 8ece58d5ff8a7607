/**
 * The change feed: every writing process has a stream of its own, numbered without gaps.
 *
 * A stream's end is moved in the transaction that appends, and its row stays locked until the commit: so the changes of
 * a stream become visible in order, a transaction that is rolled back leaves no gap, and a reader that has come to a
 * sequence has seen everything up to it. There is no order between streams.
 */
import type { Transaction } from "kysely";
import type { DeviceId, StreamId } from "../../protocol/ids.ts";
import type { Instant } from "../../protocol/time.ts";
import type { Change, Cursor, FeedStore } from "../store/feed.ts";
import type { IngestReport } from "../store/reports.ts";
import type { Bulk, Database } from "./database.ts";
import { decode, encode, type Json, type Tables } from "./schema.ts";

export interface NewChange {
  readonly at: Instant;
  readonly device: DeviceId;
  readonly body: Change["body"];
  /** Null for what no device reported. */
  readonly report:
    | (Pick<IngestReport, "epoch" | "sequence" | "digest"> & { readonly json: Json<Change["body"]> })
    | null;
}

const COLUMNS = ["stream", "sequence", "at", "month", "device", "epoch", "epoch_sequence", "digest", "body"] as const;

export async function appendChanges(
  db: Transaction<Tables>,
  bulk: Bulk,
  stream: StreamId,
  changes: readonly NewChange[],
): Promise<void> {
  const { last } = await db
    .insertInto("streams")
    .values({ id: stream, last: changes.length })
    .onConflict((conflict) =>
      conflict.column("id").doUpdateSet((set) => ({ last: set("streams.last", "+", changes.length) })),
    )
    .returning("last")
    .executeTakeFirstOrThrow();
  const before = last - changes.length;
  const rows = changes.map(({ at, device, body, report }, i) => ({
    stream,
    sequence: before + 1 + i,
    at,
    month: monthOf(at),
    device,
    epoch: report?.epoch ?? null,
    epoch_sequence: report?.sequence ?? null,
    digest: report?.digest ?? null,
    body: report?.json ?? encode(body),
  }));
  await bulk.insert("changes", COLUMNS, rows);
}

export const feedPart = (database: Database): FeedStore => ({
  async changesAfter(cursor, limit) {
    const changes: Change[] = [];
    const reached: Record<string, number> = { ...cursor };
    for (const { stream, from, to } of shares(await streamEnds(database), cursor, limit)) {
      const rows = await database.db
        .selectFrom("changes")
        .select(["sequence", "at", "device", "body"])
        .where("stream", "=", stream)
        .where("sequence", ">", from)
        .where("sequence", "<=", to)
        .orderBy("sequence")
        .execute();
      for (const { sequence, at, device, body } of rows) {
        changes.push({ stream, sequence, at, deviceId: device, body: decode(body) });
      }
      reached[stream] = to;
    }
    return { changes, cursor: reached };
  },

  async feedEnd() {
    return Object.fromEntries((await streamEnds(database)).map(({ id, last }) => [id, last]));
  },
});

const streamEnds = (database: Database): Promise<{ id: StreamId; last: number }[]> =>
  database.db.selectFrom("streams").select(["id", "last"]).execute();

interface Share {
  readonly stream: StreamId;
  readonly from: number;
  readonly to: number;
}

/**
 * Divides the limit evenly over the streams that have something to read; what one does not need goes to the others. If
 * there are more streams than the limit, those that wait with most go first, so that none waits for ever.
 */
function shares(ends: readonly { id: StreamId; last: number }[], cursor: Cursor, limit: number): readonly Share[] {
  const waiting = ends
    .map(({ id, last }) => ({ stream: id, from: cursor[id] ?? 0, last }))
    .filter(({ from, last }) => last > from)
    .sort((a, b) => b.last - b.from - (a.last - a.from))
    .slice(0, limit);
  const found: Share[] = [];
  let left = limit;
  // Smallest need first, so that what it leaves over is known when the larger ones are served.
  for (const [i, { stream, from, last }] of waiting.reverse().entries()) {
    const take = Math.min(last - from, Math.floor(left / (waiting.length - i)));
    left -= take;
    found.push({ stream, from, to: from + take });
  }
  return found;
}

function monthOf(at: Instant): number {
  const date = new Date(at);
  return date.getUTCFullYear() * 100 + date.getUTCMonth() + 1;
}
