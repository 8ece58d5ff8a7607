/** What devices refused, newest first: kept beside the reports that say it, in the same transaction. */
import type { RefusalBody, RefusalRow, RefusalStore } from "../store/refusals.ts";
import type { IngestReport } from "../store/reports.ts";
import type { Bulk, Database } from "./database.ts";
import { decode, encode } from "./schema.ts";

export const refusalsPart = (database: Database): RefusalStore => ({
  async refusals(limit, before) {
    const rows = await database.db
      .selectFrom("refusals")
      .selectAll()
      .$if(before !== undefined, (query) =>
        query.where((of) => {
          const { at, device, sequence } = before as NonNullable<typeof before>; // looked at above
          return of(of.refTuple("at", "device", "sequence"), "<", of.tuple(at, device, sequence));
        }),
      )
      .orderBy("at", "desc")
      .orderBy("device", "desc")
      .orderBy("sequence", "desc")
      .limit(limit)
      .execute();
    return rows.map(({ device, sequence, at, body }): RefusalRow => ({ device, sequence, at, body: decode(body) }));
  },
});

const COLUMNS = ["device", "epoch", "sequence", "at", "body"] as const;

/** A withdrawal is no refusal: nothing has to be done about it. */
const isRefusal = (body: IngestReport["body"]): body is RefusalBody =>
  body.kind === "trust-refused" || (body.kind === "order-refused" && body.rule !== "withdrawn");

export async function keepRefusals(bulk: Bulk, reports: readonly IngestReport[]): Promise<void> {
  const rows = reports.flatMap(({ deviceId, epoch, sequence, receivedAt, body }) =>
    isRefusal(body) ? [{ device: deviceId, epoch, sequence, at: receivedAt, body: encode(body) }] : [],
  );
  if (rows.length > 0) await bulk.insert("refusals", COLUMNS, rows);
}
